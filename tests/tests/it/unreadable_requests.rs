//! A login that others use too: one of their requests that the hub can't show, for ever, keeps
//! nothing of ours from being found, and stays in the way of calling ours "not sent".

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use asaanbill_sandbox::Fault;
use ingestd_tests::{World, bills, csv, on_each_engine};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How a request can't be read.
#[derive(Clone, Copy)]
enum Broken {
    Status(u16),
    WebPage,
    /// It promises more payments than it carries.
    Miscounted,
}

/// What stands between the program and the hub, and answers about some requests itself.
struct Door {
    base_url: String,
    broken: Arc<Mutex<BTreeMap<i64, Broken>>>,
}

impl Door {
    /// In front of a world's hub; the world's account goes through it.
    async fn before(world: &World) -> Door {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hub = world.hub().address().to_string();
        let here = listener.local_addr().unwrap().to_string();
        let door = Door {
            base_url: world.hub().base_url().replace(&hub, &here),
            broken: Arc::default(),
        };
        let broken = Arc::clone(&door.broken);
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let (hub, broken) = (hub.clone(), Arc::clone(&broken));
                tokio::spawn(async move {
                    // Whoever hangs up has had what there was.
                    let _ = pass(caller, &hub, &broken).await;
                });
            }
        });
        world.set("base_url", &format!("{:?}", door.base_url));
        door
    }

    fn breaks(&self, request: i64, how: Broken) {
        self.broken.lock().unwrap().insert(request, how);
    }

    fn mends_everything(&self) {
        self.broken.lock().unwrap().clear();
    }
}

