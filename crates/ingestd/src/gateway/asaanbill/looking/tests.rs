//! A hub of a few lines, whose every answer a test chooses.

#![allow(clippy::unwrap_used)]
use super::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use ingest_ledger::BillRow;
use serde_json::{Value, json};

/// What is answered about one request.
#[derive(Clone)]
enum Says {
    /// The pages of its `data`; any other page is the last of these again.
    Data(Vec<Value>),
    /// This status, in the hub's own form.
    Status(u16),
    /// A 200 with this text.
    Text(&'static str),
}

#[derive(Clone)]
struct Hub(Arc<Books>);

struct Books {
    /// The pages of the list; those beyond are empty arrays.
    list: Vec<Value>,
    requests: BTreeMap<i64, Says>,
    /// Lists that are answered; then 503.
    lists_max: usize,
    /// Every call but logins: `list` or a request's number, and the page.
    calls: Mutex<Vec<(String, Option<usize>)>>,
}

impl Hub {
    fn calls(&self) -> Vec<(String, Option<usize>)> {
        self.0.calls.lock().unwrap().clone()
    }

    fn calls_about(&self, what: &str) -> usize {
        self.calls().iter().filter(|(call, _)| call == what).count()
    }
}

async fn answer(State(Hub(books)): State<Hub>, uri: Uri) -> Response {
    let good = |data: &Value| {
        json!({"responseCode": 200, "responseMessage": "ok", "data": data})
            .to_string()
            .into_response()
    };
    let bad = |code: u16| {
        let said = json!({"responseCode": code, "responseMessage": "not today", "data": null});
        (StatusCode::from_u16(code).unwrap(), said.to_string()).into_response()
    };
    let query = uri.query().unwrap_or_default();
    let page = query
        .split('&')
        .find_map(|part| part.strip_prefix("pageNo="))
        .map(|page| page.parse::<usize>().unwrap());
    let last = uri.path().rsplit('/').next().unwrap();
    match last {
        "login" => good(&json!({"token": "t0ken-of-hub", "channel": {"id": 23}})),
        "bulk-payment-request" => {
            let mut calls = books.calls.lock().unwrap();
            calls.push(("list".to_owned(), page));
            if calls.iter().filter(|(call, _)| call == "list").count() > books.lists_max {
                return bad(503);
            }
            good(books.list.get(page.unwrap()).unwrap_or(&json!([])))
        }
        number => {
            books.calls.lock().unwrap().push((number.to_owned(), page));
            match books.requests.get(&number.parse().unwrap()) {
                None => bad(404),
                Some(Says::Status(code)) => bad(*code),
                Some(Says::Text(text)) => text.into_response(),
                Some(Says::Data(pages)) => good(&pages[page.unwrap_or(0).min(pages.len() - 1)]),
            }
        }
    }
}

async fn hub(list: Vec<Value>, requests: impl Into<BTreeMap<i64, Says>>) -> (Hub, Client) {
    hub_with(list, requests, usize::MAX).await
}

async fn hub_with(
    list: Vec<Value>,
    requests: impl Into<BTreeMap<i64, Says>>,
    lists_max: usize,
) -> (Hub, Client) {
    let hub = Hub(Arc::new(Books {
        list,
        requests: requests.into(),
        lists_max,
        calls: Mutex::default(),
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/integration", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(hub.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = Client::builder(url, "school", "secret".into())
        .reads_per_minute(600_000)
        .read_deadline(Duration::from_secs(20))
        .read_tries(2)
        .retry_pause(Duration::from_millis(1))
        .build()
        .unwrap();
    (hub, client)
}

/// A list that says how long it is.
fn list(ids: &[i64]) -> Vec<Value> {
    let content: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
    vec![json!({"totalElements": ids.len(), "totalPages": 1, "isLast": true, "content": content})]
}

fn payment(id: i64, payer: &str) -> Value {
    json!({"id": id, "identifier": payer, "amount": "1500", "amountAfterDueDate": "1600",
        "dueDate": "2035-08-31", "status": "DRAFT"})
}

fn holds(id: i64, payers: &[&str]) -> Says {
    let content: Vec<Value> = (id * 100..)
        .zip(payers)
        .map(|(id, payer)| payment(id, payer))
        .collect();
    Says::Data(vec![
        json!({"bulkPaymentRequestId": id, "status": "PROCESSED",
        "payments": {"totalNoOfElements": content.len(), "isLast": true, "content": content}}),
    ])
}

/// Request 7 with these pages of payments, of a hub that says nothing of how many there are.
fn silent(pages: &[&[Value]]) -> Says {
    let page = |content: &&[Value]| json!({"bulkPaymentRequestId": 7, "status": "PROCESSED", "payments": content});
    Says::Data(pages.iter().map(page).collect())
}

fn doubt(chunk_id: i64, payers: &[&str]) -> Doubt {
    let bill = |(row_no, payer): (u32, &&str)| BillRow {
        row_no,
        row_number: i64::from(row_no) + 1,
        sheet: String::new(),
        title: "T".to_owned(),
        identifier: (*payer).to_owned(),
        amount: 150_000,
        due_date: "2035-08-31".parse().unwrap(),
        amount_after_due_date: 160_000,
    };
    Doubt {
        chunk_id,
        bills: (1..).zip(payers).map(bill).collect(),
        settled: Vec::new(),
    }
}

async fn look_for(client: &Client, doubts: &[Doubt]) -> Result<LookUp, AskError> {
    let known = Known {
        owned: &HashSet::new(),
        taken_before: &HashMap::new(),
        listed_before: &HashMap::new(),
    };
    look(client, doubts, &known).await
}

#[tokio::test]
async fn a_request_that_can_not_be_read_hinders_no_other_from_being_adopted() {
    let miscounted = Says::Data(vec![
        json!({"bulkPaymentRequestId": 13, "status": "PROCESSED",
        "payments": {"totalNoOfElements": 9, "content": [payment(1, "X")]}}),
    ]);
    let of_another = holds(99, &["A", "B"]);
    let (_, client) = hub(
        list(&[10, 11, 12, 13, 14, 15, 16, 7]),
        [
            (10, Says::Status(500)),
            (11, Says::Status(400)),
            (12, Says::Text("<html><body>we are sorry")),
            (13, miscounted),
            (14, of_another),
            (15, Says::Status(403)),
            (7, holds(7, &["A", "B"])),
        ],
    )
    .await;
    let looked = look_for(&client, &[doubt(1, &["A", "B"]), doubt(2, &["C"])])
        .await
        .unwrap();
    assert_eq!(looked.found.len(), 1, "{looked:?}");
    assert_eq!(
        (looked.found[0].chunk_id, &*looked.found[0].request_id),
        (1, "7")
    );
    // The other chunk may be any of those that are not shown.
    let ways: Vec<&str> = looked
        .in_the_way
        .iter()
        .filter(|way| way.chunk_id == 2)
        .map(|way| way.request_id.as_str())
        .collect();
    assert_eq!(ways, ["16", "15", "14", "13", "12", "11", "10"]);
    assert_eq!(looked.listed.len(), 8);
}

#[tokio::test]
async fn a_request_of_which_no_answer_comes_is_hidden_only_while_the_hub_answers_otherwise() {
    let requests = [(10, Says::Status(500)), (7, holds(7, &["A"]))];
    let doubts = [doubt(1, &["A"])];
    let (_, client) = hub(list(&[10, 7]), requests.clone()).await;
    let looked = look_for(&client, &doubts).await.unwrap();
    assert_eq!(looked.found.len(), 1);

    // The list is read once, and then the hub is away.
    let (hub, client) = hub_with(list(&[10, 7]), requests, 1).await;
    let error = look_for(&client, &doubts).await.unwrap_err();
    assert!(matches!(error, AskError::Unreadable(_)), "{error:?}");
    assert_eq!(hub.calls_about("7"), 0, "the look ends there");
}

#[tokio::test]
async fn a_request_that_fails_alone_is_told_from_a_hub_that_is_away() {
    let requests = [(10, Says::Status(500)), (7, holds(7, &["A"]))];
    let (_, client) = hub(list(&[10, 7]), requests.clone()).await;
    let alone = request(&client, 10).await.unwrap_err();
    assert!(matches!(alone, AskError::Hidden(_)), "{alone:?}");
    let gone = request(&client, 11).await.unwrap_err();
    assert!(matches!(gone, AskError::NotFound(_)), "{gone:?}");
    let (_, client) = hub_with(list(&[10, 7]), requests, 0).await;
    let away = request(&client, 10).await.unwrap_err();
    assert!(matches!(away, AskError::Unreadable(_)), "{away:?}");
}

#[tokio::test]
async fn what_the_hub_lists_before_our_first_call_is_kept_though_its_list_breaks_off() {
    let page = |ids: &[i64]| {
        let content: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        json!({"isLast": false, "content": content})
    };
    let (hub, client) = hub_with(vec![page(&[9, 8]), page(&[7])], [], 2).await;
    let numbers = listed(&client).await.unwrap();
    assert_eq!(numbers, ["7", "8", "9"].map(str::to_owned).into());
    assert!(hub.calls_about("list") > 2, "a third page was asked for");
    // One that says it ends is not asked for more.
    let (hub, client) = self::hub(list(&[9, 8]), []).await;
    assert_eq!(listed(&client).await.unwrap().len(), 2);
    assert_eq!(hub.calls_about("list"), 1);
    let (_, client) = hub_with(list(&[9]), [], 0).await;
    listed(&client).await.unwrap_err();
}

#[tokio::test]
async fn a_hub_that_asks_to_wait_ends_the_look() {
    let requests = [(10, Says::Status(429)), (7, holds(7, &["A"]))];
    let (hub, client) = hub(list(&[10, 7]), requests).await;
    let error = look_for(&client, &[doubt(1, &["A"])]).await.unwrap_err();
    assert!(matches!(error, AskError::Unreadable(_)), "{error:?}");
    assert_eq!(hub.calls_about("7"), 0);
}

#[tokio::test]
async fn a_list_that_can_not_be_read_whole_is_no_look() {
    let doubts = [doubt(1, &["A"])];
    for pages in [
        vec![json!({"totalElements": 2, "content": [{"id": 7}]})],
        vec![
            json!({"totalPages": 4, "content": [{"id": 7}]}),
            json!([{"id": 8}]),
        ],
        vec![json!({"isLast": false, "content": [{"id": 7}]})],
        vec![json!({"isLast": false, "content": [{"id": 7}]}); 2],
        vec![json!({"content": 3})],
    ] {
        let (_, client) = hub(pages, [(7, holds(7, &["A"]))]).await;
        let error = look_for(&client, &doubts).await.unwrap_err();
        assert!(matches!(error, AskError::Unreadable(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_request_that_is_listed_without_a_number_stands_in_the_way_and_hinders_nothing() {
    let pages = vec![json!({"totalElements": 2, "content": [{"id": "x"}, {"id": 7}]})];
    let (_, client) = hub(pages, [(7, holds(7, &["A"]))]).await;
    let looked = look_for(&client, &[doubt(1, &["A"]), doubt(2, &["C"])])
        .await
        .unwrap();
    assert_eq!(looked.found.len(), 1);
    assert_eq!(
        looked.in_the_way.last().unwrap().request_id,
        "without a number"
    );
}

#[tokio::test]
async fn requests_that_are_owned_or_too_old_are_not_even_asked_for() {
    let entry =
        |id: i64, day: u32| json!({"id": id, "createdAt": format!("10:00 AM {day:02}-Jan-2035")});
    let pages = vec![
        json!({"isLast": true, "content": [entry(9, 12), entry(8, 10), entry(7, 10), entry(6, 1)]}),
    ];
    let requests = [
        (9, holds(9, &["A"])),
        (7, holds(7, &["X"])),
        (6, holds(6, &["A"])),
    ];
    let (hub, client) = hub(pages, requests).await;
    let owned = HashSet::from(["8".to_owned()]);
    let doubts = [doubt(1, &["A"])];
    let before = HashMap::from([(1, owned.clone())]);
    let (nothing, nobody) = (HashMap::new(), HashMap::new());
    let known = Known {
        owned: &owned,
        taken_before: &before,
        listed_before: &nobody,
    };
    let looked = look(&client, &doubts, &known).await.unwrap();
    assert_eq!(looked.found.len(), 1);
    assert_eq!(hub.calls_about("8") + hub.calls_about("6"), 0);

    // Listed before our first call, and a day old by then: not read either. One of that day is.
    let first_call: DateTime<Utc> = "2035-01-11T06:00:00Z".parse().unwrap();
    let past = ["6", "7"].map(|id| (id.to_owned(), first_call)).into();
    let known = Known {
        owned: &owned,
        taken_before: &nothing,
        listed_before: &past,
    };
    let looked = look(&client, &doubts, &known).await.unwrap();
    assert_eq!(looked.found.len(), 1);
    assert_eq!((hub.calls_about("6"), hub.calls_about("7")), (0, 1));

    // When nothing is known of what came before, all are read: two fit, so none does.
    let known = Known {
        owned: &owned,
        taken_before: &nothing,
        listed_before: &nobody,
    };
    let looked = look(&client, &doubts, &known).await.unwrap();
    assert!(looked.found.is_empty());
    assert_eq!((hub.calls_about("8"), hub.calls_about("6")), (0, 1));
}

#[tokio::test]
async fn more_requests_of_others_than_are_read_at_once_are_not_taken_for_read() {
    let ids: Vec<i64> = (1..=1 + UNOWNED_MAX as i64).collect();
    let (hub, client) = hub(list(&ids), []).await;
    let looked = look_for(&client, &[doubt(1, &["A"])]).await.unwrap();
    assert_eq!(hub.calls_about("1"), 0);
    assert_eq!(hub.calls_about("2"), 1);
    let last = looked.in_the_way.last().unwrap();
    assert!(
        last.request_id == "1" && last.why.contains("too many"),
        "{last:?}"
    );
}

#[tokio::test]
async fn a_full_page_of_a_silent_list_is_followed_by_the_next_until_one_is_empty() {
    let page =
        |from: i64, n: i64| -> Value { (from..from + n).map(|id| json!({"id": id})).collect() };
    for (pages, in_all, asked) in [
        (vec![page(1, 99)], 99, 1),
        (vec![page(1, 100)], 100, 2),
        (vec![page(1, 100), page(101, 100), page(201, 1)], 201, 3),
        (
            vec![json!({"pageSize": 2, "content": page(1, 2)}), page(3, 1)],
            3,
            2,
        ),
        (
            vec![json!({"isLast": true, "content": page(1, 100)})],
            100,
            1,
        ),
    ] {
        let (hub, client) = hub(pages, []).await;
        assert_eq!(all_requests(&client).await.unwrap().len(), in_all);
        assert_eq!(hub.calls().len(), asked);
    }
    // The same page again is no end: it may be all the hub ever shows.
    let (_, client) = hub(vec![page(1, 100), page(1, 100)], []).await;
    assert!(all_requests(&client).await.is_err());
}

#[tokio::test]
async fn payments_that_come_in_pages_without_a_word_of_how_many_are_read_to_the_end() {
    let payments: Vec<Value> = (1..=250).map(|id| payment(id, &format!("P{id}"))).collect();
    for (pages, in_all, asked) in [
        (silent(&[&payments[..99]]), 99, 1),
        (silent(&[&payments[..100], &[]]), 100, 2),
        (
            silent(&[&payments[..100], &payments[100..200], &payments[200..]]),
            250,
            3,
        ),
        // All at once, as the guide has it.
        (silent(&[&payments[..]]), 250, 1),
    ] {
        let (hub, client) = hub(Vec::new(), [(7, pages)]).await;
        let (processed, read) = request_whole(&client, 7).await.unwrap();
        assert_eq!((processed, read.len()), (true, in_all));
        assert_eq!(hub.calls().len(), asked);
    }
    let (_, client) = hub(Vec::new(), [(7, silent(&[&payments[..100]]))]).await;
    let error = request_whole(&client, 7).await.unwrap_err();
    assert!(matches!(error, Unread::Miscounted(_)), "{error:?}");
}

#[tokio::test]
async fn pages_of_payments_go_on_in_the_size_they_began_with() {
    let page = |from: i64| {
        json!({"bulkPaymentRequestId": 7, "status": "PROCESSED", "payments": {
            "totalNoOfElements": 3, "content": [payment(from, "A")]}})
    };
    let pages = Says::Data(vec![page(1), page(2), page(3)]);
    let (hub, client) = hub(Vec::new(), [(7, pages)]).await;
    let (_, read) = request_whole(&client, 7).await.unwrap();
    assert_eq!(read.len(), 3);
    let pages: Vec<Option<usize>> = hub.calls().into_iter().map(|(_, page)| page).collect();
    assert_eq!(pages, [None, Some(1), Some(2)]);
}
