//! One login for everybody, again when it is needed, and never without end.

use asaanbill_http::{AddBulkBody, PageAsk, ReadError, WriteError};
use asaanbill_sandbox::{Endpoint, Fault, SwitchesChange};
use futures::future::join_all;

use crate::world::{PASSWORD, bare, bills, ok_json, quick, status, world};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn twenty_calls_at_once_sign_in_once() {
    let world = world().await;
    let calls = (0..20).map(|_| world.client.payments(PageAsk::first()));
    for answer in join_all(calls).await {
        answer.unwrap();
    }
    assert_eq!(world.calls(Endpoint::Login).len(), 1);
}

#[tokio::test]
async fn twenty_calls_that_meet_a_dead_token_sign_in_once_more() {
    let world = world().await;
    world.client.sign_in_if_needed().await.unwrap();
    world.fault(Endpoint::PaymentList, Fault::Unauthorized);
    let calls = (0..20).map(|_| world.client.payments(PageAsk::first()));
    for answer in join_all(calls).await {
        answer.unwrap();
    }
    assert_eq!(world.calls(Endpoint::Login).len(), 2);
}

#[tokio::test]
async fn twenty_calls_share_a_login_that_fails() {
    let world = world().await;
    let wrong = quick(world.hub.base_url());
    let wrong = wrong.build().unwrap();
    wrong.change_password("guess".into());
    let calls = (0..20).map(|_| wrong.payments(PageAsk::first()));
    for answer in join_all(calls).await {
        assert!(
            matches!(answer, Err(ReadError::SignInFailed { .. })),
            "{answer:?}"
        );
    }
    assert_eq!(world.calls(Endpoint::Login).len(), 1);
    assert!(world.calls(Endpoint::PaymentList).is_empty());
}

#[tokio::test]
async fn a_write_that_meets_a_401_is_not_repeated_but_the_next_one_goes() {
    let world = world().await;
    world.client.sign_in_if_needed().await.unwrap();
    world.fault(Endpoint::AddBulk, Fault::Unauthorized);
    let err = world.client.add_bulk(&bills(0..3)).await.unwrap_err();
    assert!(matches!(err, WriteError::SignInAgain { .. }), "{err:?}");
    assert_eq!(world.calls(Endpoint::AddBulk).len(), 1);
    assert_eq!(
        world.calls(Endpoint::Login).len(),
        2,
        "it signed in for the next attempt"
    );
    world.client.add_bulk(&bills(0..3)).await.unwrap();
    assert_eq!(world.calls(Endpoint::Login).len(), 2);
}

#[tokio::test]
async fn a_login_that_gives_dead_tokens_is_not_tried_for_ever() {
    let world = world().await;
    world
        .hub
        .switch(SwitchesChange {
            dead_tokens: Some(true),
            ..SwitchesChange::default()
        })
        .unwrap();
    let err = world.client.payments(PageAsk::first()).await.unwrap_err();
    assert!(matches!(err, ReadError::SignInFailed { .. }), "{err:?}");
    assert_eq!(world.calls(Endpoint::PaymentList).len(), 2);
    assert_eq!(world.calls(Endpoint::Login).len(), 2);
    let err = world.client.add_bulk(&bills(0..1)).await.unwrap_err();
    assert!(matches!(err, WriteError::SignInAgain { .. }), "{err:?}");
    assert_eq!(world.calls(Endpoint::AddBulk).len(), 1);
}

#[tokio::test]
async fn a_password_changed_at_the_hub_stops_writes_before_they_are_sent() {
    let world = world().await;
    let new_password = SwitchesChange {
        password: [("greenfield".to_owned(), "new-pass".to_owned())].into(),
        ..SwitchesChange::default()
    };
    world.hub.switch(new_password).unwrap();
    let err = world.client.add_bulk(&bills(0..3)).await.unwrap_err();
    assert!(matches!(err, WriteError::SignInFailed { .. }), "{err:?}");
    assert!(world.calls(Endpoint::AddBulk).is_empty());
    world.client.change_password("new-pass".into());
    world.client.add_bulk(&bills(0..3)).await.unwrap();
}

