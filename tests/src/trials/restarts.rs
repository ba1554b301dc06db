//! How long until it is working again: after `kill -9`, after a crash of the database, and after
//! the database was away. Working is what the hub sees: the next call that makes a bill.

use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::Table;
use super::patience::while_it_moves;
use super::table::{seconds, spread};
use crate::postgres::{Database, Engine};
use crate::sheets_in::{bills, csv};
use crate::world::World;

/// Rows for one round: at ten calls a second there is always work to go on with.
const ROWS_A_ROUND: usize = 40;
const AWAY_FOR: Duration = Duration::from_secs(15);

/// Kills the program so many times and starts it again at once; on PostgreSQL lets the server crash
/// and recover as often, and takes the database away for a while as often.
///
/// # Panics
/// If it does not go on, or bills anybody twice.
pub async fn run(database: Database, rounds: usize) -> Table {
    let engine = database.engine();
    let world = World::new(database);
    world.set("rows_per_request", "1");
    world.set("requests_per_minute", "600");
    let kinds = match engine {
        Engine::Sqlite => 1,
        Engine::Postgres => 3,
    };
    let rows = rounds * ROWS_A_ROUND * kinds;
    world.drop_sheet("fees.csv", &csv(&bills("R", rows)));
    let mut service = world.start_service();
    let (mut killed, mut crashed, mut away) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        some_more_calls(&world).await;
        service.kill9().await;
        let began = Instant::now();
        service = world.start_service();
        killed.push(next_call_after(&world, began).await);
        if engine == Engine::Postgres {
            some_more_calls(&world).await;
            crashed.push(crash(&world).await);
            some_more_calls(&world).await;
            away.push(take_away(&world).await);
        }
    }
    while_it_moves("every row is billed, or unknown", async || {
        let rows = world.results().await;
        let told = |state: &str| ["billed", "unknown"].contains(&state);
        let there = rows.iter().filter(|row| told(&row.state)).count();
        (there == rows.len(), there)
    })
    .await;
    assert_eq!(service.stop().await, 0);
    world.nobody_is_billed_twice("school");
    world.hub_and_views_agree("school").await;
    world.verified().await;

    let mut table = Table::default();
    let states = world.states("school").await;
    let mut times = |what: &str, times: Vec<Duration>| {
        if !times.is_empty() {
            let n = times.len();
            table.line(format!("{what}, {n} times"), spread(times, seconds));
        }
    };
    times("from kill -9 and a start to the next call", killed);
    times("from a crash of the server to the next call", crashed);
    times("from a database that is back to the next call", away);
    for (state, n) in states {
        table.line(format!("rows {state} in the end"), n);
    }
    table
}

async fn some_more_calls(world: &World) {
    let so_far = world.bulk_calls().len();
    world
        .wait_until("some more calls are made", async || {
            world.bulk_calls().len() >= so_far + 4
        })
        .await;
}

/// How long after `began` the hub gets another call.
async fn next_call_after(world: &World, began: Instant) -> Duration {
    let so_far = world.bulk_calls().len();
    world
        .wait_until("it goes on", async || world.bulk_calls().len() > so_far)
        .await;
    began.elapsed()
}

/// One of the server's processes is killed, and the server restarts as it does after any crash: every
/// connection is lost, and it recovers from its log. Answers how long until the next call whose
/// intent it stored after that.
async fn crash(world: &World) -> Duration {
    let mut connection = PgConnection::connect(world.database_url())
        .await
        .expect("the database is there");
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(&mut connection)
        .await
        .expect("a connection has a process");
    let began = Instant::now();
    let killed = Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.expect("kill can be run").success());
    world
        .wait_until("the server noticed", async || {
            connection.ping().await.is_err()
        })
        .await;
    world
        .wait_until("the server is back", async || {
            PgConnection::connect(world.database_url()).await.is_ok()
        })
        .await;
    next_call_after(world, began).await
}

/// Nobody is let into the database for a while; answers how long after that the next call is made.
async fn take_away(world: &World) -> Duration {
    let url = world.database_url();
    let (server, name) = server_and_name(url);
    let mut connection = PgConnection::connect(&server)
        .await
        .expect("the server is there");
    for sql in [
        format!("alter database {name} allow_connections false"),
        format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"),
    ] {
        said(&mut connection, sql).await;
    }
    // The length of the trouble, not a wait for something.
    tokio::time::sleep(AWAY_FOR).await;
    let so_far = world.bulk_calls().len();
    said(
        &mut connection,
        format!("alter database {name} allow_connections true"),
    )
    .await;
    let began = Instant::now();
    world
        .wait_until("it goes on", async || world.bulk_calls().len() > so_far)
        .await;
    began.elapsed()
}

async fn said(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .expect("the server does what a trial needs");
}

/// The server's own database, and the name of the world's.
fn server_and_name(url: &str) -> (String, String) {
    let path = url.split('?').next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    (
        url.replacen(&format!("/{name}"), "/postgres", 1),
        name.to_owned(),
    )
}
