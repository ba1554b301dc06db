//! A wrong password costs no row: the account waits, and goes on by itself
//! when the password is mended.

use ingestd_tests::{bills, csv, on_each_engine};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_one_sentence_and_no_row_is_refused_for_it() {
    on_each_engine(async |world| {
        world.write("school.password", "mistyped");
        world.drop_sheet("fees.csv", &csv(&bills("P", 4)));
        let ran = world.run_once().await.ended_with(4);
        ran.in_one_sentence();
        assert!(
            !ran.stderr.contains("mistyped"),
            "a password is never shown: {}",
            ran.stderr
        );
        assert_eq!(
            world.states("school").await,
            [("ready".to_owned(), 4)].into()
        );
        world
            .command(&["login"])
            .await
            .ended_with(4)
            .in_one_sentence();
        world
            .command(&["status"])
            .await
            .ended_with(0)
            .says("PAUSED");

        // Run again without a change: still nothing is lost, and nothing is sent.
        world.run_once().await.ended_with(4);
        assert_eq!(world.bulk_calls().len(), 0);

        world.write("school.password", "secret\n");
        world.command(&["login"]).await.ended_with(0);
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 4)].into()
        );
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_service_goes_on_by_itself_once_the_password_file_is_mended() {
    on_each_engine(async |world| {
        world.write("school.password", "mistyped");
        let mut service = world.start_service();
        world.drop_sheet("fees.csv", &csv(&bills("P", 4)));
        world
            .wait_until("the account is paused", async || {
                let status = world.command(&["--format", "json", "status"]).await;
                status.code == 0 && status.json()["accounts"][0]["paused"].is_string()
            })
            .await;
        world.wait_for_states(&["ready"]).await;
        world.write("school.password", "secret");
        world.wait_for_states(&["billed"]).await;
        assert_eq!(world.hub_payments().len(), 4);
        assert_eq!(service.ended(), None);
        assert!(!service.log().contains("mistyped"));
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test]
async fn a_password_file_that_is_not_there_is_usage() {
    on_each_engine(async |world| {
        std::fs::remove_file(world.folder().join("school.password")).unwrap();
        let ran = world.command(&["login"]).await.ended_with(2);
        ran.says("school.password").in_one_sentence();
    })
    .await;
}
