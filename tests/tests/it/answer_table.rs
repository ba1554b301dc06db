//! The answer table of the sending rules, one account a line: each has a
//! sheet of its own and a hub that answers its first call in one way.

use std::collections::BTreeMap;
use std::net::TcpListener;

use asaanbill_sandbox::{Endpoint, Fault, Garble, Rule};
use ingestd_tests::{World, bills, csv, on_each_engine_with};

const ROWS: usize = 8;

fn status(code: u16) -> Fault {
    Fault::Status {
        code,
        body: None,
        headers: BTreeMap::new(),
    }
}

fn states<const N: usize>(of: [(&str, usize); N]) -> BTreeMap<String, usize> {
    of.into_iter()
        .map(|(state, n)| (state.to_owned(), n))
        .collect()
}

fn drop_everywhere(world: &World, accounts: &[&str]) {
    for account in accounts {
        let prefix = account.to_uppercase();
        world.drop_sheet_for(account, "fees.csv", &csv(&bills(&prefix, ROWS)));
    }
}

fn garbled(garble: Garble) -> Fault {
    Fault::GarbleEcho(garble)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_or_garbled_after_the_work_was_done_costs_nothing() {
    let lines: Vec<(&str, Fault)> = vec![
        ("closed", Fault::CloseAfter),
        ("cut", Fault::CutAfter { bytes: 40 }),
        ("html", Fault::Html),
        (
            "disagreeing",
            Fault::BodyCode {
                http: 200,
                code: 500,
            },
        ),
        (
            "broken-500",
            Fault::AfterStatus {
                code: 500,
                body: None,
            },
        ),
        (
            "broken-503",
            Fault::AfterStatus {
                code: 503,
                body: None,
            },
        ),
        ("no-echo", Fault::NoEcho),
        (
            "fewer-rows",
            garbled(Garble {
                drop_rows: 3,
                ..Garble::default()
            }),
        ),
        (
            "more-rows",
            garbled(Garble {
                extra_row: true,
                ..Garble::default()
            }),
        ),
        (
            "foreign-row",
            garbled(Garble {
                foreign_identifier: true,
                ..Garble::default()
            }),
        ),
        (
            "shuffled",
            garbled(Garble {
                shuffle: true,
                ..Garble::default()
            }),
        ),
        (
            "other-dates",
            garbled(Garble {
                other_dates: true,
                ..Garble::default()
            }),
        ),
    ];
    let accounts: Vec<&str> = lines.iter().map(|(account, _)| *account).collect();
    on_each_engine_with(&accounts, async |world| {
        for (account, fault) in &lines {
            world.next_call_of(account, fault.clone());
        }
        drop_everywhere(&world, &accounts);
        world.run_once().await.ended_with(0);
        for account in &accounts {
            assert_eq!(
                world.states(account).await,
                states([("billed", ROWS)]),
                "{account}"
            );
            assert_eq!(
                world.bulk_calls_of(account).len(),
                1,
                "{account}: nothing is sent twice"
            );
            world.nobody_is_billed_twice(account);
            world.hub_and_views_agree(account).await;
        }
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_proves_nothing_leaves_the_rows_unknown_and_nothing_is_sent_after_it() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let to = format!(
        "http://{}/payment-hub/integration/add-bulk",
        elsewhere.local_addr().unwrap()
    );
    let lines: Vec<(&str, Fault)> = vec![
        ("e500", status(500)),
        ("e503", status(503)),
        ("e409", status(409)),
        ("e202", status(202)),
        ("redirected", Fault::Redirect { to, code: 307 }),
        (
            "half-read",
            Fault::CloseBefore {
                read_bytes: Some(100),
            },
        ),
        (
            "disagreeing",
            Fault::Status {
                code: 200,
                body: Some(
                    serde_json::json!({"responseCode": 400, "responseMessage": "no", "data": null}),
                ),
                headers: BTreeMap::new(),
            },
        ),
        (
            "no-code",
            Fault::Status {
                code: 200,
                body: Some(
                    serde_json::json!({"responseMessage": "fine", "data": {"bulkPaymentRequestId": 7}}),
                ),
                headers: BTreeMap::new(),
            },
        ),
    ];
    let accounts: Vec<&str> = lines.iter().map(|(account, _)| *account).collect();
    on_each_engine_with(&accounts, async |world| {
        for (account, fault) in &lines {
            world.next_call_of(account, fault.clone());
        }
        drop_everywhere(&world, &accounts);
        world.run_once().await.ended_with(1);
        for account in &accounts {
            assert_eq!(
                world.states(account).await,
                states([("unknown", ROWS)]),
                "{account}"
            );
            assert_eq!(
                world.bulk_calls_of(account).len(),
                1,
                "{account}: never repeated by itself"
            );
            assert_eq!(world.hub_payments_of(account).len(), 0, "{account}");
        }
        for chunk in world.chunks().await {
            assert_eq!(chunk.state, "unknown");
            let id = chunk.chunk_id.to_string();
            world
                .command(&["resolve", &id, "--not-sent"])
                .await
                .ended_with(0);
        }
        for account in &accounts {
            assert_eq!(
                world.states(account).await,
                states([("billed", ROWS)]),
                "{account}"
            );
            assert_eq!(world.bulk_calls_of(account).len(), 2, "{account}");
            world.nobody_is_billed_twice(account);
        }
        world.verified().await;
    })
    .await;
    let followed = elsewhere.accept().map(|(_, from)| from);
    assert!(
        followed.is_err(),
        "a redirect was followed from {followed:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_proves_that_nothing_was_taken_is_followed_by_one_that_takes_it() {
    let accounts = ["signed-out", "too-large", "asked-to-wait"];
    on_each_engine_with(&accounts, async |world| {
        world.set_of("signed-out", "rows_per_request", "3");
        world.add_fault(
            Rule::once(Endpoint::AddBulk, Fault::Unauthorized)
                .skip(1)
                .for_user("signed-out"),
        );
        world.next_call_of("too-large", status(413));
        world.next_call_of(
            "asked-to-wait",
            Fault::RetryAfter {
                code: 429,
                header: "2".to_owned(),
            },
        );
        drop_everywhere(&world, &accounts);
        world.run_once().await.ended_with(0);
        for account in accounts {
            assert_eq!(
                world.states(account).await,
                states([("billed", ROWS)]),
                "{account}"
            );
            world.nobody_is_billed_twice(account);
            world.hub_and_views_agree(account).await;
        }
        let answers = |account: &str| -> Vec<(String, usize)> {
            let calls = world.bulk_calls_of(account);
            calls
                .into_iter()
                .map(|call| (call.status, call.rows))
                .collect()
        };
        let outcomes: Vec<String> = answers("signed-out")
            .into_iter()
            .map(|(status, _)| status)
            .collect();
        assert_eq!(outcomes, ["200", "401", "200", "200"]);
        let logins = world.hub().calls();
        let logins = logins
            .iter()
            .filter(|call| call.endpoint == Endpoint::Login && call.user == "signed-out");
        assert_eq!(logins.count(), 2, "one more login, for all");

        let halves = answers("too-large");
        assert_eq!(
            halves
                .iter()
                .map(|(status, _)| status.as_str())
                .collect::<Vec<_>>(),
            ["413", "200", "200"]
        );
        assert_eq!(halves[1].1 + halves[2].1, ROWS);
        let mut of_split: Vec<(String, i64)> = Vec::new();
        for chunk in world.chunks().await {
            if chunk.account == "too-large" {
                of_split.push((chunk.state, chunk.row_count));
            }
        }
        assert_eq!(
            of_split
                .iter()
                .filter(|(state, _)| state == "split")
                .count(),
            1,
            "{of_split:?}"
        );
        assert_eq!(
            of_split
                .iter()
                .filter(|(state, _)| state == "accepted")
                .count(),
            2,
            "{of_split:?}"
        );

        let waited = world.bulk_calls_of("asked-to-wait");
        assert_eq!(waited.len(), 2);
        let pause_ms = waited[1].at_ms - waited[0].at_ms;
        assert!(pause_ms >= 2000, "it came back after {pause_ms} ms");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_by_name_rejects_those_rows_and_one_of_the_whole_holds_them_for_a_person() {
    let accounts = [
        "all-refused",
        "some-refused",
        "whole-refused",
        "one-too-large",
    ];
    on_each_engine_with(&accounts, async |world| {
        world.next_call_of(
            "all-refused",
            Fault::RefuseAll {
                message: "the school year is closed".to_owned(),
            },
        );
        world.next_call_of(
            "some-refused",
            Fault::RefuseRows {
                identifiers: Vec::new(),
                every: Some(4),
                message: "this pupil has left".to_owned(),
            },
        );
        world.next_call_of("whole-refused", status(400));
        world.set_of("one-too-large", "rows_per_request", "1");
        world.next_call_of("one-too-large", status(413));
        drop_everywhere(&world, &accounts);
        world.run_once().await.ended_with(1);

        assert_eq!(
            world.states("all-refused").await,
            states([("rejected", ROWS)])
        );
        assert_eq!(
            world.states("some-refused").await,
            states([("billed", 6), ("rejected", 2)])
        );
        assert_eq!(
            world.states("whole-refused").await,
            states([("held", ROWS)])
        );
        assert_eq!(
            world.states("one-too-large").await,
            states([("billed", ROWS - 1), ("held", 1)])
        );
        for (account, words) in [
            ("all-refused", "the school year is closed"),
            ("some-refused", "this pupil has left"),
        ] {
            for row in world.rows_of_account(account).await {
                assert_eq!(
                    row.state == "rejected",
                    row.says().contains(words),
                    "{row:?}"
                );
            }
        }
        for account in accounts {
            world.nobody_is_billed_twice(account);
            world.hub_and_views_agree(account).await;
        }
        let held = std::fs::read_to_string(
            world
                .inbox_of("whole-refused")
                .join("results/fees.csv.held.txt"),
        )
        .unwrap();
        assert!(held.contains("ingestd approve"), "{held}");

        // A person sends what was held once more.
        for file in world
            .json(&["files", "--state", "held"])
            .await
            .as_array()
            .unwrap()
        {
            world
                .command(&["approve", &file["file_id"].to_string()])
                .await
                .ended_with(0);
        }
        for account in ["whole-refused", "one-too-large"] {
            assert_eq!(
                world.states(account).await,
                states([("billed", ROWS)]),
                "{account}"
            );
            world.nobody_is_billed_twice(account);
        }
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_forbids_or_refuses_two_calls_in_a_row_pauses_the_account_and_costs_no_row() {
    let accounts = [
        "forbidden",
        "no-such-place",
        "twice-refused",
        "never-signed-in",
    ];
    on_each_engine_with(&accounts, async |world| {
        world.add_fault(
            Rule::once(Endpoint::AddBulk, status(403))
                .for_user("forbidden")
                .for_ever(),
        );
        world.add_fault(
            Rule::once(Endpoint::AddBulk, status(404))
                .for_user("no-such-place")
                .for_ever(),
        );
        world.add_fault(
            Rule::once(Endpoint::AddBulk, status(400))
                .for_user("twice-refused")
                .for_ever(),
        );
        world.add_fault(
            Rule::once(Endpoint::AddBulk, Fault::Unauthorized)
                .for_user("never-signed-in")
                .for_ever(),
        );
        world.set_of("twice-refused", "rows_per_request", "2");
        drop_everywhere(&world, &accounts);
        world.run_once().await.ended_with(4);

        let rejected = world
            .results()
            .await
            .into_iter()
            .filter(|row| row.state == "rejected")
            .count();
        assert_eq!(
            rejected, 0,
            "no row is refused for what is wrong with the account"
        );
        for (account, calls) in [
            ("forbidden", 1),
            ("no-such-place", 1),
            ("never-signed-in", 2),
        ] {
            assert_eq!(
                world.states(account).await,
                states([("ready", ROWS)]),
                "{account}"
            );
            assert_eq!(world.bulk_calls_of(account).len(), calls, "{account}");
        }
        assert_eq!(
            world.states("twice-refused").await,
            states([("held", 4), ("ready", ROWS - 4)])
        );
        assert_eq!(world.bulk_calls_of("twice-refused").len(), 2);
        let status = world.json(&["status"]).await;
        for account in status["accounts"].as_array().unwrap() {
            assert!(account["paused"].is_string(), "{account}");
        }

        world.hub().clear_faults();
        for account in accounts {
            world.command(&["resume", account]).await.ended_with(0);
        }
        world.run_once().await.ended_with(1);
        for account in ["forbidden", "no-such-place", "never-signed-in"] {
            assert_eq!(
                world.states(account).await,
                states([("billed", ROWS)]),
                "{account}"
            );
            world.nobody_is_billed_twice(account);
        }
        assert_eq!(
            world.states("twice-refused").await,
            states([("billed", ROWS - 4), ("held", 4)])
        );
        world.verified().await;
    })
    .await;
}
