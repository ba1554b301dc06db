//! A write whose answer is lost, again and again and in every way: each goes onto the wire once.
//!
//! `cargo xtask trials wire` makes ten thousand of these calls; a test makes some.

use std::collections::BTreeMap;

use asaanbill_http::WriteError;
use asaanbill_sandbox::{Endpoint, Fault};
use futures::future::join_all;

use crate::world::{bills, world};

/// How many calls, where somebody says so.
const CALLS_VARIABLE: &str = "LOST_ANSWERS";
const CALLS: u32 = 240;
/// So many clients make them side by side, each with a hub of its own.
const CLIENTS: u32 = 8;

/// Whether the work was done, and how the answer is lost.
fn loss(number: u32) -> (bool, Fault) {
    let bytes = u64::from(number.wrapping_mul(2_654_435_761) >> 16);
    match number % 8 {
        0 | 1 => (true, Fault::CloseAfter),
        // The smallest answer is longer than this.
        2..=4 => (true, Fault::CutAfter { bytes: bytes % 90 }),
        5 => {
            let (code, body) = (503, None);
            (true, Fault::AfterStatus { code, body })
        }
        6 => (true, Fault::Html),
        _ => {
            let read_bytes = Some(bytes % 150);
            (false, Fault::CloseBefore { read_bytes })
        }
    }
}

/// Makes calls of these numbers; answers how many the hub had, and how many it worked off.
async fn lose(numbers: std::ops::Range<u32>) -> (usize, usize) {
    let world = world().await;
    let mut worked_off = BTreeMap::new();
    for number in numbers.clone() {
        let (works, fault) = loss(number);
        world.fault(Endpoint::AddBulk, fault.clone());
        let bill = bills(number..number + 1);
        let outcome = world.client.add_bulk(&bill).await;
        assert!(
            matches!(outcome, Err(WriteError::Unknown { .. })),
            "{fault:?}: {outcome:?}"
        );
        if works {
            worked_off.insert(bill[0].identifier.to_string(), 0);
        }
    }
    for payment in world.hub.payments(None, None) {
        *worked_off.entry(payment.identifier).or_insert(10) += 1;
    }
    let wrong: Vec<_> = worked_off
        .iter()
        .filter(|(_, times)| **times != 1)
        .collect();
    assert!(wrong.is_empty(), "billed so often: {wrong:?}");
    (world.calls(Endpoint::AddBulk).len(), worked_off.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_answer_is_lost_goes_onto_the_wire_once() {
    let calls = match std::env::var(CALLS_VARIABLE) {
        Ok(calls) => calls.parse().unwrap(),
        Err(_) => CALLS,
    };
    let share = calls / CLIENTS;
    let clients = (0..CLIENTS).map(|client| lose(client * share..(client + 1) * share));
    let told = join_all(clients).await;
    let had: usize = told.iter().map(|(had, _)| had).sum();
    let worked_off: usize = told.iter().map(|(_, worked_off)| worked_off).sum();
    assert_eq!(had, (share * CLIENTS) as usize, "calls the hub had");
    println!("| attempts whose answer was lost | {} |", share * CLIENTS);
    println!("| calls that the hub had | {had} |");
    println!("| calls that the hub worked off, each once | {worked_off} |");
}
