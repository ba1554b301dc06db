//! The trials of `docs/RELIABILITY.md`, small: the counts hold, and the commands that give the
//! figures work. How long anything takes is not judged here.

use std::time::Duration;

use ingestd_tests::databases;
use ingestd_tests::trials::{after_faults, fair, forged, lost_answers, restarts};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_answer_is_lost_is_on_the_wire_once() {
    for database in databases().await {
        let table = lost_answers::run(database, 60, 0, 7).await.to_string();
        assert!(
            table.contains("| calls whose answer was lost | 60 |"),
            "{table}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_forged_callbacks_none_is_believed() {
    for database in databases().await {
        let table = forged::run(database, 500, 7).await.to_string();
        assert!(table.contains("| … believed | 0 |"), "{table}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_it_goes_on_by_itself() {
    for database in databases().await {
        // The server of the tests is everybody's: only a trial's own is let crash.
        if database.engine() == ingestd_tests::Engine::Sqlite {
            let table = restarts::run(database, 1).await.to_string();
            assert!(table.contains("to the next call, 1 times"), "{table}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_fault_nothing_is_ever_held_or_in_doubt() {
    for database in databases().await {
        let table = fair::run(database, 300).await.to_string();
        assert!(table.contains("| … held at any moment | 0 |"), "{table}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; `cargo xtask trials after-faults` is the way to run it"]
async fn after_the_faults_every_row_has_its_place() {
    for database in databases().await {
        let faults_for = Duration::from_secs(12);
        let table = after_faults::run(database, 300, faults_for, 7).await;
        assert!(table.to_string().contains("| rows | 300 |"), "{table}");
    }
}
