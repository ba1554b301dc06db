//! The program killed in a migration, and after each: the next start finds it whole or not begun, and
//! goes on from there.

use std::path::Path;

use ingestd_tests::{Engine, World, bills, csv, on_each_engine, rounds_of_torture};
use sqlx::{Connection, PgConnection, SqliteConnection};

/// How many migrations there are.
fn migrations(engine: Engine) -> i64 {
    let folder = match engine {
        Engine::Postgres => "postgres",
        Engine::Sqlite => "sqlite",
    };
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let files = std::fs::read_dir(all.join(folder)).unwrap();
    i64::try_from(files.count()).unwrap()
}

/// A number from the database, whichever it is; or a statement without an answer.
async fn number(world: &World, query: &'static str) -> i64 {
    match world.engine() {
        Engine::Postgres => {
            let mut connection = PgConnection::connect(world.database_url()).await.unwrap();
            let read = sqlx::query_scalar::<_, i64>(query);
            read.fetch_one(&mut connection).await.unwrap()
        }
        Engine::Sqlite => {
            let mut connection = SqliteConnection::connect(world.database_url())
                .await
                .unwrap();
            let read = sqlx::query_scalar::<_, i64>(query);
            read.fetch_one(&mut connection).await.unwrap()
        }
    }
}

async fn say(world: &World, statement: &'static str) {
    match world.engine() {
        Engine::Postgres => {
            let mut connection = PgConnection::connect(world.database_url()).await.unwrap();
            let said = sqlx::raw_sql(statement).execute(&mut connection).await;
            said.map(|_| ()).unwrap();
        }
        Engine::Sqlite => {
            let mut connection = SqliteConnection::connect(world.database_url())
                .await
                .unwrap();
            let said = sqlx::raw_sql(statement).execute(&mut connection).await;
            said.map(|_| ()).unwrap();
        }
    }
}

async fn dies(world: &World, at: &str) {
    let killed = [("INGESTD_DIES_AT", at)];
    let ran = world.command_with(&["status"], &killed).await;
    assert_eq!(ran.code, -1, "it should die at {at}: {ran:?}");
    world.was_killed_at(at);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_is_found_whole_or_not_begun() {
    for _ in 0..rounds_of_torture() {
        each_migration_killed().await;
    }
}

async fn each_migration_killed() {
    on_each_engine(async |world| {
        let done = "select count(*) from _sqlx_migrations where success";
        let all = migrations(world.engine());
        for n in 1..=all {
            dies(&world, &format!("in-migration:{n}")).await;
            if n > 1 {
                assert_eq!(number(&world, done).await, n - 1, "in {n}: not begun");
            }
            dies(&world, &format!("after-migration:{n}")).await;
            assert_eq!(number(&world, done).await, n, "after {n}: whole");
            if n == 1 {
                // What an older program stored of a decision.
                say(
                    &world,
                    r#"insert into decisions (account, kind, ask_json, asked_by, asked_at, state)
                       values ('school', 'approve', '{"ask":"approve","file_id":7,"reason":null,"sheet":null,"rows":null}',
                               'amina@desk', '2026-01-02 03:04:05.000', 'done')"#,
                )
                .await;
            }
        }
        let kept = number(&world, "select count(*) from decision_files where file_id = 7").await;
        assert_eq!(kept, 1, "the migrations carried the older decision along");
        world.drop_sheet("fees.csv", &csv(&bills("M", 3)));
        world.run_once().await.ended_with(0);
        assert_eq!(world.states("school").await, [("billed".to_owned(), 3)].into());
        world.stored_as_dropped("fees.csv", &bills("M", 3)).await;
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}
