//! Forged callbacks, a hundred thousand of them, at a machine whose cores are all busy: is one of
//! them believed, and how long does the hub wait for its answer meanwhile?

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use asaanbill_sandbox::Pay;
use futures::future::join_all;

use super::Table;
use super::chance::Chance;
use super::patience::while_it_moves;
use super::table::{ms, seconds, spread};
use crate::postgres::Database;
use crate::relay::{SECRET, Told, post};
use crate::sheets_in::{bills, csv};
use crate::views::Row;
use crate::world::World;

/// Forgers at once, each with a call of its own.
const FORGERS: usize = 24;
/// Bills that are really paid meanwhile.
const PAID: usize = 40;
const BILLS: usize = 200;

/// Posts `n` forged callbacks from many callers at once while every core spins, and among them the
/// honest ones of bills that are paid meanwhile.
///
/// # Panics
/// If a forged one changed a row, or an honest one got no row to `paid`.
pub async fn run(database: Database, n: usize, seed: u64) -> Table {
    let world = World::called_back(database);
    world.set("reads_per_minute", "600");
    let service = world.start_service();
    let web = world.web_of(&service).await;
    world.drop_sheet("fees.csv", &csv(&bills("P", BILLS)));
    world.wait_for_states(&["billed"]).await;
    world
        .wait_until("the hub has told that the bills are made", async || {
            !world.relay().told().is_empty()
        })
        .await;
    let before = world.results().await;
    let changes = world.changes_after(0).await.len();

    let spinning = Spinning::on_every_core();
    let began = Instant::now();
    let over = AtomicBool::new(false);
    let next = AtomicUsize::new(0);
    let forging = async {
        let forgers = (0..FORGERS).map(|_| forge(web, &before, n, seed, &next));
        let answers: Vec<Answers> = join_all(forgers).await;
        over.store(true, Ordering::Relaxed);
        answers.into_iter().fold(Answers::default(), Answers::and)
    };
    let (forged, honest) = tokio::join!(forging, tell_honestly(&world, web, &over));
    let took = began.elapsed();
    drop(spinning);

    let paid: BTreeSet<&str> = honest.payers.iter().map(String::as_str).collect();
    while_it_moves("every callback is heard", async || {
        let waiting = world.json(&["status"]).await["accounts"][0]["callbacks"]["waiting"].as_u64();
        let waiting = usize::try_from(waiting.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        (waiting == 0, waiting)
    })
    .await;
    let believed = believed(&before, &world.results().await, &paid);
    assert_eq!(believed, Vec::<String>::new(), "a forged one was believed");
    let changed = world.changes_after(0).await.len() - changes;
    assert_eq!(changed, paid.len(), "a row changed for no reason");
    world.hub_and_views_agree("school").await;
    assert_eq!(service.stop().await, 0);
    world.verified().await;

    let mut table = Table::default();
    table.line("forged callbacks", forged.times.len());
    table.line("… believed", believed.len());
    for (status, times) in &forged.by_status {
        table.line(format!("… answered {status}"), times);
    }
    table.line("their answers", spread(forged.times, ms));
    table.line("honest callbacks meanwhile", honest.answers.times.len());
    for (status, times) in &honest.answers.by_status {
        table.line(format!("… answered {status}"), times);
    }
    table.line("their answers", spread(honest.answers.times, ms));
    table.line("a payment in the results", spread(honest.known, seconds));
    table.line("took", seconds(took));
    table
}

/// Rows that differ from what they were, though the hub was paid nothing for them.
fn believed(before: &[Row], after: &[Row], paid: &BTreeSet<&str>) -> Vec<String> {
    assert_eq!(before.len(), after.len());
    let pairs = before.iter().zip(after);
    pairs
        .filter(|(was, is)| match paid.contains(is.identifier.as_str()) {
            true => is.state != "paid" || was.psid != is.psid,
            false => was != is,
        })
        .map(|(_, is)| format!("{is:?}"))
        .collect()
}

#[derive(Default)]
struct Answers {
    times: Vec<Duration>,
    by_status: BTreeMap<u16, usize>,
}

impl Answers {
    fn note(&mut self, status: u16, took: Duration) {
        self.times.push(took);
        *self.by_status.entry(status).or_default() += 1;
    }

    fn and(mut self, other: Answers) -> Answers {
        self.times.extend(other.times);
        for (status, times) in other.by_status {
            *self.by_status.entry(status).or_default() += times;
        }
        self
    }
}

/// One forger: takes the next number until there are `n`.
async fn forge(to: SocketAddr, rows: &[Row], n: usize, seed: u64, next: &AtomicUsize) -> Answers {
    let mut answers = Answers::default();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= n {
            return answers;
        }
        let (kind, body) = lie(rows, number, seed);
        let path = format!("/callbacks/school/{SECRET}/{kind}");
        let answer = post(to, &path, &[], body.as_bytes()).await;
        answers.note(answer.status, answer.took);
    }
}