/// One call, answered here or by the hub.
async fn pass(
    mut caller: TcpStream,
    hub: &str,
    broken: &Mutex<BTreeMap<i64, Broken>>,
) -> std::io::Result<()> {
    let mut call = Vec::new();
    let (head, body_length) = loop {
        if caller.read_buf(&mut call).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&call);
        if let Some(end) = text.find("\r\n\r\n") {
            let head = text[..end].to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .map_or(0, |length| length.trim().parse().unwrap());
            break (text[..end].to_owned(), length);
        }
    };
    while call.len() < head.len() + 4 + body_length {
        if caller.read_buf(&mut call).await? == 0 {
            return Ok(());
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default();
    let asked: Option<i64> = path
        .split_once("/bulk-payment-request/")
        .and_then(|(_, rest)| rest.split('?').next()?.parse().ok());
    let own = asked.and_then(|id| Some((id, *broken.lock().unwrap().get(&id)?)));
    if let Some((id, how)) = own {
        return caller.write_all(answer_of(id, how).as_bytes()).await;
    }
    let (line, rest) = head.split_once("\r\n").unwrap();
    let mut to_hub = TcpStream::connect(hub).await?;
    let start = format!("{line}\r\nconnection: close\r\n{rest}\r\n\r\n");
    to_hub.write_all(start.as_bytes()).await?;
    to_hub.write_all(&call[head.len() + 4..]).await?;
    tokio::io::copy(&mut to_hub, &mut caller).await?;
    Ok(())
}

fn answer_of(id: i64, how: Broken) -> String {
    let (code, body) = match how {
        Broken::Status(code) => (
            code,
            json!({"responseCode": code, "responseMessage": "not this one", "data": null})
                .to_string(),
        ),
        Broken::WebPage => (200, "<html><title>Oops</title></html>".to_owned()),
        Broken::Miscounted => (
            200,
            json!({"responseCode": 200, "responseMessage": "ok", "data": {
                "bulkPaymentRequestId": id, "status": "PROCESSED",
                "payments": {"totalNoOfElements": 9, "content": []}}})
            .to_string(),
        ),
    };
    format!(
        "HTTP/1.1 {code} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Another program of the same login bills a payer of its own; answers its request's number.
pub(crate) async fn billed_by_another(world: &World, payer: &str) -> i64 {
    let login = call(world, "/login", "", json!({"password": "secret"})).await;
    let keys = format!(
        "x-auth-ph-key: {}\r\nchannel-id: {}\r\n",
        login["data"]["token"].as_str().unwrap(),
        login["data"]["channel"]["id"]
    );
    let bill = json!({"title": "T", "identifier": payer, "amount": "100",
        "dueDate": "2035-03-10", "amountAfterDueDate": "100"});
    let path = "/add-bulk?contentType=JSON";
    let taken = call(world, path, &keys, json!({"payments": [bill]})).await;
    taken["data"]["bulkPaymentRequestId"].as_i64().unwrap()
}

async fn call(world: &World, path: &str, headers: &str, body: Value) -> Value {
    let hub = world.hub().address().to_string();
    let base = world.hub().base_url();
    let (_, prefix) = base.split_once(&hub).unwrap();
    let body = body.to_string();
    let mut stream = TcpStream::connect(&hub).await.unwrap();
    let call = format!(
        "POST {prefix}{path} HTTP/1.1\r\nhost: {hub}\r\nusername: school\r\ncontent-type: application/json\r\n\
         {headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(call.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|why| panic!("{why}: {head} {body}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_found_beside_requests_of_others_that_can_not_be_read() {
    on_each_engine(async |world| {
        let door = Door::before(&world).await;
        let ways = [
            Broken::Status(500),
            Broken::Status(400),
            Broken::WebPage,
            Broken::Miscounted,
        ];
        for (n, how) in ways.into_iter().enumerate() {
            door.breaks(billed_by_another(&world, &format!("other-{n}")).await, how);
        }
        world.next_call(Fault::CloseAfter);
        world.drop_sheet("fees.csv", &csv(&bills("L", 5)));
        world.run_once().await.ended_with(0);

        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 5)].into()
        );
        let calls = world.bulk_calls();
        assert_eq!(calls.len(), ways.len() + 1, "{calls:?}");
        let made = calls[ways.len()].bulk_id.map(|id| id.to_string());
        assert_eq!(world.chunks().await[0].request, made);
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_called_not_sent_while_a_request_of_others_can_not_be_read() {
    on_each_engine(async |world| {
        let door = Door::before(&world).await;
        let request = billed_by_another(&world, "other").await;
        door.breaks(request, Broken::Status(400));
        world.next_call(Fault::CloseBefore { read_bytes: None });
        world.drop_sheet("fees.csv", &csv(&bills("N", 3)));
        world.run_once().await.ended_with(1);
        let chunk = world.chunks().await[0].chunk_id.to_string();

        let refused = world.command(&["resolve", &chunk, "--not-sent"]).await;
        assert_ne!(refused.code, 0, "{refused:?}");
        refused.says(&format!("request {request}"));
        assert_eq!(
            world.states("school").await,
            [("unknown".to_owned(), 3)].into()
        );

        door.mends_everything();
        world
            .command(&["resolve", &chunk, "--not-sent"])
            .await
            .ended_with(0);
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 3)].into()
        );
        assert_eq!(world.bulk_calls().len(), 3);
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_in_the_way_of_one_row_does_not_hold_up_the_others() {
    on_each_engine(async |world| {
        let request = billed_by_another(&world, "N-00001").await;
        world.next_call(Fault::CloseBefore { read_bytes: None });
        world.drop_sheet("fees.csv", &csv(&bills("N", 3)));
        world.run_once().await.ended_with(1);
        let chunk = world.chunks().await[0].chunk_id.to_string();
        let not_sent = async |rows: &str| {
            let line = ["resolve", &chunk, "--rows", rows, "--not-sent", "--no-wait"];
            world.command(&line).await
        };
        not_sent("2-4")
            .await
            .ended_with(1)
            .says(&format!("request {request}"));
        not_sent("3-4").await.ended_with(0);
        world.run_once().await.ended_with(1);
        let rows = world.rows_of("fees.csv").await;
        let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
        assert_eq!(states, ["unknown", "billed", "billed"]);
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}
