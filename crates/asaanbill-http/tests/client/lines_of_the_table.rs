//! Every line of the answer table, as the sandbox hub answers it, and that the
//! call was made once.

use std::time::Duration;

use asaanbill_core::EchoStatus;
use asaanbill_http::{PageAsk, WriteError};
use asaanbill_sandbox::{Endpoint, Fault, SwitchesChange};

use crate::world::{World, bills, status, world, world_with};

async fn outcome_of(world: &World, fault: Fault) -> WriteError {
    world.fault(Endpoint::AddBulk, fault);
    let err = world.client.add_bulk(&bills(0..3)).await.unwrap_err();
    assert_eq!(
        world.calls(Endpoint::AddBulk).len(),
        1,
        "a write is made once: {err}"
    );
    err
}

#[tokio::test]
async fn good_rows_are_taken_each_by_its_own_status() {
    let world = world().await;
    let refuse = SwitchesChange {
        refuse_identifiers: Some(
            [("GF-0001".to_owned(), "identifier is blocked".to_owned())].into(),
        ),
        ..SwitchesChange::default()
    };
    world.hub.switch(refuse).unwrap();
    let taken = world.client.add_bulk(&bills(0..3)).await.unwrap();
    let echo = taken.echo.unwrap();
    assert_eq!(
        echo.iter()
            .map(|row| row.status.clone())
            .collect::<Vec<_>>(),
        [
            EchoStatus::Accepted,
            EchoStatus::Refused("identifier is blocked".to_owned()),
            EchoStatus::Accepted,
        ]
    );
    for (row, bill) in echo.iter().zip(bills(0..3)) {
        assert_eq!(row.identifier.as_deref(), Some(&*bill.identifier));
        assert_eq!(row.amount.value, Some(bill.amount));
        assert_eq!(
            row.amount_after_due_date.value,
            Some(bill.amount_after_due_date)
        );
        assert_eq!(row.due_date.value, Some(bill.due_date));
    }
    let request = world.client.bulk_request(taken.bulk_id).await.unwrap();
    assert_eq!(request.payments.content.len(), 2);
}

#[tokio::test]
async fn without_an_echo_it_is_taken_and_its_rows_are_at_the_hub() {
    let world = world().await;
    world.fault(Endpoint::AddBulk, Fault::NoEcho);
    let taken = world.client.add_bulk(&bills(0..3)).await.unwrap();
    assert_eq!(taken.echo, None);
    let request = world.client.bulk_request(taken.bulk_id).await.unwrap();
    assert_eq!(request.payments.content.len(), 3);
}

#[tokio::test]
async fn a_400_with_an_echo_of_errors_refuses_the_rows() {
    let world = world().await;
    let fault = Fault::RefuseAll {
        message: "title is\nnot allowed".to_owned(),
    };
    let WriteError::RowsRefused { echo, .. } = outcome_of(&world, fault).await else {
        panic!("not refused");
    };
    let why = EchoStatus::Refused("title is not allowed".to_owned());
    assert!(echo.len() == 3 && echo.iter().all(|row| row.status == why));
    assert_eq!(world.hub.state().payments, 0);
}

#[tokio::test]
async fn a_400_without_an_echo_refuses_the_whole() {
    let err = outcome_of(&world().await, status(400)).await;
    assert!(matches!(err, WriteError::RefusedWhole { .. }), "{err:?}");
}

#[tokio::test]
async fn a_403_and_a_404_are_forbidden() {
    for code in [403, 404] {
        let err = outcome_of(&world().await, status(code)).await;
        assert!(
            matches!(err, WriteError::Forbidden { status, .. } if status == code),
            "{err:?}"
        );
    }
}

#[tokio::test]
async fn a_413_is_too_large() {
    let err = outcome_of(&world().await, status(413)).await;
    assert!(matches!(err, WriteError::TooLarge { .. }), "{err:?}");
}

#[tokio::test]
async fn a_429_waits_and_keeps_the_next_call_back() {
    for (header, seconds) in [
        ("7", 7..=8),
        ("-5", 30..=33),
        ("soon", 30..=33),
        ("999999999", 900..=990),
    ] {
        let world = world().await;
        let fault = Fault::RetryAfter {
            code: 429,
            header: header.to_owned(),
        };
        let WriteError::Wait { after, .. } = outcome_of(&world, fault).await else {
            panic!("no wait for {header}");
        };
        assert!(seconds.contains(&after.as_secs()), "{header}: {after:?}");
        // Neither a write nor a read gets through before.
        let turn = tokio::time::timeout(Duration::from_millis(20), world.client.write_turn());
        assert!(turn.await.is_err());
        let read = tokio::time::timeout(
            Duration::from_millis(20),
            world.client.payments(PageAsk::first()),
        );
        let read = read.await;
        assert!(read.is_err() || read.unwrap().is_err());
        assert!(world.calls(Endpoint::PaymentList).is_empty());
    }
}

