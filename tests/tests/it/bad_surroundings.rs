//! A database that is down, a port in use, an inbox of another ledger: one
//! sentence, the right exit code, nothing lost.

use std::net::TcpListener;

use ingestd_tests::{Engine, World, bills, csv, on_each_engine};

#[tokio::test]
async fn a_database_that_is_down_is_one_sentence_without_its_password() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("D", 2)));
        let down = [(
            "INGESTD_DATABASE_URL",
            "postgres://ledger:hunter2@127.0.0.1:1/none",
        )];
        let mut said = Vec::new();
        for command in [&["run", "--once"][..], &["run"], &["status"]] {
            let ran = world.command_with(command, &down).await.ended_with(5);
            ran.in_one_sentence();
            ran.says("127.0.0.1:1/none").says("INGESTD_DATABASE_URL");
            assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
            said.push(ran.stderr);
        }
        said.dedup();
        assert_eq!(said.len(), 1, "every command says the same: {said:?}");
        assert_eq!(world.names_in("done"), Vec::<String>::new());
        assert!(world.inbox().join("fees.csv").is_file(), "nothing is lost");
        assert_eq!(world.hub().calls().len(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_port_in_use_is_usage() {
    on_each_engine(async |world| {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let ran = world
            .command(&["sandbox", "--listen", &address])
            .await
            .ended_with(2);
        ran.says(&address).in_one_sentence();

        let text = world.config_text().replace("127.0.0.1:0", &address);
        let config = world.write("taken.toml", &text);
        let ran = world
            .command_with(&["run", "--config", config.to_str().unwrap()], &[])
            .await;
        ran.ended_with(2).says(&address).in_one_sentence();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_ledger_is_refused_the_inbox() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("L", 2)));
        world.run_once().await.ended_with(0);
        let marker = std::fs::read_to_string(world.inbox().join(".ingestd")).unwrap();

        let other = format!("sqlite:{}", world.folder().join("other.db").display());
        let text = world.config_text().replace(world.database_url(), &other);
        let config = world.write("other.toml", &text);
        world.drop_sheet("more.csv", &csv(&bills("M", 2)));
        let ran = world
            .command(&["run", "--once", "--config", config.to_str().unwrap()])
            .await;
        ran.ended_with(2).says("inbox").in_one_sentence();
        assert!(world.inbox().join("more.csv").is_file(), "it takes nothing");
        assert_eq!(
            std::fs::read_to_string(world.inbox().join(".ingestd")).unwrap(),
            marker
        );

        world.run_once().await.ended_with(0);
        assert_eq!(world.hub_payments().len(), 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_can_not_be_reached_costs_no_row_and_the_next_run_bills_them() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("R", 3)));
        world.hub().refuse_connections(true).await;
        world
            .run_once_for("8s")
            .await
            .ended_with(4)
            .in_one_sentence();
        assert_eq!(
            world.states("school").await,
            [("ready".to_owned(), 3)].into()
        );
        world.hub().refuse_connections(false).await;
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 3)].into()
        );
        assert_eq!(world.bulk_calls().len(), 1);
        world.verified().await;
    })
    .await;
}

