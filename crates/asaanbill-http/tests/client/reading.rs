//! Reads: all of them, and how they come back where the hub stumbles.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use asaanbill_core::{NewPayment, Psid};
use asaanbill_http::{CallKind, PaceError, Pacer, PageAsk, ReadError, WriteError};
use asaanbill_sandbox::{Endpoint, Fault, Pay};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::world::{bills, status, world, world_with};

#[tokio::test]
async fn a_bill_is_followed_from_request_to_payment() {
    let world = world().await;
    let client = &world.client;
    let taken = client.add_bulk(&bills(0..2)).await.unwrap();
    world.hub.assign().unwrap();

    let list = client.bulk_requests(PageAsk::first()).await.unwrap();
    assert_eq!(list.content[0].id, Some(taken.bulk_id));
    assert_eq!(list.content[0].count, Some(2));

    let request = client.bulk_request(taken.bulk_id).await.unwrap();
    assert!(request.status.is_processed());
    let payment = &request.payments.content[0];
    let (id, psid) = (payment.id.unwrap(), payment.psid.clone().unwrap());

    world.hub.pay(&Pay::psid(psid.as_str())).unwrap();
    let paid = client.payment(id).await.unwrap();
    assert!(paid.status.is_paid());
    assert!(paid.paid_at.unwrap().utc.is_some());

    // The same identifier once more: the same PSID, a second payable bill.
    let again = bills(0..2)
        .into_iter()
        .find(|bill| paid.identifier.as_deref() == Some(&*bill.identifier));
    let second = client.add(&NewPayment::Psid(again.unwrap())).await.unwrap();
    assert_eq!(second.psid.as_ref(), Some(&psid));
    let history = client.search(&psid, PageAsk::first()).await.unwrap();
    assert_eq!(
        history.content.iter().map(|p| p.id).collect::<Vec<_>>(),
        [second.id, Some(id)]
    );

    assert_eq!(
        client
            .payments(PageAsk::first())
            .await
            .unwrap()
            .content
            .len(),
        3
    );
}

#[tokio::test]
async fn a_list_is_read_page_by_page_until_nothing_more_is_promised() {
    let world = world().await;
    for n in 0..5 {
        world.client.add_bulk(&bills(n..n + 1)).await.unwrap();
    }
    let (mut ask, mut ids) = (PageAsk::first().of_size(2), Vec::new());
    loop {
        let page = world.client.bulk_requests(ask).await.unwrap();
        ids.extend(page.content.iter().map(|request| request.id.unwrap()));
        if !page.promises_more(ids.len() as u64) {
            break;
        }
        ask = ask.next();
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5);
    assert_eq!(world.calls(Endpoint::BulkList).len(), 3);
}

#[tokio::test]
async fn a_read_is_asked_again_where_the_hub_stumbles() {
    for stumble in [
        status(500),
        status(503),
        Fault::CloseBefore { read_bytes: None },
        Fault::CloseAfter,
        Fault::CutAfter { bytes: 20 },
        Fault::Html,
        Fault::BodyCode {
            http: 200,
            code: 500,
        },
    ] {
        let world = world().await;
        world.client.sign_in_if_needed().await.unwrap();
        world.faults(Endpoint::PaymentList, 2, stumble.clone());
        let page = world.client.payments(PageAsk::first()).await;
        assert!(page.is_ok(), "{stumble:?}: {page:?}");
    }
}

#[tokio::test]
async fn a_read_gives_up_after_a_few_tries() {
    let world = world().await;
    world.faults(Endpoint::PaymentList, 100, status(503));
    let err = world.client.payments(PageAsk::first()).await.unwrap_err();
    assert!(matches!(err, ReadError::Unreachable { .. }), "{err:?}");
    assert_eq!(world.calls(Endpoint::PaymentList).len(), 4);
}