#[tokio::test]
async fn a_token_that_dies_with_the_password_says_so_at_once() {
    let world = world().await;
    world.client.sign_in_if_needed().await.unwrap();
    let new_password = SwitchesChange {
        password: [("greenfield".to_owned(), "new-pass".to_owned())].into(),
        ..SwitchesChange::default()
    };
    world.hub.switch(new_password).unwrap();
    world.fault(Endpoint::AddBulk, Fault::Unauthorized);
    let err = world.client.add_bulk(&bills(0..3)).await.unwrap_err();
    assert!(matches!(err, WriteError::SignInFailed { .. }), "{err:?}");
    assert_eq!(world.calls(Endpoint::AddBulk).len(), 1);
}

#[tokio::test]
async fn a_body_without_a_token_is_not_sent() {
    let world = world().await;
    let turn = world.client.write_turn().await.unwrap();
    let body = AddBulkBody::of(&bills(0..1)).unwrap();
    let err = world.client.add_bulk_body(turn, body).await.unwrap_err();
    assert_eq!(err, WriteError::SignInNeeded);
    assert!(world.hub.calls().is_empty());
}

#[tokio::test]
async fn a_hub_that_is_away_during_sign_in_is_not_a_wrong_password() {
    let world = world().await;
    world.faults(Endpoint::Login, 4, status(503));
    let err = world.client.add_bulk(&bills(0..1)).await.unwrap_err();
    assert!(matches!(err, WriteError::NotSent { .. }), "{err:?}");
    assert!(world.calls(Endpoint::AddBulk).is_empty());
    world.client.add_bulk(&bills(0..1)).await.unwrap();
}

#[tokio::test]
async fn the_guides_headers_go_with_every_call() {
    let hub = bare(|request, mut stream| async move {
        let body = if request.starts_with("POST /payment-hub/integration/login") {
            r#"{"responseCode":200,"data":{"token":"a+b/c==","channel":{"id":23,"name":"x"}}}"#
        } else {
            r#"{"responseCode":200,"data":[]}"#
        };
        stream.write_all(&ok_json(body)).await.unwrap();
    })
    .await;
    let client = quick(format!("{}/payment-hub", hub.base_url))
        .build()
        .unwrap();
    client.payments(PageAsk::first().of_size(5)).await.unwrap();
    let heard = hub.heard.lock().unwrap();
    let [login, list] = &heard[..] else {
        panic!("{heard:?}");
    };
    assert!(login.contains("username: greenfield\r\n"), "{login}");
    assert!(
        login.contains("content-type: application/json\r\n"),
        "{login}"
    );
    assert!(
        login.ends_with(&format!(r#"{{"password":"{PASSWORD}"}}"#)),
        "{login}"
    );
    assert!(!login.contains("x-auth-ph-key"), "{login}");
    assert!(
        list.starts_with("GET /payment-hub/integration/payment?pageNo=0&pageSize=5 HTTP/1.1\r\n"),
        "{list}"
    );
    for header in [
        "x-auth-ph-key: a+b/c==",
        "channel-id: 23",
        "username: greenfield",
        "content-type: application/json",
    ] {
        assert!(
            list.contains(&format!("{header}\r\n")),
            "{header} in {list}"
        );
    }
    assert!(!list.to_lowercase().contains("accept-encoding"), "{list}");
}

#[tokio::test]
async fn a_login_without_token_or_channel_signs_nobody_in() {
    for data in [
        r#"null"#,
        r#"{"channel":{"id":23}}"#,
        r#"{"token":"","channel":{"id":23}}"#,
        r#"{"token":"abc"}"#,
        r#"{"token":"a\nb","channel":{"id":23}}"#,
    ] {
        let body = format!(r#"{{"responseCode":200,"data":{data}}}"#);
        let hub = bare(move |_, mut stream| {
            let answer = ok_json(&body);
            async move { stream.write_all(&answer).await.unwrap() }
        })
        .await;
        let client = quick(hub.base_url).build().unwrap();
        let err = client.add_bulk(&bills(0..1)).await.unwrap_err();
        assert!(
            matches!(err, WriteError::SignInFailed { .. }),
            "{data}: {err:?}"
        );
    }
}
