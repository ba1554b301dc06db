//! What the guide's samples mix takes turns; what it settles does not.

use std::collections::BTreeSet;

use asaanbill_sandbox::{SandboxConfig, SwitchesChange};
use serde_json::Value;

use crate::world::{World, in_process, quiet, row};

fn quirky() -> SandboxConfig {
    SandboxConfig {
        quirks: true,
        ..quiet()
    }
}

/// The forms in which a field shows up over many payments.
fn forms(payments: &Value, form: impl Fn(&Value) -> String) -> BTreeSet<String> {
    payments.as_array().unwrap().iter().map(form).collect()
}

/// Digits as 9 and letters as a, so that the form alone is left.
fn shape(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            c if c.is_ascii_digit() => '9',
            c if c.is_ascii_alphabetic() => 'a',
            c => c,
        })
        .collect()
}

async fn sixteen(world: &World) -> Vec<Value> {
    let rows: Vec<Value> = (0..16).map(|n| row(&format!("A-{n}"), "1400")).collect();
    world.bulk(&rows).await.ok();
    rows
}

#[tokio::test]
async fn amounts_days_and_times_take_turns_within_one_answer() {
    let world = World::with(quirky()).await;
    sixteen(&world).await;
    world.sandbox.assign().unwrap();
    let bulk = world.get("/bulk-payment-request/11").await.ok().data();
    let list = world.get("/payment").await.ok().data();
    for payments in [&bulk["payments"]["content"], &list[0]["content"]] {
        assert_eq!(
            forms(payments, |p| p["amount"].to_string()),
            ["\"1400\"", "1400.0"].map(String::from).into()
        );
        assert_eq!(
            forms(payments, |p| p["amountAfterDueDate"].to_string()).len(),
            2
        );
        let days = ["2035-08-31", "31-08-2035"].map(String::from).into();
        assert_eq!(
            forms(payments, |p| p["dueDate"].as_str().unwrap().to_owned()),
            days
        );
        let times = ["99:99 aa 99-aaa-9999", "99:99aa 99-aaa-9999"]
            .map(String::from)
            .into();
        assert_eq!(
            forms(payments, |p| shape(p["createdAt"].as_str().unwrap())),
            times
        );
    }
}

#[tokio::test]
async fn without_quirks_every_endpoint_keeps_to_its_sample() {
    let world = World::with(quiet()).await;
    sixteen(&world).await;
    world.sandbox.assign().unwrap();
    for _ in 0..4 {
        let bulk = world.get("/bulk-payment-request/11").await.ok().data();
        let payments = &bulk["payments"]["content"];
        assert_eq!(
            forms(payments, |p| p["amount"].to_string()),
            ["1400.0".to_owned()].into()
        );
        assert_eq!(forms(payments, |p| p["dueDate"].to_string()).len(), 1);
        let list = world.get("/payment").await.ok().data();
        let payments = &list[0]["content"];
        assert_eq!(
            forms(payments, |p| p["amount"].to_string()),
            ["\"1400\"".to_owned()].into()
        );
        assert_eq!(
            forms(payments, |p| shape(p["createdAt"].as_str().unwrap())).len(),
            1
        );
    }
}

#[tokio::test]
async fn pending_stands_in_for_in_process_and_psids_are_missing_or_null() {
    let world = in_process(quirky()).await;
    sixteen(&world).await;
    let bulk = world.get("/bulk-payment-request/11").await.ok().data();
    let payments = &bulk["payments"]["content"];
    let said = ["IN_PROCESS", "PENDING"].map(String::from).into();
    assert_eq!(
        forms(payments, |p| p["status"].as_str().unwrap().to_owned()),
        said
    );
    assert_eq!(forms(payments, |p| format!("{:?}", p.get("psid"))).len(), 2);
    assert!(
        payments
            .as_array()
            .unwrap()
            .iter()
            .all(|p| p["psid"].is_null())
    );
}

#[tokio::test]
async fn the_count_of_a_bulk_request_goes_by_two_names() {
    let world = World::with(quirky()).await;
    for n in 0..4 {
        world
            .bulk(&[row(&format!("A-{n}"), "1"), row(&format!("B-{n}"), "1")])
            .await
            .ok();
    }
    let list = world
        .get("/bulk-payment-request?contentType=JSON")
        .await
        .ok()
        .data();
    let mut names = BTreeSet::new();
    for entry in list["content"].as_array().unwrap() {
        for name in ["vouchersCount", "paymentCount"] {
            if let Some(count) = entry.get(name) {
                assert_eq!(count, 2);
                names.insert(name);
            }
        }
    }
    assert_eq!(names.len(), 2);
}

#[tokio::test]
async fn an_unknown_psid_is_an_empty_list_or_404_by_turns() {
    let world = World::with(quirky()).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(world.get("/search/100139100100154854584585").await.status);
    }
    seen.sort_unstable();
    assert_eq!(seen, [200, 200, 404, 404]);
}

#[tokio::test]
async fn days_that_do_not_exist_can_be_switched_on() {
    let world = World::with(quiet()).await;
    let on = SwitchesChange {
        impossible_days: Some(true),
        ..SwitchesChange::default()
    };
    world.sandbox.switch(on).unwrap();
    let added = world.add(row("A", "1")).await.ok().data();
    assert_eq!(added["createdAt"], "08:49AM 31-Jun-2025");
}

#[tokio::test]
async fn large_amounts_and_paisa_come_back_exactly() {
    let world = World::with(quirky()).await;
    let rows: Vec<Value> = (0..8)
        .map(|n| row(&format!("A-{n}"), "90071992547409.07"))
        .collect();
    world.bulk(&rows).await.ok();
    let bulk = world.get("/bulk-payment-request/11").await.ok().data();
    for payment in bulk["payments"]["content"].as_array().unwrap() {
        let amount = payment["amount"].to_string();
        assert_eq!(amount.trim_matches('"'), "90071992547409.07");
    }
}
