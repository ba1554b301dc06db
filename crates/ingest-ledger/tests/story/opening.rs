//! Whose database it is, and whose login: both are settled before anything is written.

use crate::both;
use crate::raw::{Raw, postgres_database, postgres_dropped};
use crate::world::*;
use ingest_ledger::*;

/// Two databases with a customer's table in them: `orders`, with one line.
async fn foreign_databases() -> (tempfile::TempDir, [(String, Raw); 2]) {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("shop.db").display());
    let options: sqlx::sqlite::SqliteConnectOptions = sqlite.parse().unwrap();
    let pool = sqlx::SqlitePool::connect_with(options.create_if_missing(true)).await;
    let postgres = postgres_database().await;
    let others = [
        (sqlite, Raw::Sqlite(pool.unwrap())),
        (
            postgres.clone(),
            Raw::Postgres(sqlx::PgPool::connect(&postgres).await.unwrap()),
        ),
    ];
    for (_, raw) in &others {
        raw.run("create table orders (n integer)").await;
        raw.run("insert into orders (n) values (7)").await;
    }
    (folder, others)
}

async fn tables(raw: &Raw) -> Vec<Option<String>> {
    let sql = match raw {
        Raw::Sqlite(_) => "select name from sqlite_master order by name",
        Raw::Postgres(_) => {
            "select tablename::text from pg_tables where schemaname = current_schema() order by 1"
        }
    };
    raw.texts(sql).await
}

#[tokio::test]
async fn a_database_of_another_program_is_refused_and_left_as_it_was() {
    let (_folder, others) = foreign_databases().await;
    for (url, raw) in &others {
        let Err(error) = Ledger::open(url).await else {
            panic!("{url} was taken");
        };
        assert!(
            matches!(&error, LedgerError::Foreign(table) if table == "orders"),
            "{error}"
        );
        assert!(!error.is_transient());
        assert_eq!(tables(raw).await, [Some("orders".to_owned())], "{url}");
        assert_eq!(raw.text("select cast(n as text) from orders").await, "7");
    }
    let mode = others[0].1.text("pragma journal_mode").await;
    assert_ne!(mode, "wal", "its journal's mode is its own too");
    postgres_dropped(&others[1].0).await;
}

#[tokio::test]
async fn another_programs_migrations_do_not_make_it_a_ledger() {
    let (_folder, others) = foreign_databases().await;
    for (url, raw) in &others {
        raw.run("create table _sqlx_migrations (version bigint primary key)")
            .await;
        for theirs in ["", "insert into _sqlx_migrations values (20200101000000)"] {
            if !theirs.is_empty() {
                raw.run(theirs).await;
            }
            let opened = Ledger::open(url).await.err();
            assert!(
                matches!(&opened, Some(LedgerError::Foreign(table)) if table == "orders"),
                "{opened:?}"
            );
        }
    }
    postgres_dropped(&others[1].0).await;
}

both!(
    a_login_keeps_the_name_under_which_it_has_files,
    a_renamed_account
);

async fn a_renamed_account(world: World) {
    let ledger = &world.ledger;
    ledger.account_put("meadow", LOGIN).await.unwrap();
    ledger.account_put("meadow", "elsewhere").await.unwrap();
    let file_id = world.drop_in("march.csv", &pupils(2)).await;
    let refused = |name: &'static str, login: &'static str| async move {
        let error = ledger.account_put(name, login).await.unwrap_err();
        let LedgerError::KnownAs { known, files, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!((known.as_str(), files.as_str()), (ACCOUNT, "1 file"));
    };
    refused("greenfield-school", LOGIN).await;
    refused("meadow", LOGIN).await;
    let names = ledger.accounts().await.unwrap();
    assert_eq!(names.len(), 2, "the new name left no trace");
    ledger.account_put(ACCOUNT, LOGIN).await.unwrap();

    // What was sent under a login stays with the account that sent it.
    world.send_taken("7").await;
    ledger
        .account_moved(ACCOUNT, "another login")
        .await
        .unwrap();
    refused("greenfield-school", LOGIN).await;
    refused("greenfield-school", "another login").await;
    ledger.account_moved(ACCOUNT, LOGIN).await.unwrap();
    refused("greenfield-school", "another login").await;
    assert_eq!(world.file(file_id).await.rows, 2);
}

both!(
    an_account_that_has_billed_gets_no_other_login_unless_its_hub_moved,
    another_hub
);

async fn another_hub(world: World) {
    let ledger = &world.ledger;
    let other_hub = async |login| match ledger.account_put(ACCOUNT, login).await {
        Err(LedgerError::OtherHub { was, requests, .. }) => (was, requests),
        other => panic!("{other:?}"),
    };
    world.drop_in("march.csv", &pupils(2)).await;
    // Nothing was billed: a wrong user name is mended as often as it takes.
    ledger.account_put(ACCOUNT, "misspelt").await.unwrap();
    ledger.account_put(ACCOUNT, LOGIN).await.unwrap();
    let attempt = world.next_attempt().await;
    let refused = Settlement::Ready {
        message: "401".into(),
        wait: None,
    };
    world.settle(&attempt, refused).await;
    ledger.account_put(ACCOUNT, "misspelt").await.unwrap();
    ledger.account_put(ACCOUNT, LOGIN).await.unwrap();

    // What may be billed counts, too.
    let attempt = world.next_attempt().await;
    let unknown = Settlement::Unknown {
        message: "cut".into(),
    };
    world.settle(&attempt, unknown).await;
    let (was, requests) = other_hub("elsewhere").await;
    assert_eq!(
        (was.as_str(), requests.as_str()),
        (LOGIN, "1 bulk request was")
    );
    ledger
        .adopt(&world.lease, attempt.chunk_id, "7", &RowSet::range(1, 2))
        .await
        .unwrap();
    other_hub("elsewhere").await;
    ledger.account_fits(ACCOUNT, LOGIN).await.unwrap();
    assert!(ledger.account_fits(ACCOUNT, "elsewhere").await.is_err());

    ledger.account_moved(ACCOUNT, "elsewhere").await.unwrap();
    ledger.account_put(ACCOUNT, "elsewhere").await.unwrap();
    assert_eq!(
        ledger.owned_requests("elsewhere").await.unwrap(),
        ["7".to_owned()].into()
    );
    assert!(ledger.owned_requests(LOGIN).await.unwrap().is_empty());
    other_hub(LOGIN).await;
    world.verified().await;
}