#[tokio::test]
async fn a_read_ends_at_its_deadline() {
    let world = world_with(|client| client.read_deadline(Duration::from_millis(300))).await;
    for fault in [
        Fault::DelayBeforeMs(600_000),
        Fault::Drip {
            bytes_per_second: 1,
        },
    ] {
        world.client.sign_in_if_needed().await.unwrap();
        world.fault(Endpoint::PaymentList, fault);
        let err = world.client.payments(PageAsk::first()).await.unwrap_err();
        assert!(matches!(err, ReadError::Unreachable { .. }), "{err:?}");
    }
}

#[tokio::test]
async fn a_busy_hub_is_asked_again_when_it_said() {
    let world = world().await;
    world.client.sign_in_if_needed().await.unwrap();
    let busy = |header: &str| Fault::RetryAfter {
        code: 429,
        header: header.to_owned(),
    };
    world.fault(Endpoint::PaymentList, busy("1"));
    let started = std::time::Instant::now();
    world.client.payments(PageAsk::first()).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
    // A wait beyond the call's own deadline is told to the caller.
    world.fault(Endpoint::PaymentList, busy("600"));
    let err = world.client.payments(PageAsk::first()).await.unwrap_err();
    assert!(
        matches!(err, ReadError::Wait { after } if after >= Duration::from_secs(600)),
        "{err:?}"
    );
    let err = world.client.payments(PageAsk::first()).await.unwrap_err();
    assert!(matches!(err, ReadError::Wait { .. }), "{err:?}");
    assert_eq!(world.calls(Endpoint::PaymentList).len(), 3);
}

#[tokio::test]
async fn what_the_hub_does_not_have_or_give_is_told_apart() {
    let world = world().await;
    let client = &world.client;
    assert!(matches!(
        client.payment(999_999).await,
        Err(ReadError::NotFound { .. })
    ));
    assert!(matches!(
        client.bulk_request(999_999).await,
        Err(ReadError::NotFound { .. })
    ));
    world.fault(Endpoint::Search, status(403));
    let psid = Psid::parse("100139100100154854584585").unwrap();
    assert!(matches!(
        client.search(&psid, PageAsk::first()).await,
        Err(ReadError::Forbidden { .. })
    ));
    world.fault(Endpoint::Search, status(400));
    let err = client.search(&psid, PageAsk::first()).await.unwrap_err();
    assert!(
        matches!(err, ReadError::Refused { status: 400, .. }),
        "{err:?}"
    );
    assert_eq!(
        world.calls(Endpoint::Search).len(),
        2,
        "neither was asked again"
    );
}

/// Counts turns, and gives none for writes.
#[derive(Default)]
struct NoWrites {
    reads: AtomicU32,
    sign_ins: AtomicU32,
}

impl Pacer for NoWrites {
    fn turn(&self, call: CallKind) -> BoxFuture<'_, Result<(), PaceError>> {
        async move {
            match call {
                CallKind::Read => self.reads.fetch_add(1, Ordering::SeqCst),
                CallKind::SignIn => self.sign_ins.fetch_add(1, Ordering::SeqCst),
                CallKind::Write => {
                    return Err(PaceError {
                        why: "the ledger is away".to_owned(),
                    });
                }
            };
            Ok(())
        }
        .boxed()
    }
}

#[tokio::test]
async fn every_request_asks_the_pacer_first() {
    let pacer = Arc::new(NoWrites::default());
    let world = world_with(|client| client.pacer(pacer.clone())).await;
    world.faults(Endpoint::PaymentList, 2, status(500));
    world.client.payments(PageAsk::first()).await.unwrap();
    assert_eq!(pacer.reads.load(Ordering::SeqCst), 3);
    assert_eq!(pacer.sign_ins.load(Ordering::SeqCst), 1);
    let err = world.client.add_bulk(&bills(0..1)).await.unwrap_err();
    let WriteError::NotSent { why } = err else {
        panic!("{err:?}");
    };
    assert!(why.contains("the ledger is away"));
    assert!(world.calls(Endpoint::AddBulk).is_empty());
}
