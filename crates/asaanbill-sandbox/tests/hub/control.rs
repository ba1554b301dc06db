//! The control API over HTTP, the switches, and start and stop.

use std::time::Duration;

use asaanbill_sandbox::{
    Fault, Rule, Sandbox, SandboxConfig, SandboxError, SwitchesChange, User, serve,
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::world::{World, quiet, row};

#[tokio::test]
async fn every_fault_of_the_table_is_understood() {
    let world = World::new().await;
    let table = include_str!("../../src/lib.rs");
    let mut understood = 0;
    for line in table
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
    {
        let Some((fault, _)) = line.split_once("` |") else {
            continue;
        };
        if !fault.starts_with(['{', '"']) {
            continue;
        }
        let fault = fault.replace(
            "\"body\": …, \"headers\": {…}",
            "\"body\": \"x\", \"headers\": {\"a\": \"b\"}",
        );
        let fault = fault.replace("\"body\": …", "\"body\": {\"x\": 1}");
        if serde_json::from_str::<Value>(&fault).is_err() {
            continue; // a line of the quirks' table
        }
        let rule = format!("{{\"on\": \"any\", \"do\": {fault}}}");
        let answer = world.control("POST", "/faults", &rule).await;
        assert_eq!(answer.status, 200, "{rule}: {}", answer.text);
        // What is listed can be sent again.
        let listed = answer
            .json()
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .to_string();
        serde_json::from_str::<Rule>(&listed).unwrap();
        understood += 1;
    }
    assert_eq!(understood, 23);
    assert_eq!(
        world
            .control("GET", "/faults", "")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        23
    );
    assert_eq!(
        world.control("DELETE", "/faults", "").await.json(),
        json!([])
    );
    let unknown = r#"{"on": "nothing", "do": "close_after"}"#;
    let answer = world.control("POST", "/faults", unknown).await.json();
    let error = answer["error"].as_str().unwrap();
    assert!(
        ["login", "add-bulk", "search", "any"]
            .iter()
            .all(|name| error.contains(&format!("`{name}`"))),
        "{error}"
    );
    assert!(world.sandbox.faults().is_empty());
}

#[tokio::test]
async fn a_fault_may_be_written_in_several_ways() {
    for text in [
        r#"{"on": "add", "do": "close_after"}"#,
        r#"{"on": "add", "do": {"close_after": {}}}"#,
        r#"{"on": "add", "do": {"close_after": true}}"#,
        r#"{"on": "add", "skip": 0, "times": 1, "do": {"close_after": null}}"#,
    ] {
        let rule: Rule = serde_json::from_str(text).unwrap();
        assert_eq!(rule.fault, Fault::CloseAfter);
    }
    let rule: Rule =
        serde_json::from_str(r#"{"on": "any", "times": null, "do": "close_before"}"#).unwrap();
    assert_eq!(
        (rule.on, rule.times, rule.fault),
        (None, None, Fault::CloseBefore { read_bytes: None })
    );
}

#[tokio::test]
async fn a_wish_that_makes_no_sense_is_400_and_changes_nothing() {
    let world = World::new().await;
    for (path, body) in [
        ("/faults", "7"),
        ("/faults", r#"{"on": "nothing", "do": "close_after"}"#),
        ("/faults", r#"{"on": "any", "do": "explode"}"#),
        (
            "/faults",
            r#"{"on": "any", "do": {"status": {"code": 99}}}"#,
        ),
        ("/faults", r#"{"on": "any", "times": 0, "do": "html"}"#),
        (
            "/faults",
            r#"[{"on": "any", "do": "html"}, {"on": "any", "do": {"drip": {"bytes_per_second": 0}}}]"#,
        ),
        (
            "/faults",
            r#"{"on": "any", "do": {"html": {}, "no_echo": {}}}"#,
        ),
        ("/switches", r#"{"no_such_switch": true}"#),
        ("/pay", r#"{"identifier": "A", "payment_id": 1}"#),
        ("/pay", "{}"),
        ("/away", "{}"),
    ] {
        let answer = world.control("POST", path, body).await;
        assert_eq!(answer.status, 400, "{path} {body}");
        assert!(answer.json()["error"].is_string());
    }
    assert!(world.sandbox.faults().is_empty());
}

#[tokio::test]
async fn a_bill_is_paid_by_identifier_psid_or_id() {
    let config = SandboxConfig {
        users: vec![User::new("a", "1"), User::new("b", "2")],
        ..quiet()
    };
    let mut world = World::with(config).await;
    let first = world.add(row("A", "1")).await.ok().data();
    let second = world.add(row("B", "1")).await.ok().data();
    world.add(row("C", "1")).await.ok();
    world.user = "b".to_owned();
    world.sign_in("2").await;
    world.add(row("C", "7")).await.ok();
    let pay = async |wish: Value| world.control("POST", "/pay", &wish.to_string()).await;
    let paid = pay(json!({"psid": first["psid"]})).await.json();
    assert_eq!(
        (&paid["status"], &paid["user"]),
        (&json!("PROCESSED"), &json!("a"))
    );
    assert_eq!(pay(json!({"payment_id": second["id"]})).await.status, 200);
    assert_eq!(
        pay(json!({"identifier": "B"})).await.status,
        409,
        "paid already"
    );
    assert_eq!(
        pay(json!({"identifier": "C"})).await.status,
        400,
        "two users have it"
    );
    assert_eq!(
        pay(json!({"identifier": "C", "user": "b"})).await.json()["amount"],
        "7"
    );
    for unknown in [
        json!({"identifier": "X"}),
        json!({"payment_id": 1}),
        json!({"psid": "1"}),
        json!({"identifier": "A", "user": "x"}),
    ] {
        assert_eq!(pay(unknown).await.status, 404);
    }
}

#[tokio::test]
async fn payments_calls_and_totals_are_shown() {
    let world = World::new().await;
    let mut wrong = row("C", "1");
    wrong["title"] = json!("");
    world
        .bulk(&[row("A", "1"), row("B", "2.50"), wrong])
        .await
        .ok();
    assert_eq!(
        world.control("POST", "/assign", "").await.json(),
        json!({"assigned": 1})
    );
    let payments = world.control("GET", "/payments?user=demo", "").await.json();
    assert_eq!(payments.as_array().unwrap().len(), 2);
    assert_eq!(
        (&payments[1]["identifier"], &payments[1]["amount"]),
        (&json!("B"), &json!("2.50"))
    );
    assert_eq!(
        (&payments[1]["bulk_id"], &payments[1]["status"]),
        (&json!(11), &json!("APPROVED"))
    );
    let one = world
        .control("GET", "/payments?identifier=A", "")
        .await
        .json();
    assert_eq!(one.as_array().unwrap().len(), 1);
    assert_eq!(
        world
            .control("GET", "/payments?user=nobody", "")
            .await
            .json(),
        json!([])
    );
    let calls = world.control("GET", "/calls", "").await.json();
    let ends: Vec<&Value> = calls
        .as_array()
        .unwrap()
        .iter()
        .map(|call| &call["endpoint"])
        .collect();
    assert_eq!(ends, ["login", "add-bulk"]);
    assert_eq!(
        (&calls[1]["rows"], &calls[1]["bulk_id"], &calls[1]["status"]),
        (&json!(3), &json!(11), &json!("200"))
    );
    let later = world.control("GET", "/calls?after=1", "").await.json();
    assert_eq!(later.as_array().unwrap().len(), 1);
    let state = world.control("GET", "/state", "").await.json();
    assert_eq!(
        (&state["approved"], &state["rows_refused"], &state["calls"]),
        (&json!(2), &json!(1), &json!(2))
    );
    assert_eq!(
        world.control("GET", "/callbacks", "").await.json(),
        json!([])
    );
}

#[tokio::test]
async fn many_payments_are_written_piece_by_piece() {
    let world = World::new().await;
    for part in 0..3 {
        let rows: Vec<Value> = (0..4000)
            .map(|n| row(&format!("A-{part}-{n}"), "1"))
            .collect();
        world.bulk(&rows).await.ok();
    }
    let payments = world.control("GET", "/payments", "").await.json();
    let ids: Vec<u64> = payments
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["id"].as_u64().unwrap())
        .collect();
    let first = ids[0];
    assert_eq!(ids, (first..first + 12_000).collect::<Vec<u64>>());
}

#[tokio::test]
async fn switches_refuse_rows_and_calls() {
    let world = World::new().await;
    let switch = async |wish: Value| {
        world
            .control("POST", "/switches", &wish.to_string())
            .await
            .json()
    };
    switch(json!({"refuse_identifiers": {"A": "blocked"}, "refuse_titles_containing": {"Sheikh": "not him"}})).await;
    let mut other = row("B", "1");
    other["title"] = json!("Ali");
    let data = world
        .bulk(&[row("A", "1"), row("C", "1"), other])
        .await
        .ok()
        .data();
    let said: Vec<&Value> = (0..3)
        .map(|place| &data["payments"][place]["status"])
        .collect();
    assert_eq!(said, ["blocked", "not him", "PROCESSED"]);
    assert_eq!(
        world.add(row("A", "1")).await.json()["responseMessage"],
        "blocked"
    );
    let shown =
        switch(json!({"refuse_identifiers": {}, "refuse_titles_containing": {}, "max_rows": 1}))
            .await;
    assert_eq!(shown["max_rows"], 1);
    assert_eq!(
        world.bulk(&[row("D", "1"), row("E", "1")]).await.status,
        400
    );
    switch(json!({"max_rows": null, "role_denied": true})).await;
    assert_eq!(
        world.bulk(&[row("D", "1"), row("E", "1")]).await.status,
        403
    );
    let shown = switch(json!({"role_denied": false})).await;
    assert_eq!(shown, world.control("GET", "/switches", "").await.json());
    world.bulk(&[row("D", "1"), row("E", "1")]).await.ok();
}

#[tokio::test]
async fn a_password_is_changed_and_tokens_can_be_dead() {
    let mut world = World::new().await;
    let change = r#"{"password": {"demo": "new"}}"#;
    let shown = world.control("POST", "/switches", change).await;
    assert!(!shown.text.contains("new\""), "no password is shown");
    assert_eq!(world.login("demo", "demo").await.status, 404);
    world.sign_in("new").await;
    let unknown = world
        .control(
            "POST",
            "/switches",
            r#"{"password": {"x": "y"}, "down": true}"#,
        )
        .await;
    assert_eq!(unknown.status, 404);
    assert!(!world.sandbox.switches().down, "nothing is changed by half");
    let dead = SwitchesChange {
        dead_tokens: Some(true),
        ..SwitchesChange::default()
    };
    world.sandbox.switch(dead).unwrap();
    world.sign_in("new").await;
    assert_eq!(world.get("/payment").await.status, 401);
}

#[tokio::test]
async fn calls_beyond_the_limit_are_429_with_a_wait() {
    let world = World::new().await;
    world
        .control("POST", "/switches", r#"{"limit_per_minute": 2}"#)
        .await;
    for _ in 0..2 {
        world.get("/payment").await.ok();
    }
    let answer = world.get("/payment").await;
    assert_eq!(answer.status, 429);
    let wait: u64 = answer.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    world
        .control("POST", "/switches", r#"{"limit_per_minute": null}"#)
        .await;
    world.get("/payment").await.ok();
}

#[tokio::test]
async fn a_hub_that_is_down_answers_nothing_but_the_control_api() {
    let world = World::new().await;
    world
        .control("POST", "/switches", r#"{"down": true}"#)
        .await;
    assert!(world.try_get("/payment").await.is_err());
    assert!(world.try_bulk(&[row("A", "1")]).await.is_err());
    assert_eq!(world.sandbox.state().payments, 0);
    world
        .control("POST", "/switches", r#"{"down": false}"#)
        .await;
    world.get("/payment").await.ok();
}

#[tokio::test]
async fn a_hub_that_is_away_refuses_connections_and_comes_back_on_its_port() {
    let world = World::new().await;
    world.sandbox.refuse_connections(true).await;
    let error = world.try_get("/payment").await.unwrap_err();
    assert!(error.is_connect());
    world.sandbox.refuse_connections(false).await;
    world.get("/payment").await.ok();
    assert_eq!(
        world.control("POST", "/away", r#"{"ms": 1}"#).await.status,
        200
    );
    let back = async {
        while TcpStream::connect(world.sandbox.address()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_request_that_never_came_whole_is_noted_as_lost() {
    use tokio::io::AsyncWriteExt;
    let world = World::new().await;
    let mut line = TcpStream::connect(world.sandbox.address()).await.unwrap();
    line.write_all(
        b"POST /integration/add-bulk HTTP/1.1\r\nHost: hub\r\nContent-Length: 100\r\n\r\n{\"pay",
    )
    .await
    .unwrap();
    drop(line);
    let lost = async {
        while world.sandbox.calls().last().unwrap().status != "lost" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), lost)
        .await
        .unwrap();
}

#[tokio::test]
async fn only_loopback_and_sensible_configs_start() {
    let start = async |address: &str, config: SandboxConfig| {
        Sandbox::start(TcpListener::bind(address).await.unwrap(), config)
    };
    let open = start("0.0.0.0:0", SandboxConfig::default()).await;
    assert!(matches!(open, Err(SandboxError::NotLoopback(_))));
    for users in [
        vec![],
        vec![User::new("a", "1"), User::new("a", "2")],
        vec![User::new("", "1")],
    ] {
        let refused = start("127.0.0.1:0", SandboxConfig { users, ..quiet() }).await;
        assert!(matches!(refused, Err(SandboxError::Users(_))));
    }
    let callback_url = Some("https://example.org/".to_owned());
    let refused = start(
        "127.0.0.1:0",
        SandboxConfig {
            callback_url,
            ..quiet()
        },
    )
    .await;
    assert!(matches!(refused, Err(SandboxError::CallbackUrl { .. })));
}

#[tokio::test]
async fn serve_runs_until_it_is_told_and_frees_the_port() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, quiet(), async move {
        let _ = stopped.await;
    }));
    let url = format!("http://{address}/sandbox/state");
    assert_eq!(
        crate::world::client()
            .get(url)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[test]
fn a_password_is_never_printed() {
    let config = SandboxConfig {
        users: vec![User::new("greenfield", "sesame")],
        ..quiet()
    };
    let printed = format!("{config:?}");
    assert!(printed.contains("greenfield") && !printed.contains("sesame"));
}
