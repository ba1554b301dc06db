//! What happens to an identifier that is billed again, and how PSIDs come.

use std::time::Duration;

use asaanbill_sandbox::{Pay, SandboxConfig, SwitchesChange};
use serde_json::json;

use crate::world::{World, in_process, quiet, row};

#[tokio::test]
async fn an_unpaid_bill_gives_way_to_a_newer_one_under_the_same_psid() {
    let world = World::new().await;
    let first = world.add(row("A", "1")).await.ok().data();
    let second = world.add(row("A", "2")).await.ok().data();
    assert_eq!(first["psid"], second["psid"]);
    assert_eq!(world.statuses("A"), ["DISCARD", "APPROVED"]);
    let discarded = world
        .get(&format!("/payment/{}", first["id"]))
        .await
        .ok()
        .data();
    assert_eq!(
        (&discarded["status"], &discarded["psid"]),
        (&json!("DISCARD"), &first["psid"])
    );
}

#[tokio::test]
async fn a_paid_bill_stays_and_the_new_one_is_a_second_bill() {
    let world = World::new().await;
    world.add(row("A", "1")).await.ok();
    world.sandbox.pay(&Pay::identifier("A")).unwrap();
    world.add(row("A", "2")).await.ok();
    assert_eq!(world.statuses("A"), ["PROCESSED", "APPROVED"]);
    let paid = world.sandbox.pay(&Pay::identifier("A")).unwrap();
    assert_eq!(paid.amount, "2");
    assert_eq!(world.statuses("A"), ["PROCESSED", "PROCESSED"]);
    assert_eq!(world.sandbox.state().payments_beyond_first, 1);
}

#[tokio::test]
async fn a_bill_that_waits_for_its_psid_gives_way_too_and_never_gets_one() {
    let world = World::new().await;
    world.bulk(&[row("A", "1"), row("B", "1")]).await.ok();
    world.bulk(&[row("A", "2")]).await.ok();
    assert_eq!(world.statuses("A"), ["DISCARD", "DRAFT"]);
    assert_eq!(world.sandbox.assign().unwrap(), 2);
    assert_eq!(world.statuses("A"), ["DISCARD", "APPROVED"]);
    let payments = world.sandbox.payments(None, Some("A"));
    assert!(payments[0].psid.is_none());
    let psid = payments[1].psid.clone().unwrap();
    let found = world.get(&format!("/search/{psid}")).await.ok().data();
    assert_eq!(found[0]["totalElements"], 1);
}

#[tokio::test]
async fn of_two_rows_with_one_identifier_the_later_silently_discards_the_earlier() {
    let world = World::new().await;
    let echo = world
        .bulk(&[row("A", "1"), row("A", "2")])
        .await
        .ok()
        .data();
    for place in 0..2 {
        assert_eq!(echo["payments"][place]["status"], "PROCESSED");
    }
    world.sandbox.assign().unwrap();
    assert_eq!(world.statuses("A"), ["DISCARD", "APPROVED"]);
}

#[tokio::test]
async fn identifiers_that_differ_in_a_blank_are_two() {
    let world = World::new().await;
    world.add(row("A", "1")).await.ok();
    world.add(row(" A", "1")).await.ok();
    assert_eq!(
        (world.statuses("A").len(), world.statuses(" A").len()),
        (1, 1)
    );
    assert_eq!(world.sandbox.state().identifiers, 2);
}

#[tokio::test]
async fn psids_come_by_themselves_a_moment_later() {
    let config = SandboxConfig {
        psid_delay: Duration::from_millis(30),
        ..quiet()
    };
    let world = World::with(config).await;
    world.bulk(&[row("A", "1")]).await.ok();
    let assigned = async {
        while world.statuses("A") != ["APPROVED"] {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), assigned)
        .await
        .unwrap();
    let data = world.get("/bulk-payment-request/11").await.ok().data();
    assert_eq!(data["status"], "PROCESSED");
}

#[tokio::test]
async fn psids_can_be_held_also_for_add() {
    let world = in_process(quiet()).await;
    let added = world.add(row("A", "1")).await.ok().data();
    assert!(added["psid"].is_null());
    assert_eq!(added["status"], "IN_PROCESS");
    assert!(
        world.sandbox.pay(&Pay::identifier("A")).is_err(),
        "nothing to pay yet"
    );
    let release = SwitchesChange {
        psid_hold: Some(false),
        ..SwitchesChange::default()
    };
    world.sandbox.switch(release).unwrap();
    let assigned = async {
        while world.statuses("A") != ["APPROVED"] {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), assigned)
        .await
        .unwrap();
}

#[tokio::test]
async fn drafting_can_fail_and_does_not_stop_a_later_bill() {
    let world = World::new().await;
    let fail = SwitchesChange {
        error_identifiers: Some(vec!["A".to_owned()]),
        ..SwitchesChange::default()
    };
    world.sandbox.switch(fail).unwrap();
    world.bulk(&[row("A", "1"), row("B", "1")]).await.ok();
    world.sandbox.assign().unwrap();
    assert_eq!(
        (world.statuses("A"), world.statuses("B")),
        (vec!["ERRORED".to_owned()], vec!["APPROVED".to_owned()])
    );
    let data = world.get("/bulk-payment-request/11").await.ok().data();
    assert_eq!(data["payments"]["content"][0]["status"], "ERRORED");
    let mend = SwitchesChange {
        error_identifiers: Some(Vec::new()),
        ..SwitchesChange::default()
    };
    world.sandbox.switch(mend).unwrap();
    world.add(row("A", "1")).await.ok();
    assert_eq!(world.statuses("A"), ["ERRORED", "APPROVED"]);
}
