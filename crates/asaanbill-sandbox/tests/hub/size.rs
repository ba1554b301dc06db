//! A million payments: how long a call takes, and what the hub weighs.
//!
//! Ignored, because it means something with `--release` only:
//! `cargo test --release -p asaanbill-sandbox -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use asaanbill_sandbox::SandboxConfig;
use serde_json::Value;

use crate::world::{World, quiet, row};

/// What this process, hub and client in one, holds in memory.
fn resident_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kb: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kb / 1024)
}

#[tokio::test]
#[ignore = "takes a while, and means something with --release only"]
async fn a_million_payments_stay_small_and_quick() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Some(folder.path().join("hub.jsonl"));
    let world = World::with(SandboxConfig {
        journal: journal.clone(),
        ..quiet()
    })
    .await;
    let mut times = Vec::new();
    for call in 0..200 {
        let rows: Vec<Value> = (0..5000)
            .map(|n| row(&format!("FS-{call:04}-{n:05}"), "14500"))
            .collect();
        let started = Instant::now();
        world.bulk(&rows).await;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    let started = Instant::now();
    world.sandbox.assign().unwrap();
    let assigned = started.elapsed();
    let started = Instant::now();
    let page = world.get("/payment?pageNo=7000").await.ok().data();
    let deep_page = started.elapsed();
    assert_eq!(page[0]["totalElements"], 1_000_000);
    let started = Instant::now();
    world.get("/bulk-payment-request/111").await.ok();
    let status = started.elapsed();
    let resident = resident_mb();
    world.sandbox.stop().await;
    let started = Instant::now();
    let again = World::with(SandboxConfig { journal, ..quiet() }).await;
    let replayed = started.elapsed();
    assert_eq!(again.sandbox.state().approved, 1_000_000);
    println!(
        "call median {:?} max {:?}; assigned {assigned:?}; deep page {deep_page:?}; \
         status {status:?}; resident {resident:?} MB; replayed {replayed:?}",
        times[100], times[199]
    );
    assert!(resident.is_none_or(|mb| mb < 400));
    assert!(times[100] < Duration::from_millis(100));
    assert!(deep_page < Duration::from_millis(100));
}
