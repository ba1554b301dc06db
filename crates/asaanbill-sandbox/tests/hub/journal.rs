//! What a hub remembers after it was stopped, dropped, or killed in a write.

use std::io::Write;
use std::path::Path;

use asaanbill_sandbox::{Pay, PaymentView, Sandbox, SandboxConfig, SandboxError};
use tokio::net::TcpListener;

use crate::world::{World, in_process, quiet, row};

fn on(path: &Path) -> SandboxConfig {
    SandboxConfig {
        journal: Some(path.to_owned()),
        ..quiet()
    }
}

async fn start(config: SandboxConfig) -> Result<Sandbox, SandboxError> {
    Sandbox::start(TcpListener::bind("127.0.0.1:0").await.unwrap(), config)
}

fn all(world: &World) -> Vec<PaymentView> {
    world.sandbox.payments(None, None)
}

/// Everything that can happen to a payment, and one request left waiting.
async fn eventful(path: &Path) -> World {
    let world = World::with(on(path)).await;
    world
        .bulk(&[row("A", "1"), row(" Ü\n\"B\"", "2.50"), row("C", "3")])
        .await
        .ok();
    world.sandbox.assign().unwrap();
    world.sandbox.pay(&Pay::identifier("A")).unwrap();
    world.add(row("A", "4")).await.ok();
    world.add(row("C", "5")).await.ok();
    world.bulk(&[row("D", "6")]).await.ok();
    world
}

#[tokio::test]
async fn a_stopped_hub_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.jsonl");
    let world = eventful(&path).await;
    let (before, state) = (all(&world), world.sandbox.state());
    let list = world.get("/payment").await.ok().data();
    world.sandbox.stop().await;

    let world = World::with(on(&path)).await;
    assert_eq!(all(&world), before);
    let after = world.sandbox.state();
    assert_eq!((after.bulk_requests, after.assignments_waiting), (2, 1));
    assert_eq!(
        (after.approved, after.processed, after.discard),
        (state.approved, 1, 1)
    );
    assert_eq!(
        world.get("/payment").await.ok().data(),
        list,
        "in the same order"
    );
    assert_eq!(
        world.bulk(&[row("E", "1")]).await.ok().data()["bulkPaymentRequestId"],
        13
    );
    assert_eq!(world.sandbox.assign().unwrap(), 2);
    assert_eq!(world.statuses("D"), ["APPROVED"]);
}

#[tokio::test]
async fn a_dropped_hub_remembers_whatever_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.jsonl");
    let world = eventful(&path).await;
    let before = all(&world);
    drop(world);
    assert_eq!(all(&World::with(on(&path)).await), before);
}

#[tokio::test]
async fn a_torn_last_line_is_cut_off_wherever_it_tore() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.jsonl");
    let world = eventful(&path).await;
    let before = all(&world);
    world.sandbox.stop().await;
    let whole = std::fs::read(&path).unwrap();
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    for tear in [last + 1, (last + whole.len()) / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..tear]).unwrap();
        let sandbox = start(on(&path)).await.unwrap();
        assert_eq!(sandbox.payments(None, None), before[..before.len() - 1]);
        sandbox.stop().await;
        assert_eq!(std::fs::read(&path).unwrap(), whole[..last]);
    }
    // What is written next starts on a line of its own.
    let world = World::with(on(&path)).await;
    world.bulk(&[row("D", "6")]).await.ok();
    world.sandbox.stop().await;
    let sandbox = start(on(&path)).await.unwrap();
    assert_eq!(sandbox.payments(None, None).len(), before.len());
}

#[tokio::test]
async fn a_broken_line_in_the_middle_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.jsonl");
    eventful(&path).await.sandbox.stop().await;
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("{\"assign_bulk\"", "{\"no_such\"", 1)).unwrap();
    let error = start(on(&path)).await.unwrap_err().to_string();
    assert!(error.contains("at line 2"), "{error}");
    // An event that was left out is noticed by the ids.
    let without: String = text.split_inclusive('\n').skip(1).collect();
    std::fs::write(&path, without).unwrap();
    assert!(start(on(&path)).await.is_err());
}

#[tokio::test]
async fn a_journal_has_one_hub() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.jsonl");
    let first = start(on(&path)).await.unwrap();
    assert!(matches!(
        start(on(&path)).await,
        Err(SandboxError::JournalInUse(_))
    ));
    drop(first);
    start(on(&path)).await.unwrap();
}

#[tokio::test]
async fn a_line_is_there_before_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.jsonl");
    let world = World::with(on(&path)).await;
    let lines = || std::fs::read_to_string(&path).unwrap().lines().count();
    world.bulk(&[row("A", "1"), row("B", "1")]).await.ok();
    assert_eq!(lines(), 1, "a whole request is one line");
    world.add(row("C", "1")).await.ok();
    assert_eq!(lines(), 2);
    world.sandbox.assign().unwrap();
    assert_eq!(lines(), 3);
    world.sandbox.pay(&Pay::identifier("B")).unwrap();
    assert_eq!(lines(), 4);
    world.get("/payment").await.ok();
    assert_eq!(lines(), 4, "reads write nothing");
}

#[tokio::test]
async fn a_held_single_payment_waits_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.jsonl");
    let world = in_process(on(&path)).await;
    world.add(row("A", "1")).await.ok();
    world.sandbox.stop().await;
    let sandbox = start(on(&path)).await.unwrap();
    assert_eq!(sandbox.state().assignments_waiting, 1);
    assert_eq!(sandbox.assign().unwrap(), 1);
    assert_eq!(sandbox.payments(None, None)[0].status, "APPROVED");
}

#[tokio::test]
async fn a_journal_that_is_no_journal_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        start(on(folder.path())).await,
        Err(SandboxError::Journal { .. })
    ));
    let path = folder.path().join("letter.txt");
    std::fs::File::create(&path)
        .unwrap()
        .write_all(b"Dear hub,\nhow are you?\n")
        .unwrap();
    assert!(matches!(
        start(on(&path)).await,
        Err(SandboxError::JournalLine { line: 1, .. })
    ));
    assert_eq!(
        std::fs::read(&path).unwrap().len(),
        23,
        "it is left as it was"
    );
}
