//! A ledger as schools would have it after ten months, of four thousand rows and of ten million:
//! `verify` finds nothing to say, and takes less than a minute. The large one is ignored, for it takes
//! minutes and gigabytes:
//!
//! `cargo xtask test --durable -- -p ingest-ledger --release large -- --ignored --nocapture --test-threads 1`
//!
//! `LARGE_ROWS` (10000000) and `LARGE_LINES` (95) say what is filled in: so many of a hundred rows have
//! facts of their own, as nearly all have once the hub has given them PSIDs; the fewer, the more bills
//! live. With `LARGE_URL` that database is filled and kept, for `ingestd verify` to be timed on it.

mod filling;

use self::filling::Filling;
use crate::raw::{postgres_database, postgres_dropped};
use ingest_ledger::Ledger;
use std::time::{Duration, Instant};

#[tokio::test]
async fn ten_months_of_four_schools_hold_every_invariant_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    small(&format!(
        "sqlite:{}",
        folder.path().join("small.db").display()
    ))
    .await;
}

#[tokio::test]
async fn ten_months_of_four_schools_hold_every_invariant_on_postgresql() {
    let url = postgres_database().await;
    small(&url).await;
    postgres_dropped(&url).await;
}

#[tokio::test]
#[ignore = "fills a database with ten million rows"]
async fn a_large_ledger_is_verified_within_a_minute_on_sqlite() {
    if let Ok(url) = std::env::var("LARGE_URL") {
        if url.starts_with("sqlite:") {
            large(&url).await;
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.db");
    large(&format!("sqlite:{}", file.display())).await;
}

#[tokio::test]
#[ignore = "fills a database with ten million rows"]
async fn a_large_ledger_is_verified_within_a_minute_on_postgresql() {
    if let Ok(url) = std::env::var("LARGE_URL") {
        if url.starts_with("postgres") {
            large(&url).await;
        }
        return;
    }
    let url = postgres_database().await;
    large(&url).await;
    postgres_dropped(&url).await;
}

/// A number from the environment.
fn number(name: &str, otherwise: i64) -> i64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

async fn small(url: &str) {
    let ledger = Filling::open(url, 4_000, 60).await.fill().await;
    verified(&ledger).await;
    ledger.close().await;
}

async fn large(url: &str) {
    let began = Instant::now();
    let (rows, lines) = (number("LARGE_ROWS", 10_000_000), number("LARGE_LINES", 95));
    let ledger = Filling::open(url, rows, lines).await.fill().await;
    eprintln!("filled in {:?}", began.elapsed());
    for _ in 0..2 {
        let began = Instant::now();
        verified(&ledger).await;
        let took = began.elapsed();
        eprintln!("verified in {took:?}");
        assert!(took < Duration::from_secs(60), "{took:?}");
    }
    ledger.close().await;
}

async fn verified(ledger: &Ledger) {
    let broken = ledger.verify().await.unwrap();
    assert!(broken.is_empty(), "{broken:#?}");
}