#[tokio::test]
async fn a_turn_from_before_the_hub_became_busy_is_no_longer_good() {
    let world = world().await;
    let early = {
        world.client.sign_in_if_needed().await.unwrap();
        world.client.write_turn().await.unwrap()
    };
    let fault = Fault::RetryAfter {
        code: 429,
        header: "60".to_owned(),
    };
    outcome_of(&world, fault).await;
    let body = asaanbill_http::AddBulkBody::of(&bills(0..1)).unwrap();
    let err = world.client.add_bulk_body(early, body).await.unwrap_err();
    assert!(matches!(err, WriteError::Wait { .. }), "{err:?}");
    assert_eq!(world.calls(Endpoint::AddBulk).len(), 1);
}

#[tokio::test]
async fn no_connection_means_nothing_was_sent() {
    let world = world().await;
    world.client.sign_in_if_needed().await.unwrap();
    world.hub.refuse_connections(true).await;
    let err = world.client.add_bulk(&bills(0..3)).await.unwrap_err();
    assert!(matches!(err, WriteError::NotSent { .. }), "{err:?}");
    world.hub.refuse_connections(false).await;
    assert!(world.client.add_bulk(&bills(0..3)).await.is_ok());
}

#[tokio::test]
async fn whatever_leaves_a_doubt_is_unknown() {
    let doubts = [
        status(500),
        status(503),
        status(201),
        status(409),
        Fault::AfterStatus {
            code: 503,
            body: None,
        },
        Fault::CloseBefore { read_bytes: None },
        Fault::CloseBefore {
            read_bytes: Some(0),
        },
        Fault::CloseAfter,
        Fault::CutAfter { bytes: 40 },
        Fault::CutAfter { bytes: 0 },
        Fault::Html,
        Fault::BodyCode {
            http: 200,
            code: 500,
        },
        Fault::BodyCode {
            http: 200,
            code: 400,
        },
        Fault::BodyCode {
            http: 400,
            code: 200,
        },
        Fault::RetryAfter {
            code: 503,
            header: "3".to_owned(),
        },
        Fault::Redirect {
            to: "http://127.0.0.1:9/".to_owned(),
            code: 307,
        },
    ];
    for fault in doubts {
        let err = outcome_of(&world().await, fault.clone()).await;
        assert!(err.is_unknown(), "{fault:?}: {err:?}");
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_unknown_at_the_deadline() {
    for fault in [
        Fault::DelayAfterMs(600_000),
        Fault::Drip {
            bytes_per_second: 1,
        },
    ] {
        let world = world_with(|client| client.write_deadline(Duration::from_millis(200))).await;
        let err = outcome_of(&world, fault).await;
        assert!(err.is_unknown(), "{err:?}");
    }
}

#[tokio::test]
async fn an_answer_of_ten_gigabytes_is_not_read() {
    let world = world_with(|client| client.answer_bytes_max(1 << 20)).await;
    let err = outcome_of(
        &world,
        Fault::Huge {
            bytes: 10_000_000_000,
        },
    )
    .await;
    assert!(err.is_unknown(), "{err:?}");
}

#[tokio::test]
async fn one_payment_goes_by_the_same_table() {
    use asaanbill_core::{NewPayment, PaymentStatus};
    let world = world().await;
    let bill = || NewPayment::Psid(bills(7..8).remove(0));
    world.fault(Endpoint::Add, Fault::CloseAfter);
    assert!(world.client.add(&bill()).await.unwrap_err().is_unknown());
    world.fault(Endpoint::Add, status(403));
    let err = world.client.add(&bill()).await.unwrap_err();
    assert!(
        matches!(err, WriteError::Forbidden { status: 403, .. }),
        "{err:?}"
    );
    let payment = world.client.add(&bill()).await.unwrap();
    assert_eq!(payment.status, PaymentStatus::Approved);
    assert_eq!(payment.identifier.as_deref(), Some("GF-0007"));
    assert!(payment.psid.unwrap().is_well_formed());
    assert_eq!(world.calls(Endpoint::Add).len(), 3);
}

#[tokio::test]
async fn five_thousand_rows_go_and_one_more_does_not() {
    let world = world().await;
    let err = world.client.add_bulk(&bills(0..5001)).await.unwrap_err();
    assert!(matches!(err, WriteError::NotSent { .. }), "{err:?}");
    let err = world.client.add_bulk(&[]).await.unwrap_err();
    assert!(matches!(err, WriteError::NotSent { .. }), "{err:?}");
    assert!(world.hub.calls().is_empty());
    let taken = world.client.add_bulk(&bills(0..5000)).await.unwrap();
    assert_eq!(taken.echo.unwrap().len(), 5000);
}