/// What somebody might say who knows the secret, the payers and their numbers: no two alike.
fn lie(rows: &[Row], number: usize, seed: u64) -> (&'static str, String) {
    let mut chance = Chance::from(seed.wrapping_add(number as u64));
    let row = &rows[chance.below(rows.len())];
    let psid = row.psid.as_deref().unwrap_or_default();
    let request = row.request.as_deref().unwrap_or_default();
    let (processed, approved) = ("processed", "bulk-payment-request-approved");
    match chance.below(7) {
        0 => (
            processed,
            format!(
                r#"{{"psid": "{psid}", "identifier": "{}", "amount": "{}", "paymentStatus": "PROCESSED", "n": {number}}}"#,
                row.identifier,
                row.amount.as_deref().unwrap_or_default()
            ),
        ),
        1 => (
            processed,
            format!(r#"{{"psid": "{psid}", "amount": "1", "status": "DISCARD", "n": {number}}}"#),
        ),
        2 => (
            processed,
            format!(r#"{{"identifier": "{}", "n": {number}}}"#, row.identifier),
        ),
        3 => (
            approved,
            format!(
                r#"{{"bulkPaymentRequestId": {request}, "status": "ERRORED", "payments": [{{"identifier": "{}", "psid": "{number:024}", "paymentStatus": "APPROVED"}}]}}"#,
                row.identifier
            ),
        ),
        4 => (approved, format!(r#"{{"bulkPaymentRequestId": {number}}}"#)),
        5 => (approved, format!("<h1>{number}</h1>")),
        _ => (processed, format!(r#"[{{"psid": "{psid}"}}, {{"{number}"#)),
    }
}

#[derive(Default)]
struct Honest {
    answers: Answers,
    payers: Vec<String>,
    known: Vec<Duration>,
}

/// Pays bills one after the other for as long as the forgers are at it, tells the service of each as
/// the hub does, and waits until the results show it.
async fn tell_honestly(world: &World, to: SocketAddr, over: &AtomicBool) -> Honest {
    let mut honest = Honest::default();
    for number in 1..=PAID {
        let payer = format!("P-{number:05}");
        let told = world.relay().told().len();
        world
            .hub()
            .pay(&Pay::identifier(&payer))
            .expect("an unpaid bill can be paid");
        let began = Instant::now();
        world
            .wait_until("the hub posts it", async || {
                world.relay().told().len() > told
            })
            .await;
        let callback: Told = world.relay().told().swap_remove(told);
        let answer = post(to, &callback.path, &[], &callback.body).await;
        honest.answers.note(answer.status, answer.took);
        honest.payers.push(payer.clone());
        world
            .wait_until("the payment is known", async || {
                world.rows_of("fees.csv").await[number - 1].state == "paid"
            })
            .await;
        honest.known.push(began.elapsed());
        if over.load(Ordering::Relaxed) && number >= 5 {
            break;
        }
    }
    honest
}

/// Threads that leave no core idle, until this is dropped.
struct Spinning {
    over: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Spinning {
    fn on_every_core() -> Spinning {
        let over = Arc::new(AtomicBool::new(false));
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads = (0..cores)
            .map(|_| {
                let over = Arc::clone(&over);
                thread::spawn(move || {
                    while !over.load(Ordering::Relaxed) {
                        std::hint::spin_loop();
                    }
                })
            })
            .collect();
        Spinning { over, threads }
    }
}

impl Drop for Spinning {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}
