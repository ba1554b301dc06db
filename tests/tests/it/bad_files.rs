//! Files that can't be read cost nothing but themselves.

use ingestd_tests::{bills, csv, on_each_engine};

#[tokio::test]
async fn check_says_in_a_sentence_why_a_file_can_not_be_read() {
    on_each_engine(async |world| {
        world.write("empty.csv", "");
        world.write("letter.csv", "Dear parents,Fees are due\nKind,regards\n");
        std::fs::create_dir(world.folder().join("folder.csv")).unwrap();
        world.write("page.xlsx", "<html><body>no workbook</body></html>");
        for (file, words) in [
            ("empty.csv", "empty"),
            ("letter.csv", "Dear parents"),
            ("folder.csv", "folder"),
            ("page.xlsx", "page.xlsx"),
            ("absent.csv", "absent.csv"),
        ] {
            let ran = world.command(&["check", file]).await.ended_with(3);
            ran.says(words).in_one_sentence();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_file_is_put_aside_with_its_reason_and_the_next_one_is_billed() {
    on_each_engine(async |world| {
        world.drop_sheet("a-empty.csv", b"");
        world.drop_sheet("b-letter.csv", b"Dear parents,Fees are due\nKind,regards\n");
        world.drop_sheet("c-fees.csv", &csv(&bills("U", 5)));
        world.drop_sheet("~$c-fees.csv", b"a lock, no sheet");
        world.drop_sheet("d-fees.csv.part", b"half a download");
        std::fs::create_dir(world.inbox().join("e-folder.csv")).unwrap();
        world.run_once().await.ended_with(1);

        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 5)].into()
        );
        assert_eq!(
            world.names_in("unreadable"),
            [
                "a-empty.csv",
                "a-empty.csv.why.txt",
                "b-letter.csv",
                "b-letter.csv.why.txt"
            ]
        );
        let why =
            std::fs::read_to_string(world.inbox().join("unreadable/b-letter.csv.why.txt")).unwrap();
        assert!(
            why.contains("Dear parents") && why.contains("Fees are due"),
            "the headings found: {why}"
        );
        assert_eq!(world.file("a-empty.csv").await["state"], "unreadable");
        assert_eq!(world.file("c-fees.csv").await["state"], "settled");
        assert_eq!(
            world.names_in(""),
            [
                "d-fees.csv.part",
                "done",
                "e-folder.csv",
                "results",
                "unreadable",
                "~$c-fees.csv"
            ]
        );
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_file_that_is_mended_is_taken() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", b"");
        world.run_once().await.ended_with(1);
        world.drop_sheet("fees.csv", &csv(&bills("M", 2)));
        world.run_once().await.ended_with(0);
        assert_eq!(world.states("school").await["billed"], 2);
        assert_eq!(world.names_in("done"), ["fees.csv"]);
    })
    .await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_may_not_be_read_is_named_and_a_run_does_not_end_as_if_all_were_done() {
    use std::os::unix::fs::PermissionsExt;
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("P", 2)));
        world.drop_sheet("closed.csv", &csv(&bills("C", 3)));
        let closed = world.inbox().join("closed.csv");
        let permit = |mode| {
            std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        permit(0o000);
        if std::fs::File::open(&closed).is_ok() {
            // The superuser may read it all the same; then it is a sheet like any other.
            world.run_once().await.ended_with(0);
            assert_eq!(world.names_in("done"), ["closed.csv", "fees.csv"]);
            return;
        }
        let ran = world.run_once().await.ended_with(1);
        assert!(
            ran.stderr
                .lines()
                .any(|line| line.contains("WARN") && line.contains("closed.csv")),
            "{}",
            ran.stderr
        );
        assert_eq!(world.states("school").await["billed"], 2);
        assert!(closed.is_file());
        permit(0o644);
        world.run_once().await.ended_with(0);
        assert_eq!(world.states("school").await["billed"], 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_can_not_be_moved_is_stored_once_and_dropped_again_it_is_a_duplicate() {
    on_each_engine(async |world| {
        let bytes = csv(&bills("L", 3));
        let done = world.inbox().join("done");
        let note = world.inbox().join("results/fees.csv.duplicate.txt");
        let service = world.start_service();
        world
            .wait_until("the inbox has its folders", async || done.is_dir())
            .await;
        std::fs::remove_dir(&done).unwrap();
        world.drop_sheet("fees.csv", &bytes);
        world.wait_for_states(&["billed"]).await;
        world
            .wait_until("the file is left alone", async || {
                service.log().contains("can't be moved out of the inbox")
            })
            .await;
        assert!(world.inbox().join("fees.csv").is_file());

        std::fs::remove_file(world.inbox().join("fees.csv")).unwrap();
        std::fs::create_dir(&done).unwrap();
        world.drop_sheet("fees.csv", &bytes);
        world
            .wait_until("the second drop has its note", async || note.is_file())
            .await;
        service.stop().await;
        let file = world.file_id("fees.csv").await;
        let told = std::fs::read_to_string(&note).unwrap();
        assert!(told.contains(&format!("ingestd export {file}")), "{told}");
        assert_eq!(world.names_in("done"), ["fees.csv"]);
        assert_eq!(world.hub_payments().len(), 3);

        std::fs::remove_file(&note).unwrap();
        world.drop_sheet("fees.csv", &bytes);
        world.run_once().await.ended_with(0);
        let told = std::fs::read_to_string(&note).unwrap();
        assert!(
            told.contains(&format!("ingestd export {file}")) && !told.contains("results.xlsx"),
            "{told}"
        );
        assert_eq!(world.names_in("done").len(), 2);
        assert_eq!(world.hub_payments().len(), 3);
        world.verified().await;
    })
    .await;
}
