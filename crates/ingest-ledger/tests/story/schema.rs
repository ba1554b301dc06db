//! The two databases have the same tables, and the views say what the contract names.

use crate::both;
use crate::world::*;
use ingest_ledger::*;

#[tokio::test]
async fn both_databases_have_the_same_columns() {
    let (sqlite, postgres) = (World::sqlite().await, World::postgres().await);
    for table in [
        "ledger",
        "accounts",
        "files",
        "rows",
        "chunks",
        "attempts",
        "row_state",
        "held_rows",
        "failed_rows",
        "unstamped_rows",
        "unseen_requests",
        "older_requests",
        "paid_replaced",
        "file_counts",
        "feed_head",
        "changes",
        "decisions",
        "decision_files",
        "callbacks",
        "called_requests",
        "marked_inboxes",
        "sheet_mappings",
        "archives",
        "row_facts",
        "bill_results",
        "bulk_requests",
        "result_changes",
    ] {
        assert_eq!(
            sqlite.raw.columns(table).await,
            postgres.raw.columns(table).await,
            "{table}"
        );
    }
    crate::raw::postgres_dropped(&postgres.url).await;
}

both!(the_views_have_the_columns_of_the_contract, views);

async fn views(world: World) {
    for (view, columns) in [
        (
            "bill_results",
            "row_id, file_id, file_name, account, sheet, row_number, title, identifier, amount, due_date, amount_after_due_date, state, psid, bulk_payment_request_id, message, sent_at, updated_at, paid_at",
        ),
        (
            "bulk_requests",
            "chunk_id, file_id, account, row_count, total_amount, bulk_payment_request_id, state, attempts, sent_at, answered_at, message",
        ),
        (
            "result_changes",
            "change_id, changed_at, row_id, file_id, sheet, row_number, state, psid",
        ),
    ] {
        let found = world.raw.columns(view).await;
        let named: Vec<&str> = columns.split(", ").collect();
        assert_eq!(found[..named.len()], named, "{view}");
    }
}

both!(a_newer_database_is_refused, newer);

async fn newer(world: World) {
    let checksum = match world.ledger.engine() {
        Engine::Sqlite => "x'00'",
        Engine::Postgres => "'\\x00'",
    };
    let sql = format!(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (29991231000000, 'from the future', true, {checksum}, 0)"
    );
    world.raw.run(&sql).await;
    let Err(error) = Ledger::open(&world.url).await else {
        panic!("it was opened")
    };
    assert!(
        matches!(error, LedgerError::Newer(29991231000000)),
        "{error}"
    );
}

both!(opening_again_finds_the_same_ledger, again);

async fn again(world: World) {
    let second = Ledger::open(&world.url).await.unwrap();
    assert_eq!(
        second.ledger_id().await.unwrap(),
        world.ledger.ledger_id().await.unwrap()
    );
    let settings = world.ledger.settings().await.unwrap();
    // A test server may run without fsync; all that this program sets itself is as it must be.
    assert!(
        settings
            .iter()
            .all(|s| s.good || s.name == "fsync" || s.name == "full_page_writes"),
        "{settings:?}"
    );
}

#[tokio::test]
async fn eight_processes_may_make_one_sqlite_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("new.db").display());
    let opened = futures::future::join_all((0..8).map(|_| Ledger::open(&url))).await;
    let mut ids = Vec::new();
    for ledger in opened {
        ids.push(ledger.unwrap().ledger_id().await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn a_database_in_memory_works_and_one_that_is_down_says_so() {
    let ledger = Ledger::open("sqlite::memory:").await.unwrap();
    ledger.account_put("a", "b").await.unwrap();
    assert_eq!(ledger.accounts().await.unwrap().len(), 1);
    assert_eq!(ledger.newest_call("nobody").await.unwrap(), None);
    let Err(error) = Ledger::open("postgres://nobody@127.0.0.1:1/none").await else {
        panic!("nobody listens there");
    };
    assert!(error.is_transient(), "{error:?}");
    assert!(
        error
            .to_string()
            .starts_with("the database can't be reached"),
        "{error}"
    );
}

both!(
    the_planner_is_told_of_a_large_load_and_nothing_else_changes,
    statistics
);

async fn statistics(world: World) {
    let file_id = world.drop_in("march.csv", &pupils(50)).await;
    let before = world.states(file_id).await;
    world.ledger.refresh_statistics().await.unwrap();
    assert_eq!(world.states(file_id).await, before);
    if world.ledger.engine() == ingest_ledger::Engine::Postgres {
        let known = world
            .raw
            .texts("select reltuples::bigint::text from pg_class where relname = 'rows'")
            .await;
        assert_eq!(known, [Some("50".to_owned())]);
    }
    world.verified().await;
}