/// A service whose inbox is taken away while it still has result sheets to write; then what comes
/// back in its place is `left`, and at last the folder itself.
async fn an_inbox_goes_away(world: &mut World, left: impl AsyncFn(&World)) {
    let mut service = world.start_service();
    world.drop_sheet("one.csv", &csv(&bills("A", 2)));
    // The sheets of it are not all written yet: that must not make a folder in its place.
    world.wait_for_states(&["billed"]).await;

    let away = world.folder().join("unmounted");
    std::fs::rename(world.inbox(), &away).unwrap();
    left(world).await;
    let what = "the status says that the folder is unavailable";
    world
        .wait_until(what, async || {
            let status = world.command(&["status"]).await;
            status.stdout.contains("folder unavailable")
        })
        .await;
    // What a person decides is carried out all the same, and makes no folder either.
    world
        .command(&["pause", "school", "--reason", "the share is away"])
        .await
        .ended_with(0);
    world.command(&["resume", "school"]).await.ended_with(0);
    if world.inbox().exists() {
        let found = std::fs::read_dir(world.inbox()).unwrap();
        let mut found: Vec<_> = found.map(|entry| entry.unwrap().file_name()).collect();
        found.retain(|name| name != "somebody-elses.txt");
        assert_eq!(found, Vec::<std::ffi::OsString>::new());
        std::fs::remove_dir_all(world.inbox()).unwrap();
    }

    std::fs::rename(&away, world.inbox()).unwrap();
    world.drop_sheet("two.csv", &csv(&bills("B", 2)));
    let what = "the sheet dropped after the folder came back is billed";
    world
        .wait_until(what, async || {
            let rows = world.rows_of("two.csv").await;
            rows.iter().filter(|row| row.state == "billed").count() == 2
        })
        .await;
    let what = "the result sheet of before is written";
    world
        .wait_until(what, async || {
            world.inbox().join("results/one.csv.results.xlsx").is_file()
        })
        .await;
    assert_eq!(service.ended(), None);
    assert_eq!(service.stop().await, 0);
    world.verified().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_that_goes_away_for_a_while_is_unavailable_and_not_empty() {
    on_each_engine(async |mut world| {
        an_inbox_goes_away(&mut world, async |_| ()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_that_comes_back_empty_is_unavailable_and_nothing_is_written_into_it() {
    on_each_engine(async |mut world| {
        an_inbox_goes_away(&mut world, async |world| {
            std::fs::create_dir(world.inbox()).unwrap();
            std::fs::write(world.inbox().join("somebody-elses.txt"), "not ours").unwrap();
        })
        .await;
    })
    .await;
}

/// What is in the inbox's place while the share is away.
fn found_in(inbox: &std::path::Path) -> Option<Vec<String>> {
    let found = std::fs::read_dir(inbox).ok()?;
    let mut found: Vec<String> = found
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    Some(found)
}

/// The share is not mounted when the program starts, which finds what `left` puts in its place;
/// nothing may change there, and all goes on when it is back.
async fn an_inbox_is_away_at_start(world: &mut World, left: impl Fn(&std::path::Path)) {
    world.set("approve", "\"always\"");
    world.drop_sheet("one.csv", &csv(&bills("A", 2)));
    world.run_once().await.ended_with(1);
    let one = world.file_id("one.csv").await;
    let away = world.folder().join("unmounted");
    std::fs::rename(world.inbox(), &away).unwrap();
    left(&world.inbox());
    let before = found_in(&world.inbox());

    // The desk's work goes on, but no call is made that can't be marked; and the end says so.
    world.command(&["approve", &one, "--no-wait"]).await;
    world.wait_for_states(&["ready"]).await;
    let ran = world.run_once().await.ended_with(1);
    let inbox = world.inbox();
    ran.says("2 rows wait to be sent");
    assert_eq!(world.bulk_calls().len(), 0);
    ran.says(&format!("the folder {} is unavailable", inbox.display()))
        .in_one_sentence();
    let said = ran.stderr.lines();
    let said = said.filter(|line| line.contains("WARN") && line.contains("folder unavailable"));
    assert_eq!(said.count(), 1, "{}", ran.stderr);

    let mut service = world.start_service();
    let what = "the status says that the folder is unavailable while the account is served";
    world
        .wait_until(what, async || {
            let status = world.command(&["status"]).await.stdout;
            status.contains("served by") && status.contains("folder unavailable")
        })
        .await;
    let doctor = world.command(&["doctor"]).await;
    let wrong = |line: &&str| line.starts_with("WRONG") && line.contains("inbox");
    let told = doctor.stdout.lines().find(wrong).unwrap_or_default();
    let line = format!("into {}", inbox.join(".ingestd").display());
    assert!(told.contains(&line), "{}", doctor.stdout);
    let sheet = world.folder().join("by-hand.csv");
    std::fs::write(&sheet, csv(&bills("C", 1))).unwrap();
    for command in [
        &["submit", sheet.to_str().unwrap()][..],
        &[
            "payments",
            "add",
            "--title",
            "x",
            "--identifier",
            "D-1",
            "--amount",
            "1500",
            "--due-date",
            "2035-03-01",
        ],
    ] {
        let ran = world.command(command).await.ended_with(2);
        ran.says("is unavailable").in_one_sentence();
    }
    assert_eq!(found_in(&inbox), before);

    drop(std::fs::remove_dir_all(&inbox));
    std::fs::rename(&away, &inbox).unwrap();
    world.drop_sheet("two.csv", &csv(&bills("B", 2)));
    let two = "the sheet dropped after the folder came back is taken";
    world
        .wait_until(two, async || world.rows_of("two.csv").await.len() == 2)
        .await;
    let results = "what was approved is billed, and its result sheet written";
    world
        .wait_until(results, async || {
            let rows = world.rows_of("one.csv").await;
            rows.iter().all(|row| row.state == "billed")
                && inbox.join("results/one.csv.results.csv").is_file()
        })
        .await;
    assert_eq!(service.ended(), None);
    assert_eq!(service.stop().await, 0);
    world.verified().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_that_is_gone_when_the_program_starts_is_not_made_again() {
    on_each_engine(async |mut world| {
        an_inbox_is_away_at_start(&mut world, |_| ()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_that_is_empty_when_the_program_starts_is_not_served_in_its_place() {
    on_each_engine(async |mut world| {
        an_inbox_is_away_at_start(&mut world, |inbox| {
            std::fs::create_dir(inbox).unwrap();
            std::fs::write(inbox.join("not-to-be-billed.csv"), csv(&bills("X", 2))).unwrap();
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_without_its_mark_is_marked_again_and_a_new_one_is_used_when_a_person_says_so() {
    on_each_engine(async |world| {
        world.drop_sheet("one.csv", &csv(&bills("A", 2)));
        world.run_once().await.ended_with(0);
        let mark = world.inbox().join(".ingestd");
        let ours = std::fs::read_to_string(&mark).unwrap();
        // The mark alone is gone: it is the same folder.
        std::fs::remove_file(&mark).unwrap();
        world.drop_sheet("two.csv", &csv(&bills("B", 2)));
        let ran = world.run_once().await.ended_with(0);
        ran.says("the folder is marked as ours again");
        assert_eq!(std::fs::read_to_string(&mark).unwrap(), ours);

        // An empty folder in its place, which a person means: as the sentence says.
        std::fs::rename(world.inbox(), world.folder().join("old")).unwrap();
        std::fs::create_dir(world.inbox()).unwrap();
        world.drop_sheet("three.csv", &csv(&bills("C", 2)));
        let line = format!("write the line {} into {}", ours.trim(), mark.display());
        world.run_once().await.ended_with(1).says(&line);
        std::fs::write(&mark, &ours).unwrap();
        world.run_once().await.ended_with(0);
        assert_eq!(world.names_in("done"), ["three.csv"]);

        // Another path is another inbox, and is made and marked as the first one was.
        world.set("inbox", "\"inbox/another\"");
        let sheet = world.folder().join("four.csv");
        std::fs::write(&sheet, csv(&bills("D", 2))).unwrap();
        let submit = ["submit", sheet.to_str().unwrap(), "--wait"];
        world.command(&submit).await.ended_with(0);
        assert_eq!(world.hub_payments().len(), 8);
        let another = world.folder().join("inbox/another/.ingestd");
        assert_eq!(std::fs::read_to_string(another).unwrap(), ours);
        world.verified().await;
    })
    .await;
}

/// Runs a statement on the world's database, as another program would.
async fn execute(world: &World, sql: &'static str) {
    use sqlx::Connection;
    match world.engine() {
        Engine::Sqlite => {
            let options: sqlx::sqlite::SqliteConnectOptions = world.database_url().parse().unwrap();
            let options = options.create_if_missing(true);
            let mut file = sqlx::SqliteConnection::connect_with(&options)
                .await
                .unwrap();
            sqlx::raw_sql(sql).execute(&mut file).await.unwrap();
            file.close().await.unwrap();
        }
        Engine::Postgres => {
            let url = world.database_url();
            let mut server = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut server).await.unwrap();
            server.close().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_another_program_is_refused_and_nothing_is_taken() {
    on_each_engine(async |world| {
        execute(&world, "create table orders (n integer)").await;
        world.drop_sheet("fees.csv", &csv(&bills("F", 2)));
        for command in [&["run", "--once"][..], &["status"], &["doctor"]] {
            let ran = world.command(command).await.ended_with(5);
            ran.says("another program's").says("orders");
        }
        assert!(world.inbox().join("fees.csv").is_file());
        assert_eq!(world.bulk_calls().len(), 0);
        // Taken away, it is an empty database, and ours to use.
        execute(&world, "drop table orders").await;
        world.run_once().await.ended_with(0);
        world.verified().await;
    })
    .await;
}

/// Puts a folder in the place of another one, in which nobody may make a file, not even root.
#[cfg(target_os = "linux")]
fn make_unwritable(folder: &std::path::Path) {
    let _ = std::fs::remove_dir_all(folder);
    std::os::unix::fs::symlink("/proc/self/fdinfo", folder).unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_could_not_take_or_tell_everything_ends_with_one_and_names_the_file() {
    on_each_engine(async |world| {
        for (n, folder) in [".spool", "done", "results"].iter().enumerate() {
            let name = format!("fees-{n}.csv");
            let identifiers = format!("W{n}");
            world.drop_sheet(&name, &csv(&bills(&identifiers, 2)));
            let path = world.inbox().join(folder);
            make_unwritable(&path);
            let ran = world.run_once_for("6s").await.ended_with(1);
            ran.says(if n == 2 {
                "the result sheets of"
            } else {
                "left in"
            });
            ran.says(&name).in_one_sentence();
            let said = ran.stderr.lines().filter(|line| line.contains(&name));
            assert!(said.count() <= 6, "not at every try:\n{}", ran.stderr);
            let taken = !world.rows_of(&name).await.is_empty();
            assert_eq!(taken, *folder != ".spool", "{folder}");

            std::fs::remove_file(&path).unwrap();
            world.run_once().await.ended_with(0);
            let states: Vec<_> = world.rows_of(&name).await;
            assert!(states.len() == 2 && states.iter().all(|row| row.state == "billed"));
            assert!(
                world
                    .names_in("results")
                    .contains(&format!("{name}.results.csv"))
            );
            assert!(world.names_in("done").contains(&name));
        }
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_where_a_folder_belongs_is_said_in_a_sentence_and_in_the_status() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("F", 2)));
        let spool = world.inbox().join(".spool");
        std::fs::write(&spool, "in the way").unwrap();
        let ran = world.run_once_for("8s").await.ended_with(2);
        ran.says(".spool is a file")
            .says("ingestd doctor")
            .in_one_sentence();
        let status = world.command(&["status"]).await.ended_with(0);
        status.says("folder unavailable").says(".spool is a file");
        std::fs::remove_file(&spool).unwrap();
        world.run_once().await.ended_with(0);

        let away = world.folder().join("away");
        std::fs::rename(world.inbox(), &away).unwrap();
        std::fs::write(world.inbox(), "in the way").unwrap();
        let ran = world.run_once_for("8s").await.ended_with(2);
        ran.says("is a file")
            .says("ingestd doctor")
            .in_one_sentence();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sheets_with_the_longest_names_get_their_results_and_notes() {
    on_each_engine(async |world| {
        // 255 bytes each, alike but for their last letter.
        let name = |last: &str, ending: &str| {
            let stem = "ف".repeat((255 - last.len() - ending.len()) / 2);
            format!("{stem}{last}{ending}")
        };
        let mut mistaken = bills("L", 3);
        mistaken[1].amount = "a lot".to_owned();
        for (name, sheet) in [
            (name("a", ".csv"), csv(&mistaken)),
            (name("c", ".csv"), csv(&bills("M", 2))),
            (name("d", ".csv"), csv(&bills("M", 2))),
            (name("e", ".csv"), b"no heading, nothing\n1,2\n".to_vec()),
        ] {
            assert!((250..=255).contains(&name.len()));
            std::fs::write(world.inbox().join(name), sheet).unwrap();
        }
        world.run_once().await.ended_with(1);
        let results = world.names_in("results");
        let ending = |ending: &str| results.iter().filter(|name| name.ends_with(ending)).count();
        assert_eq!(
            (
                ending(".results.xlsx"),
                ending(".results.csv"),
                ending(".fix.xlsx"),
                ending(".duplicate.txt")
            ),
            (2, 2, 1, 1),
            "{results:?}"
        );
        assert_eq!(world.names_in("done").len(), 3);
        assert_eq!(world.names_in("unreadable").len(), 2);
        // The same names again, with other content: nothing is written over, nothing stays.
        std::fs::write(world.inbox().join(name("c", ".csv")), csv(&bills("O", 2))).unwrap();
        std::fs::write(world.inbox().join(name("e", ".csv")), b"nothing\n").unwrap();
        world.run_once().await.ended_with(1);
        assert_eq!(world.names_in("done").len(), 4);
        assert_eq!(world.names_in("unreadable").len(), 4);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_a_power_cut_may_spoil_is_said_once_at_start() {
    on_each_engine(async |world| {
        let doctor = world.command(&["doctor"]).await;
        let wrong = |line: &&str| line.starts_with("WRONG") && line.contains("database: ");
        let expected = usize::from(doctor.stdout.lines().any(|line| wrong(&line)));
        let ran = world.run_once().await.ended_with(0);
        let said = ran.stderr.lines().filter(|line| line.contains("power cut"));
        assert_eq!(said.count(), expected, "{}", ran.stderr);
        let quiet = world.command(&["-q", "run", "--once"]).await.ended_with(0);
        assert_eq!(quiet.stderr, "");
    })
    .await;
}

/// What a clock that ran decades ahead leaves behind when a process is killed under it.
const RAN_AHEAD: &str = "
    update accounts set clock_at = '2099-01-01T00:00:02.000Z', lease_holder = 'a-dead-process',
        lease_until = '2099-01-01T00:00:08.000Z', next_write_at = '2099-01-01T00:00:04.000Z',
        next_read_at = '2099-01-01T00:00:03.000Z';
    update files set taken_at = '2099-01-01T00:00:00.000Z', stored_at = '2099-01-01T00:00:00.000Z',
        planned_at = '2099-01-01T00:00:00.000Z', changed_at = '2099-01-01T00:00:01.000Z';
    update chunks set changed_at = '2099-01-01T00:00:01.000Z', next_ask_at = '2099-01-01T00:00:02.000Z'
        where next_ask_at is not null;
    update row_state set updated_at = '2099-01-01T00:00:01.000Z';
    update attempts set intended_at = '2099-01-01T00:00:00.000Z', deadline_at = '2099-01-01T00:02:30.000Z'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_clock_that_ran_ahead_bills_go_out_and_decisions_are_carried_out() {
    on_each_engine(async |world| {
        world.set("requests_per_minute", "60");
        let march = bills("F", 2);
        world.drop_sheet("march.csv", &csv(&march));
        world.run_once().await.ended_with(0);
        let mut changed = march.clone();
        changed[0].late = "9000".to_owned();
        world.drop_sheet("changed.csv", &csv(&changed[..1]));
        world.run_once().await.ended_with(1);
        execute(&world, RAN_AHEAD).await;

        let status = world.json(&["status", "--format", "json"]).await;
        let account = &status["accounts"][0];
        assert_eq!(account["serving"], false, "{account}");
        assert_eq!(account["next_request_in_ms"], 0, "{account}");
        // The command serves the account itself: the dead process's lease ends as one of today does.
        world.command(&["approve", "2"]).await.ended_with(0);
        world.drop_sheet("april.csv", &csv(&bills("G", 2)));
        world.run_once().await.ended_with(0);
        let states = world.states("school").await;
        assert_eq!(states.get("held"), None, "{states:?}");
        assert_eq!(states.get("billed"), Some(&4), "{states:?}");
        assert_eq!(world.hub_payments().len(), 5);
        world.verified().await;
    })
    .await;
}
