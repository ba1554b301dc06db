//! A database that is down, a port in use, an inbox of another ledger: one
//! sentence, the right exit code, nothing lost.

use std::net::TcpListener;

use ingestd_tests::{bills, csv, on_each_engine};

#[tokio::test]
async fn a_database_that_is_down_is_one_sentence_without_its_password() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("D", 2)));
        let down = [(
            "INGESTD_DATABASE_URL",
            "postgres://ledger:hunter2@127.0.0.1:1/none",
        )];
        for command in [&["run", "--once"][..], &["status"]] {
            let ran = world.command_with(command, &down).await.ended_with(5);
            ran.in_one_sentence();
            assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
        }
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_that_goes_away_for_a_while_is_unavailable_and_not_empty() {
    on_each_engine(async |world| {
        let mut service = world.start_service();
        world.drop_sheet("one.csv", &csv(&bills("A", 2)));
        world.wait_for_states(&["billed"]).await;

        let away = world.folder().join("unmounted");
        std::fs::rename(world.inbox(), &away).unwrap();
        world
            .wait_until(
                "the status says that the folder is unavailable",
                async || {
                    world
                        .command(&["status"])
                        .await
                        .stdout
                        .contains("unavailable")
                },
            )
            .await;
        std::fs::rename(&away, world.inbox()).unwrap();
        world.drop_sheet("two.csv", &csv(&bills("B", 2)));
        world
            .wait_until(
                "the sheet dropped after the folder came back is billed",
                async || {
                    world
                        .rows_of("two.csv")
                        .await
                        .iter()
                        .filter(|row| row.state == "billed")
                        .count()
                        == 2
                },
            )
            .await;
        assert_eq!(service.ended(), None);
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}
