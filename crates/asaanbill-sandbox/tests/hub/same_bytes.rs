//! The hub with a port and the hub in process answer the same calls with the
//! same bytes, but for the times in them.

use asaanbill_sandbox::{
    Endpoint, Fault, Garble, HubInProcess, Pay, Request, Rule, Sandbox, SandboxConfig,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::hand_driven::{HandDriven, login};
use crate::world::{client, quiet, row};

/// Headers that are the hub's, and not the connection's.
const COMPARED: [&str; 4] = ["content-type", "retry-after", "location", "allow"];

/// Status, headers and body, without times.
type Seen = (u16, Vec<Option<String>>, String);

fn config() -> SandboxConfig {
    SandboxConfig {
        quirks: true,
        token_seed: Some(7),
        ..quiet()
    }
}

/// The text with every time in it taken out.
fn without_times(text: &str) -> String {
    let mut text = text.to_owned();
    for key in ["createdAt", "updatedAt", "uploadedAt", "paidAt"] {
        let start = format!("\"{key}\":\"");
        let pieces: Vec<String> = text
            .split(&start)
            .enumerate()
            .map(|(at, piece)| match piece.split_once('"') {
                Some((time, rest)) if at > 0 && time != "N/A" => format!("…\"{rest}"),
                _ => piece.to_owned(),
            })
            .collect();
        text = pieces.join(&start);
    }
    text
}

async fn over_the_port(sandbox: &Sandbox, client: &reqwest::Client, request: &Request) -> Seen {
    let query = if request.query.is_empty() { "" } else { "?" };
    let url = format!(
        "http://{}{}{query}{}",
        sandbox.address(),
        request.path,
        request.query
    );
    let mut sent = client.request(request.method.parse().unwrap(), url);
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    let response = sent.body(request.body.clone()).send().await.unwrap();
    let header = |name: &&str| {
        let value = response.headers().get(*name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let (status, headers) = (
        response.status().as_u16(),
        COMPARED.iter().map(header).collect(),
    );
    (
        status,
        headers,
        without_times(&response.text().await.unwrap()),
    )
}

fn in_process(driven: &HandDriven, request: &Request) -> Seen {
    let answer = driven.call(request.clone());
    let header = |name: &&str| answer.header(name).map(str::to_owned);
    let body = std::str::from_utf8(&answer.body).unwrap();
    (
        answer.status,
        COMPARED.iter().map(header).collect(),
        without_times(body),
    )
}

/// Reads of everything, and calls that are refused one way or another.
fn reads(driven: &HandDriven) -> Vec<Request> {
    let signed = |path: &str, query: &str| driven.signed(Request::get(path, query));
    let mut head = signed("/integration/payment", "");
    head.method = "HEAD".to_owned();
    let mut delete = signed("/integration/payment/264001", "");
    delete.method = "DELETE".to_owned();
    vec![
        signed("/integration/bulk-payment-request", "contentType=JSON"),
        signed(
            "/integration/bulk-payment-request",
            "contentType=CSV&pageNo=1&pageSize=7",
        ),
        signed("/integration/bulk-payment-request", ""),
        signed("/payment-hub/integration/bulk-payment-request/11", ""),
        signed("/integration/bulk-payment-request/99", ""),
        signed("/integration/payment", "pageNo=0&pageSize=2"),
        signed("/integration/payment", "pageSize=none"),
        signed("/integration/payment", "pageSize=0"),
        signed("/integration/payment/264001", ""),
        signed("/integration/payment/1", ""),
        signed("/integration/search/100139100100154854584585", ""),
        signed("/integration/search/%31%30", ""),
        signed("/integration/search/%ff", ""),
        signed("/integration/search/", ""),
        signed("/payment-hub/integration/integration/payment", ""),
        Request::get("/integration/payment", ""),
        Request::get("/integration/payment", "").with_header("username", "demo"),
        head,
        delete,
        login("wrong"),
        Request::post("/integration/login", "", "{"),
        driven.signed(Request::post(
            "/integration/add",
            "generationTypes=PSID",
            "[]",
        )),
        driven.signed(Request::post("/integration/add", "", "{}")),
    ]
}

fn writes(driven: &HandDriven) -> Vec<Request> {
    let mut wrong = row("C", "1,0");
    wrong["amountAfterDueDate"] = Value::Null;
    let add = json!({"payment": row("D", "50.5")}).to_string();
    let dynamic = json!({"payment": {"amount": "9", "longitude": "72.9", "latitude": "33.6"}});
    vec![
        driven.bulk_request(&[row("A", "1400"), row("B", "1300"), wrong.clone()]),
        driven.bulk_request(&[wrong]),
        driven.bulk_request(&[]),
        driven.bulk_request(&[row(" ف \u{1f}\"", "1"), row("A", "1500.50")]),
        driven.signed(Request::post(
            "/integration/add",
            "generationTypes=PSID",
            add,
        )),
        driven.signed(Request::post(
            "/integration/add",
            "generationTypes=DQRC",
            dynamic.to_string(),
        )),
        driven.signed(Request::post(
            "/integration/add",
            "generationTypes=NONE",
            "{}",
        )),
    ]
}

fn faults() -> Vec<Fault> {
    let headers = [("X-Seen".to_owned(), "yes".to_owned())].into();
    vec![
        Fault::Status {
            code: 503,
            body: Some(json!({"x": 1})),
            headers,
        },
        Fault::AfterStatus {
            code: 502,
            body: None,
        },
        Fault::RetryAfter {
            code: 429,
            header: "-1".to_owned(),
        },
        Fault::Redirect {
            to: "http://127.0.0.1/".to_owned(),
            code: 302,
        },
        Fault::Html,
        Fault::BodyCode {
            http: 201,
            code: 200,
        },
        Fault::GarbleEcho(Garble {
            shuffle: true,
            other_dates: true,
            ..Garble::default()
        }),
        Fault::NoEcho,
        Fault::RefuseRows {
            identifiers: Vec::new(),
            every: Some(2),
            message: "no".to_owned(),
        },
        Fault::RefuseAll {
            message: "none".to_owned(),
        },
    ]
}

#[tokio::test]
async fn a_port_changes_nothing_about_the_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let sandbox = Sandbox::start(listener, config()).unwrap();
    let client = client();
    // Signs in once by itself, and so does the other.
    let driven = HandDriven::new(config());
    over_the_port(&sandbox, &client, &login("demo")).await;

    let mut compared = 0;
    let mut both = async |request: &Request| {
        let ported = over_the_port(&sandbox, &client, request).await;
        assert_eq!(in_process(&driven, request), ported, "{request:?}");
        compared += 1;
    };
    both(&login("demo")).await;
    for request in writes(&driven).into_iter().chain(reads(&driven)) {
        both(&request).await;
    }
    sandbox.assign().unwrap();
    driven.hub.assign(driven.at_ms).unwrap();
    sandbox.pay(&Pay::identifier("A")).unwrap();
    driven.hub.pay(driven.at_ms, &Pay::identifier("A")).unwrap();
    for request in reads(&driven) {
        both(&request).await;
    }
    let paid = &driven.hub.payments(None, Some("A"))[1];
    let psid = paid.psid.clone().unwrap();
    for path in ["search", "payment"] {
        let path = format!("/integration/{path}/{psid}");
        both(&driven.signed(Request::get(&path, "pageSize=5"))).await;
    }
    for fault in faults() {
        let rule = Rule::once(Endpoint::AddBulk, fault);
        sandbox.add_faults([rule.clone()]).unwrap();
        driven.hub.add_faults([rule]).unwrap();
        both(&driven.bulk_request(&[row("A", "1"), row("E", "2")])).await;
    }
    let read = driven.signed(Request::get("/integration/payment", ""));
    both(&read).await;
    let forget = Rule::once(None, Fault::Unauthorized);
    sandbox.add_faults([forget.clone()]).unwrap();
    driven.hub.add_faults([forget]).unwrap();
    // Refused, refused because the token is forgotten, then a new one.
    for request in [&read, &read, &login("demo")] {
        both(request).await;
    }
    assert_eq!(compared, 1 + 7 + 23 + 23 + 2 + 10 + 1 + 3);

    let told = |mut calls: Vec<asaanbill_sandbox::CallRecord>| {
        calls.iter_mut().for_each(|call| call.at_ms = 0);
        calls
    };
    assert_eq!(told(driven.hub.calls()), told(sandbox.calls()));
    let (ported, held): (asaanbill_sandbox::State, _) = (sandbox.state(), driven.hub.state());
    // Without a URL the one has nothing to post; the other hands over all.
    let without_callbacks = |state| asaanbill_sandbox::State {
        callbacks: 0,
        ..state
    };
    assert_eq!(without_callbacks(held), without_callbacks(ported));
    sandbox.stop().await;
}

#[test]
fn a_body_too_large_is_413_here_too() {
    let config = SandboxConfig {
        body_bytes_max: 100,
        ..config()
    };
    let hub = HubInProcess::open(config, 0).unwrap();
    let big = Request::post("/integration/login", "", vec![b' '; 101]);
    assert_eq!(hub.call(0, big).unwrap().status, 413);
    assert_eq!(hub.calls()[0].status, "413");
}
