//! Commands that do by hand what the service does by itself, and that show
//! what the hub says.

use std::collections::BTreeMap;

use asaanbill_sandbox::{Endpoint, Fault, Rule};
use ingestd_tests::{bills, csv, on_each_engine, pages_of_csv, pages_of_xlsx};

use crate::first_steps::as_lines;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn submit_takes_a_file_as_if_it_had_been_dropped_and_waits_for_its_end() {
    on_each_engine(async |world| {
        let bytes = csv(&bills("S", 4));
        std::fs::write(world.folder().join("fees.csv"), &bytes).unwrap();
        world
            .command(&["submit", "fees.csv", "--account", "school", "--wait"])
            .await
            .ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 4)].into()
        );
        assert!(
            world.folder().join("fees.csv").is_file(),
            "the file stays where it is"
        );
        world
            .command(&["submit", "fees.csv", "--account", "school", "--wait"])
            .await;
        assert_eq!(
            world.bulk_calls().len(),
            1,
            "the same bytes again are a duplicate"
        );

        let mut bad = bills("T", 2);
        bad[0].amount = "x".to_owned();
        std::fs::write(world.folder().join("bad.csv"), csv(&bad)).unwrap();
        world
            .command(&["submit", "bad.csv", "--account", "school", "--wait"])
            .await
            .ended_with(1);
        world
            .command(&["submit", "absent.csv", "--account", "school"])
            .await
            .ended_with(3)
            .in_one_sentence();
        std::fs::write(world.folder().join("empty.csv"), "").unwrap();
        let unread = world
            .command(&["submit", "empty.csv", "--account", "school", "--wait"])
            .await
            .ended_with(3);
        unread.in_one_sentence();
        assert_eq!(unread.stdout, "", "its reason is said once");
        assert_eq!(world.hub_payments().len(), 5);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn export_writes_the_result_sheet_again() {
    on_each_engine(async |world| {
        let bytes = csv(&bills("X", 6));
        world.drop_sheet("fees.csv", &bytes);
        world.run_once().await.ended_with(0);
        let file = world.file_id("fees.csv").await;
        world
            .command(&["export", &file, "--out", "out.xlsx"])
            .await
            .ended_with(0);
        world
            .command(&["export", &file, "--out", "out.csv"])
            .await
            .ended_with(0);
        let book = pages_of_xlsx(&std::fs::read(world.folder().join("out.xlsx")).unwrap());
        let text = pages_of_csv(&std::fs::read(world.folder().join("out.csv")).unwrap());
        assert_eq!(book[0].results(), text[0].results());
        assert_eq!(book[0].results().len(), 6);
        assert_eq!(
            as_lines(&world.in_results("fees.csv.results.csv")),
            text[0].lines
        );
        world
            .command(&["export", "999", "--out", "no.xlsx"])
            .await
            .ended_with(2)
            .in_one_sentence();
        world
            .command(&["export", &file, "--out", "out.pdf"])
            .await
            .ended_with(2)
            .in_one_sentence();
        let nowhere = world
            .command(&["export", &file, "--out", "nodir/o.xlsx"])
            .await
            .ended_with(3);
        nowhere
            .says("nodir/o.xlsx can't be written: there is no folder nodir")
            .in_one_sentence();
        assert!(!nowhere.stderr.contains(".writing"), "{nowhere:?}");

        // What is there is not written over, but what a person names.
        std::fs::write(world.folder().join("out.csv"), "mine").unwrap();
        let read = |name: &str| std::fs::read(world.folder().join(name)).unwrap();
        world
            .command(&["export", &file, "--out", "out.csv"])
            .await
            .ended_with(0);
        assert_ne!(read("out.csv"), b"mine");
        std::fs::write(world.folder().join("fees.csv.results.xlsx"), "mine").unwrap();
        let tagged = format!("fees.csv-{file}.results.xlsx");
        world
            .command(&["export", &file])
            .await
            .ended_with(0)
            .says(&tagged);
        assert_eq!(read("fees.csv.results.xlsx"), b"mine");
        assert!(world.folder().join(&tagged).is_file());
        world
            .command(&["export", &file])
            .await
            .ended_with(2)
            .in_one_sentence();

        world.drop_sheet("again.csv", &bytes);
        world.drop_sheet("empty.csv", b"");
        world.run_once().await;
        for (name, says) in [("again.csv", "export"), ("empty.csv", "can't be read")] {
            let id = world.file_id(name).await;
            world
                .command(&["export", &id])
                .await
                .ended_with(2)
                .says(says)
                .in_one_sentence();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_payment_by_hand_goes_down_the_same_road() {
    on_each_engine(async |world| {
        let add = |amount: &'static str| {
            [
                "payments",
                "add",
                "--account",
                "school",
                "--title",
                "Late Entry",
                "--identifier",
                "BH-1",
                "--amount",
                amount,
                "--due-date",
                "2035-06-30",
            ]
        };
        world.command(&add("1500.50")).await.ended_with(0);
        let rows = world.rows_of("by hand").await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].state, "billed");
        assert_eq!(rows[0].amount.as_deref(), Some("1500.50"));
        assert_eq!(rows[0].late.as_deref(), Some("1500.50"));
        world.command(&add("1500.50")).await;
        assert_eq!(
            world.hub_payments().len(),
            1,
            "the same bill is not made twice"
        );
        // One that waits says for what, and what decides it.
        let held = world.command(&add("1600")).await.ended_with(1);
        held.says("it is held: ").says("ingestd approve ");
        world
            .command(&add("1600"))
            .await
            .ended_with(1)
            .says("asked for before")
            .says("it is held: ");
        world
            .command(&add("12,0O"))
            .await
            .ended_with(2)
            .in_one_sentence();
        assert_eq!(world.hub_payments().len(), 1);
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_hub_says_is_shown_cleaned() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("H", 3)));
        world.run_once().await.ended_with(0);
        world
            .command(&["login", "--account", "school"])
            .await
            .ended_with(0);
        let payments = world
            .json(&["payments", "list", "--account", "school"])
            .await;
        let payments = payments.as_array().unwrap();
        assert_eq!(payments.len(), 3);
        for payment in payments {
            let amount = payment["amount"].as_str().unwrap();
            assert!(amount.ends_with(".00") && amount.len() == 7, "{payment}");
            assert!(
                payment["due_date"]
                    .as_str()
                    .unwrap()
                    .starts_with("2035-03-"),
                "{payment}"
            );
            assert_eq!(payment["status"], "APPROVED");
        }
        for list in ["payments", "bulk"] {
            world
                .command(&[list, "list", "--page", "99999"])
                .await
                .ended_with(0)
                .says("on page 99999");
        }
        let row = world.results().await.remove(0);
        let psid = row.psid.unwrap();
        let found = world.json(&["payments", "search", &psid]).await;
        assert_eq!(found[0]["identifier"], "H-00001");
        let id = world.hub_payments()[0].id.to_string();
        let one = world.json(&["payments", "get", &id]).await;
        assert_eq!(one["identifier"], "H-00001");
        world
            .command(&["payments", "get", "987654321"])
            .await
            .ended_with(4)
            .in_one_sentence();

        let requests = world.json(&["bulk", "list"]).await;
        assert_eq!(requests.as_array().map(Vec::len), Some(1));
        let shown = world.json(&["bulk", "show", &row.request.unwrap()]).await;
        assert_eq!(
            shown["payments"].as_array().map(Vec::len),
            Some(3),
            "{shown}"
        );
    })
    .await;
}

