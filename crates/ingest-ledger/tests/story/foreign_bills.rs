//! A database that came back from a backup: bills at the hub that it did not make count as billed
//! before, and the newest call is told from another of its number.

use crate::both;
use crate::world::*;
use ingest_ledger::*;

both!(
    bills_that_the_ledger_did_not_make_count_as_billed_before,
    foreign
);
both!(
    a_newest_call_is_told_by_its_number_and_what_it_carried,
    newest
);

/// A pupil's bill as the hub shows it.
fn at_hub(payment_id: &str, of: &Bill, state: RowState) -> HubBill {
    HubBill {
        payment_id: Some(payment_id.to_owned()),
        identifier: of.identifier.clone(),
        amount: Some(of.amount),
        late: Some(of.amount),
        due_date: Some(of.due),
        state,
        psid: (state == RowState::Billed).then(|| format!("2002{payment_id}")),
    }
}

async fn read(world: &World, request_id: &str, bills: &[HubBill]) -> u64 {
    let request = ForeignRequest {
        request_id: request_id.to_owned(),
        bills: bills.to_vec(),
    };
    let stored = world.ledger.foreign_request_read(&world.lease, &request);
    stored.await.unwrap()
}

async fn rejudged(world: &World) -> u64 {
    let rules = rules();
    let judged = world.ledger.rejudge_waiting(&world.lease, &rules);
    judged.await.unwrap()
}

async fn foreign(world: World) {
    use RowState::*;
    let pupils = pupils(4);
    let shown = |third| {
        [
            at_hub("1", &pupils[0], Billed),
            at_hub("2", &pupils[1], Discarded),
            at_hub("3", &pupils[2], third),
        ]
    };
    assert_eq!(read(&world, "77", &shown(Accepted)).await, 3);
    assert_eq!(read(&world, "77", &shown(Accepted)).await, 0, "nothing new");
    assert_eq!(world.ledger.foreign_count(ACCOUNT).await.unwrap(), (3, 2));

    let mut wanted = pupils.clone();
    wanted[2].amount += 100;
    let file = world.drop_in("again.csv", &wanted).await;
    assert_eq!(world.states(file).await, [Skipped, Ready, Held, Ready]);
    let says = world.message(file, 1).await;
    assert!(
        says.contains("payment 1 of request 77") && says.contains("PSID 20021"),
        "{says}"
    );
    let asks = world.ledger.foreign_asks_of_file(file).await.unwrap();
    assert_eq!((asks.len(), asks[0].request_id.as_str()), (1, "77"));

    // The third waits for the hub, and is judged again by itself once that is done.
    assert_eq!(rejudged(&world).await, 0);
    assert_eq!(read(&world, "77", &shown(Errored)).await, 1);
    assert_eq!(rejudged(&world).await, 1);
    assert_eq!(world.states(file).await, [Skipped, Ready, Ready, Ready]);
    world.send_and_bill_all(100).await;
    assert_eq!(world.states(file).await, [Skipped, Billed, Billed, Billed]);
    world.verified().await;

    // What is learnt too late is no double of ours; one that was known, and sent beside, is.
    assert_eq!(
        read(&world, "78", &[at_hub("9", &pupils[3], Billed)]).await,
        1
    );
    world.verified().await;
    world
        .raw
        .run("update foreign_bills set stored_at = '2001-01-01T00:00:00.000Z' where payment_id = '9'")
        .await;
    let broken = world.ledger.verify().await.unwrap();
    assert_eq!(broken.len(), 1, "{broken:#?}");
    assert!(broken[0].detail.contains("request 78"), "{broken:#?}");
}

async fn newest(world: World) {
    assert_eq!(world.ledger.newest_call(ACCOUNT).await.unwrap(), None);
    world.drop_in("march.csv", &pupils(2)).await;
    let attempt = world.send_taken("1").await;
    let call = world.ledger.newest_call(ACCOUNT).await.unwrap().unwrap();
    assert_eq!(call.attempt_id, attempt.attempt_id);
    assert!(world.ledger.knows_call(&call).await.unwrap());
    let later = NewestCall {
        attempt_id: call.attempt_id + 1,
        ..call.clone()
    };
    let of_another = NewestCall {
        body_sha256: [9; 32],
        ..call.clone()
    };
    for strange in [&later, &of_another] {
        assert!(!world.ledger.knows_call(strange).await.unwrap());
    }

    // No other reason takes the place of a database that is behind, and only a person ends it.
    let pause = async |kind| {
        world
            .ledger
            .pause(ACCOUNT, kind, "why", None)
            .await
            .unwrap()
    };
    let kind = async || world.ledger.accounts().await.unwrap()[0].paused_kind;
    pause(PauseKind::Person).await;
    pause(PauseKind::Restored).await;
    for other in [PauseKind::Person, PauseKind::SignIn] {
        pause(other).await;
        assert_eq!(kind().await, Some(PauseKind::Restored));
    }
    world.ledger.unpause_by_itself(ACCOUNT).await.unwrap();
    assert_eq!(kind().await, Some(PauseKind::Restored));
    world.ledger.unpause(ACCOUNT).await.unwrap();
    assert_eq!(kind().await, None);
}
