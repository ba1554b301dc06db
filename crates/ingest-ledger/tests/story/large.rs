//! A ledger of ten million rows, as schools would have it after ten months, and `verify` over all of
//! it: in less than a minute, with nothing to find. Ignored, for it takes minutes and gigabytes:
//!
//! `cargo xtask test --durable -- -p ingest-ledger --release large -- --ignored --nocapture --test-threads 1`
//!
//! `LARGE_ROWS` (10000000) and `LARGE_LINES` (of a hundred rows, how many have facts of their own;
//! 30) say what is filled in. With `LARGE_URL` that database is filled and kept, for `ingestd verify`
//! to be timed on it.

mod filling;

use self::filling::Filling;
use crate::raw::{postgres_database, postgres_dropped};
use std::time::{Duration, Instant};

#[tokio::test]
#[ignore = "fills a database with ten million rows"]
async fn a_large_ledger_is_verified_within_a_minute_on_sqlite() {
    if let Ok(url) = std::env::var("LARGE_URL") {
        if url.starts_with("sqlite:") {
            fill_and_verify(&url).await;
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.db");
    fill_and_verify(&format!("sqlite:{}", file.display())).await;
}

#[tokio::test]
#[ignore = "fills a database with ten million rows"]
async fn a_large_ledger_is_verified_within_a_minute_on_postgresql() {
    if let Ok(url) = std::env::var("LARGE_URL") {
        if url.starts_with("postgres") {
            fill_and_verify(&url).await;
        }
        return;
    }
    let url = postgres_database().await;
    fill_and_verify(&url).await;
    postgres_dropped(&url).await;
}

/// A number from the environment.
fn number(name: &str, otherwise: i64) -> i64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

async fn fill_and_verify(url: &str) {
    let began = Instant::now();
    let filling = Filling::open(
        url,
        number("LARGE_ROWS", 10_000_000),
        number("LARGE_LINES", 30),
    );
    let ledger = filling.await.fill().await;
    eprintln!("filled in {:?}", began.elapsed());
    for _ in 0..2 {
        let began = Instant::now();
        let broken = ledger.verify().await.unwrap();
        let took = began.elapsed();
        eprintln!("verified in {took:?}");
        assert!(broken.is_empty(), "{broken:#?}");
        assert!(took < Duration::from_secs(60), "{took:?}");
    }
    ledger.close().await;
}