fn refused(code: u16) -> Fault {
    Fault::Status {
        code,
        body: None,
        headers: BTreeMap::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_psid_that_nobody_has_is_an_empty_list_however_the_hub_says_so() {
    on_each_engine(async |world| {
        let search = ["payments", "search", "100139100100154854584585"];
        assert_eq!(world.json(&search).await, serde_json::json!([]));
        for format in ["json", "csv", "table"] {
            world.add_fault(Rule::once(Endpoint::Search, refused(404)));
            let asked = [&["--format", format], &search[..]].concat();
            let told = world.command(&asked).await.ended_with(0);
            match format {
                "json" => assert_eq!(told.json(), serde_json::json!([])),
                "csv" => assert_eq!(told.stdout.lines().count(), 1, "{}", told.stdout),
                _ => assert_eq!(told.stdout, ""),
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_is_whole_or_not_there_where_the_hub_refuses_to_go_on() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("J", 5)));
        world.run_once().await.ended_with(0);
        let request = world.results().await.remove(0).request.unwrap();
        let listing = ["payments", "list", "--page-size", "2"];
        assert_eq!(
            world.json(&listing).await.as_array().map(Vec::len),
            Some(5),
            "all pages of a list that goes on"
        );

        // The first page is answered, the second is not.
        world.add_fault(Rule::once(Endpoint::PaymentList, refused(403)).skip(1));
        let fails = async |arguments: &[&str]| {
            let asked = [&["--format", "json"], arguments].concat();
            let told = world.command(&asked).await.ended_with(4);
            assert_eq!(told.stdout, "", "{arguments:?}");
            told.in_one_sentence();
        };
        fails(&listing).await;
        world.add_fault(Rule::once(Endpoint::PaymentList, refused(403)));
        fails(&["payments", "list"]).await;
        world.add_fault(Rule::once(Endpoint::Search, refused(403)));
        fails(&["payments", "search", "100139100100154854584585"]).await;
        fails(&["payments", "get", "987654321"]).await;
        world.add_fault(Rule::once(Endpoint::BulkList, refused(403)));
        fails(&["bulk", "list"]).await;
        world.add_fault(Rule::once(Endpoint::BulkStatus, refused(403)));
        fails(&["bulk", "show", &request]).await;
        fails(&["bulk", "show", "987654321"]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn submit_stores_a_file_once_while_the_service_looks_for_files_cut_short() {
    const ROWS: usize = 30_000;
    on_each_engine(async |world| {
        world.set("approve", "\"always\"");
        let service = world.start_service();
        world.drop_sheet("first.csv", &csv(&bills("F", 1)));
        world.wait_for_states(&["held"]).await;
        std::fs::write(world.folder().join("fees.csv"), csv(&bills("S", ROWS))).unwrap();
        world
            .command(&["submit", "fees.csv", "--account", "school"])
            .await
            .ended_with(0);
        world.wait_for_states(&["held"]).await;
        assert_eq!(world.file("fees.csv").await["rows"], ROWS);
        assert_eq!(world.states("school").await["held"], ROWS + 1);
        let again = service.log().contains("that was cut short");
        service.stop().await;
        assert!(!again, "nothing was cut short");
        world.verified().await;
    })
    .await;
}
