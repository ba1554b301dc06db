//! Callbacks: a reason to ask the hub at once, and never more than that.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use asaanbill_sandbox::{Endpoint, Fault, Pay};
use futures::future::join_all;
use ingestd_tests::{
    Answer, Engine, SECRET, World, bills, csv, on_each_engine_called_back, post, raw,
};
use serde_json::Value;
use sqlx::{Connection, PgConnection, SqliteConnection};

const RECEIVED: &str = r#"{"responseCode":200,"responseMessage":"Request processed successfully"}"#;

fn path(kind: &str) -> String {
    format!("/callbacks/school/{SECRET}/{kind}")
}

async fn told(to: SocketAddr, kind: &str, body: &[u8]) -> Answer {
    post(to, &path(kind), &[], body).await
}

/// What `status` says of the account's callbacks.
async fn door(world: &World) -> Value {
    world.json(&["status"]).await["accounts"][0]["callbacks"].clone()
}

async fn all_are_heard(world: &World) {
    world
        .wait_until("every callback is heard", async || {
            door(world).await["waiting"] == 0
        })
        .await;
}

async fn the_hub_has_posted(world: &World, callbacks: usize) {
    world
        .wait_until("the hub has posted its callbacks", async || {
            world.relay().told().len() >= callbacks
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_reaches_the_results_when_the_hub_tells_of_it() {
    on_each_engine_called_back(async |world| {
        let service = world.start_service();
        world.relay().pass_on_to(world.web_of(&service).await);
        world.drop_sheet("fees.csv", &csv(&bills("P", 3)));
        world.wait_for_states(&["billed"]).await;
        the_hub_has_posted(&world, 1).await;
        // By itself the hub is asked about unpaid bills after a minute.
        let began = Instant::now();
        world.hub().pay(&Pay::identifier("P-00002")).unwrap();
        world
            .wait_until("the payment is known", async || {
                world.rows_of("fees.csv").await[1].state == "paid"
            })
            .await;
        assert!(
            began.elapsed() < Duration::from_secs(55),
            "{:?}",
            began.elapsed()
        );
        world
            .wait_until("the hub has its answers", async || {
                world.hub().callbacks().len() == 2
            })
            .await;
        for callback in world.hub().callbacks() {
            assert_eq!(callback.outcome, "acknowledged", "{callback:?}");
        }
        world.hub_and_views_agree("school").await;
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_our_commit_twice_in_disorder_or_late_it_ends_in_the_same_state() {
    on_each_engine_called_back(async |world| {
        let service = world.start_service();
        let web = world.web_of(&service).await;
        // The hub has the rows and says so, and its answer to the call is still to come.
        world.next_call(Fault::DelayAfterMs(1_500));
        world.drop_sheet("fees.csv", &csv(&bills("P", 4)));
        the_hub_has_posted(&world, 1).await;
        let approved = world.relay().told()[0].clone();
        assert_eq!(approved.kind(), "bulk-payment-request-approved");
        assert_eq!(
            told(web, approved.kind(), &approved.body).await.body,
            RECEIVED
        );
        assert!(world.results().await.iter().all(|row| row.psid.is_none()));
        world.wait_for_states(&["billed"]).await;

        for payer in ["P-00003", "P-00001"] {
            world.hub().pay(&Pay::identifier(payer)).unwrap();
        }
        the_hub_has_posted(&world, 3).await;
        let mut all = world.relay().told();
        all.reverse();
        for callback in all.iter().chain(&all) {
            let answer = told(web, callback.kind(), &callback.body).await;
            assert_eq!((answer.status, &*answer.body), (200, RECEIVED));
        }
        let states = async || {
            let rows = world.rows_of("fees.csv").await;
            rows.into_iter().map(|row| row.state).collect::<Vec<_>>()
        };
        let end = ["paid", "billed", "paid", "billed"];
        world
            .wait_until("the payments are known", async || states().await == end)
            .await;
        assert_eq!(service.stop().await, 0);

        // Another process, much later, is told it all once more.
        let service = world.start_service();
        let web = world.web_of(&service).await;
        for callback in &all {
            assert_eq!(told(web, callback.kind(), &callback.body).await.status, 200);
        }
        all_are_heard(&world).await;
        assert_eq!(states().await, end);
        world.hub_and_views_agree("school").await;
        world.nobody_is_billed_twice("school");
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_callbacks_are_not_believed_and_cost_no_more_than_the_rate() {
    on_each_engine_called_back(async |world| {
        world.set("reads_per_minute", "120");
        let service = world.start_service();
        let web = world.web_of(&service).await;
        world.drop_sheet("fees.csv", &csv(&bills("P", 3)));
        world.wait_for_states(&["billed"]).await;
        let before = world.results().await;
        let psid = before[0].psid.clone().unwrap();
        let changes = world.changes_after(0).await.len();
        let reads = || {
            let calls = world.hub().calls();
            calls
                .iter()
                .filter(|call| call.endpoint == Endpoint::BulkStatus)
                .count()
        };
        let (began, reads_before) = (Instant::now(), reads());
        let forged = |n: usize| match n % 4 {
            0 => (
                "processed",
                format!(r#"{{"psid": "{psid}", "amount": {n}}}"#),
            ),
            1 => (
                "processed",
                format!(r#"{{"identifier": "P-00002", "title": "{n}"}}"#),
            ),
            2 => (
                "bulk-payment-request-approved",
                format!(r#"{{"bulkPaymentRequestId": {}}}"#, n / 4),
            ),
            _ => ("bulk-payment-request-approved", format!("<h1>{n}")),
        };
        for batch in 0..20 {
            let posts = (0..20).map(|n| {
                let (kind, body) = forged(batch * 20 + n);
                async move { told(web, kind, body.as_bytes()).await }
            });
            for answer in join_all(posts).await {
                assert_eq!((answer.status, &*answer.body), (200, RECEIVED));
                assert!(
                    answer.took < Duration::from_secs(5),
                    "the hub's patience: {answer:?}"
                );
            }
        }
        all_are_heard(&world).await;
        let seconds = began.elapsed().as_secs() + 1;
        let cost = (reads() - reads_before) as u64;
        // The one request: every five seconds at most, and now and then by itself.
        assert!(
            cost <= 2 + seconds / 5 + seconds / 30,
            "{cost} reads in {seconds} s"
        );
        assert_eq!(world.results().await, before);
        assert_eq!(world.changes_after(0).await.len(), changes);
        world.hub().pay(&Pay::identifier("P-00001")).unwrap();
        the_hub_has_posted(&world, 2).await;
        let honest = world.relay().told().pop().unwrap();
        assert_eq!(told(web, honest.kind(), &honest.body).await.status, 200);
        world
            .wait_until("the honest one is heard", async || {
                world.results().await[0].state == "paid"
            })
            .await;
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_know_the_secret_finds_no_door_and_nobody_reads_it_anywhere() {
    on_each_engine_called_back(async |world| {
        let service = world.start_service_with(&[("RUST_LOG", "trace")]);
        let web = world.web_of(&service).await;
        let body = br#"{"bulkPaymentRequestId": 1}"#;
        for wrong in [
            "/callbacks/school/wrong/processed".to_owned(),
            format!("/callbacks/school/{}/processed", &SECRET[1..]),
            format!("/callbacks/school/{SECRET}x/processed"),
            format!("/callbacks/other/{SECRET}/processed"),
            format!("/callbacks/school/{SECRET}/paid"),
            format!("/callbacks/school/{SECRET}/x/processed"),
            format!("/callbacks/school/{SECRET}"),
            "/callbacks/school//processed".to_owned(),
            "/callbacks/school/%ff/processed".to_owned(),
            "/callbacks/".to_owned(),
        ] {
            let answer = post(web, &wrong, &[], body).await;
            assert_eq!((answer.status, &*answer.body), (404, ""), "{wrong}");
        }
        assert_eq!(
            door(&world).await["newest_at"],
            Value::Null,
            "nothing was stored"
        );
        assert_eq!(told(web, "processed", body).await.body, RECEIVED);
        all_are_heard(&world).await;
        assert!(door(&world).await["newest_at"].is_string());

        let status = world.command(&["status"]).await.ended_with(0);
        let doctor = world.command(&["doctor"]).await;
        for told in [&status, &doctor] {
            told.says("https://HOST/callbacks/school/SECRET");
            assert!(!told.stdout.contains(SECRET) && !told.stderr.contains(SECRET));
        }
        // A secret that is changed is good at once, or within seconds.
        world.write("school.callback", "another-secret-for-the-tests\n");
        world
            .wait_until("the new secret opens the door", async || {
                let path = "/callbacks/school/another-secret-for-the-tests/processed";
                post(web, path, &[], body).await.status == 200
            })
            .await;
        assert_eq!(told(web, "processed", body).await.status, 404);
        let log = service.log();
        assert!(
            !log.contains(SECRET) && !log.contains("another-secret"),
            "{log}"
        );
        assert_eq!(service.stop().await, 0);

        std::fs::remove_file(world.folder().join("school.callback")).unwrap();
        let refused = world.command(&["run"]).await.ended_with(2);
        refused
            .in_one_sentence()
            .says("school.callback")
            .says("openssl rand");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn big_deep_and_slow_bodies_hold_nobody_up() {
    on_each_engine_called_back(async |world| {
        let service = world.start_service();
        let web = world.web_of(&service).await;
        let largest = vec![b' '; 64 * 1024];
        assert_eq!(told(web, "processed", &largest).await.status, 200);
        assert_eq!(told(web, "processed", "[".repeat(60_000).as_bytes()).await.status, 200);
        let larger = vec![b' '; 64 * 1024 + 1];
        let refused = told(web, "processed", &larger).await;
        assert!(refused.body.contains(r#""responseCode":413"#), "{refused:?}");
        let ten_mb = [("content-length", "10000000")];
        let refused = post(web, &path("processed"), &ten_mb, b"{").await;
        assert_eq!(refused.status, 413);
        // One that does not say how long it will be.
        let chunked = format!(
            "POST {} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n20000\r\n{}\r\n0\r\n\r\n",
            path("processed"),
            " ".repeat(0x20000)
        );
        let refused = raw(web, chunked.as_bytes()).await;
        assert!([413, 0].contains(&refused.status), "{refused:?}");

        let slow = format!("POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{{", path("processed"));
        let half = format!("POST {} HTTP/1.1\r\nhost:", path("processed"));
        let slow_ones = join_all((0..100).map(|n| raw(web, [slow.as_bytes(), half.as_bytes()][n % 2])));
        let honest = async {
            for n in 0..20 {
                let body = format!(r#"{{"bulkPaymentRequestId": {n}}}"#);
                let answer = told(web, "bulk-payment-request-approved", body.as_bytes()).await;
                assert_eq!(answer.status, 200);
                assert!(answer.took < Duration::from_secs(2), "{answer:?}");
            }
        };
        let (slow_ones, ()) = tokio::join!(slow_ones, honest);
        for (n, answer) in slow_ones.into_iter().enumerate() {
            assert_eq!(answer.status, if n % 2 == 0 { 408 } else { 0 }, "{answer:?}");
            assert!(answer.took < Duration::from_secs(15), "{answer:?}");
        }
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_trusted_proxys_last_hop_is_believed() {
    on_each_engine_called_back(async |world| {
        let from = |hops: &'static str| async move { [("x-forwarded-for", hops)] };
        let secret = "secret_file = \"school.callback\"";
        for (rules, expected) in [
            (
                "allow_from = [\"203.0.113.0/24\"], trusted_proxy = \"127.0.0.1\"",
                [404, 200, 404, 200],
            ),
            ("allow_from = [\"203.0.113.0/24\"]", [404, 404, 404, 404]),
            (
                "allow_from = [\"203.0.113.0/24\"], trusted_proxy = \"198.51.100.9\"",
                [404, 404, 404, 404],
            ),
            ("allow_from = [\"127.0.0.0/8\"]", [200, 200, 200, 200]),
        ] {
            world.set("callback", &format!("{{ {secret}, {rules} }}"));
            let service = world.start_service();
            let web = world.web_of(&service).await;
            let mut found = vec![told(web, "processed", b"{}").await.status];
            for hops in [
                "203.0.113.7",
                "203.0.113.7, 198.51.100.1",
                "10.0.0.1, 203.0.113.7",
            ] {
                let headers = from(hops).await;
                found.push(post(web, &path("processed"), &headers, b"{}").await.status);
            }
            assert_eq!(found, expected, "{rules}");
            assert_eq!(service.stop().await, 0);
        }
    })
    .await;
}

/// Keeps everybody else from writing to the callbacks of a database.
enum Held {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Held {
    async fn of(world: &World) -> Held {
        match world.engine() {
            Engine::Postgres => {
                let mut connection = PgConnection::connect(world.database_url()).await.unwrap();
                let lock = "begin; lock table callbacks in access exclusive mode";
                sqlx::raw_sql(lock).execute(&mut connection).await.unwrap();
                Held::Postgres(connection)
            }
            Engine::Sqlite => {
                let mut connection = SqliteConnection::connect(world.database_url())
                    .await
                    .unwrap();
                sqlx::raw_sql("begin immediate")
                    .execute(&mut connection)
                    .await
                    .unwrap();
                Held::Sqlite(connection)
            }
        }
    }

    async fn let_go(self) {
        match self {
            Held::Postgres(connection) => connection.close().await.unwrap(),
            Held::Sqlite(connection) => connection.close().await.unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_the_hub_is_told_to_repeat_it() {
    on_each_engine_called_back(async |world| {
        let service = world.start_service();
        let web = world.web_of(&service).await;
        assert_eq!(told(web, "processed", b"{}").await.status, 200);
        all_are_heard(&world).await;
        let held = Held::of(&world).await;
        let answer = told(web, "processed", b"{\"n\": 1}").await;
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.body.contains(r#""responseCode":503"#), "{answer:?}");
        assert!(answer.took < Duration::from_secs(5), "{answer:?}");
        held.let_go().await;
        world
            .wait_until("it is taken when it is repeated", async || {
                told(web, "processed", b"{\"n\": 1}").await.status == 200
            })
            .await;
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}
