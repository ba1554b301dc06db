//! `reconcile`: the hub is asked now, and what changed is said.

use std::collections::BTreeMap;

use asaanbill_sandbox::{Endpoint, Fault, Pay, Rule, SwitchesChange};
use ingestd_tests::{World, bills, csv, on_each_engine, on_each_engine_with};
use serde_json::{Value, json};

fn status_reads(world: &World) -> usize {
    let calls = world.hub().calls();
    let reads = calls
        .iter()
        .filter(|call| call.endpoint == Endpoint::BulkStatus);
    reads.count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_asks_at_once_and_says_what_changed() {
    on_each_engine(async |world| {
        let nothing = world.command(&["reconcile"]).await.ended_with(0);
        nothing.says("nothing is open");
        world
            .command(&["reconcile", "--file", "9"])
            .await
            .ended_with(2)
            .in_one_sentence();

        world.set("rows_per_request", "2");
        world.drop_sheet("march.csv", &csv(&bills("P", 4)));
        world.drop_sheet("other.csv", &csv(&bills("Q", 2)));
        world.run_once().await.ended_with(0);
        world.hub().pay(&Pay::identifier("P-00002")).unwrap();
        world.hub().pay(&Pay::identifier("Q-00001")).unwrap();
        let before = status_reads(&world);
        let march = world.file_id("march.csv").await;
        let told = world
            .command(&["--format", "json", "reconcile", "--file", &march])
            .await
            .ended_with(0)
            .json();
        assert_eq!(told[0]["requests"], 2, "{told}");
        assert_eq!(told[0]["changed"], json!({"paid": 1}));
        assert_eq!(
            status_reads(&world) - before,
            2,
            "the other file is not asked about"
        );
        assert_eq!(world.rows_of("march.csv").await[1].state, "paid");
        assert_eq!(world.rows_of("other.csv").await[0].state, "billed");

        let all = world.command(&["reconcile"]).await.ended_with(0);
        all.says("the hub was asked about 3 requests: 1 row moved on (paid 1)");
        let again = world.command(&["reconcile"]).await.ended_with(0);
        again.says("3 requests: nothing changed");

        // Who does not wait leaves it to whoever serves the account, and asking twice costs once.
        let before = status_reads(&world);
        let impatient = world.command(&["reconcile", "--patience", "0s"]).await;
        impatient
            .ended_with(1)
            .in_one_sentence()
            .says("the service goes on with it");
        assert_eq!(status_reads(&world), before);
        let both = world.command(&["reconcile"]).await.ended_with(0);
        both.says("3 requests: nothing changed");
        assert_eq!(status_reads(&world) - before, 3);
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_is_away_is_4_and_rows_that_failed_are_1() {
    on_each_engine(async |world| {
        world.switch(SwitchesChange {
            psid_hold: Some(true),
            error_identifiers: Some(vec!["P-00002".to_owned()]),
            ..SwitchesChange::default()
        });
        world.drop_sheet("march.csv", &csv(&bills("P", 3)));
        world.run_once_for("6s").await.ended_with(1);
        world.hub().refuse_connections(true).await;
        let away = world.command(&["reconcile"]).await.ended_with(4);
        away.in_one_sentence().says("could not be asked");
        assert_eq!(world.states("school").await["accepted"], 3);

        world.hub().refuse_connections(false).await;
        world.switch(SwitchesChange {
            psid_hold: Some(false),
            ..SwitchesChange::default()
        });
        world
            .wait_until("the hub has drafted all", async || {
                world
                    .hub_payments()
                    .iter()
                    .all(|payment| payment.status != "DRAFT" && payment.status != "IN_PROCESS")
            })
            .await;
        let told = world
            .command(&["--format", "json", "reconcile"])
            .await
            .ended_with(1);
        assert_eq!(
            told.json()[0]["changed"],
            json!({"billed": 2, "errored": 1})
        );
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_out_of_sight_is_named_and_the_others_are_asked_about() {
    on_each_engine(async |world| {
        world.set("rows_per_request", "2");
        world.drop_sheet("march.csv", &csv(&bills("P", 4)));
        world.run_once().await.ended_with(0);
        let gone = Fault::Status {
            code: 404,
            body: None,
            headers: BTreeMap::new(),
        };
        world.add_fault(Rule::once(Endpoint::BulkStatus, gone));
        world.hub().pay(&Pay::identifier("P-00003")).unwrap();
        let told = world
            .command(&["--format", "json", "reconcile"])
            .await
            .ended_with(0)
            .json();
        assert_eq!(told[0]["requests"], 1, "{told}");
        assert_eq!(told[0]["changed"], json!({"paid": 1}));
        let left = told[0]["left"][0].as_str().unwrap();
        assert!(left.contains("is out of sight at the hub"), "{left}");
        assert_eq!(world.rows_of("march.csv").await[2].state, "paid");
        // Once it is shown again, it is asked about like any other.
        let again = world.command(&["reconcile"]).await.ended_with(0);
        again.says("2 requests: nothing changed");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_holds_the_account_does_it() {
    on_each_engine(async |world| {
        let service = world.start_service();
        world.drop_sheet("march.csv", &csv(&bills("P", 3)));
        world.wait_for_states(&["billed"]).await;
        world.hub().pay(&Pay::identifier("P-00001")).unwrap();
        let told: Value = world.json(&["reconcile"]).await;
        assert_eq!(told[0]["requests"], 1, "{told}");
        assert_eq!(world.rows_of("march.csv").await[0].state, "paid");
        assert!(
            service
                .log()
                .contains("a person's decision was carried out")
        );
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_the_hub_or_cancels_while_no_service_runs_sends_nothing() {
    on_each_engine(async |world| {
        world.hub().refuse_connections(true).await;
        world.drop_sheet("fees.csv", &csv(&bills("R", 3)));
        world.drop_sheet("other.csv", &csv(&bills("O", 2)));
        world.run_once_for("6s").await;
        let states = world.states("school").await;
        assert_eq!(states, [("ready".to_owned(), 5)].into());
        world.hub().refuse_connections(false).await;

        world.command(&["reconcile"]).await.ended_with(0);
        let other = world.file_id("other.csv").await;
        world.command(&["cancel", &other]).await.ended_with(0);
        assert_eq!(world.bulk_calls().len(), 0);
        world.run_once().await;
        assert_eq!(world.hub_payments().len(), 3);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_accounts_each_has_its_own_end() {
    on_each_engine_with(&["alpha", "beta", "gamma"], async |world| {
        for account in ["alpha", "beta", "gamma"] {
            world.drop_sheet_for(account, "fees.csv", &csv(&bills(account, 2)));
        }
        world.run_once().await.ended_with(0);
        // Nobody is asked within no time, and every one of them is named.
        let impatient = world.command(&["reconcile", "--patience", "0s"]).await;
        let impatient = impatient.ended_with(1);
        for account in ["alpha", "beta", "gamma"] {
            impatient.says(&format!("account {account}: what was asked for"));
        }
        let away = Fault::Status {
            code: 503,
            body: None,
            headers: BTreeMap::new(),
        };
        let rule = Rule::once(Endpoint::BulkStatus, away).for_ever();
        world.add_fault(rule.for_user("alpha"));
        world.hub().pay(&Pay::identifier("gamma-00001")).unwrap();
        let told = world.command(&["reconcile"]).await.ended_with(4);
        told.says("account alpha: the hub could not be asked")
            .says("1 row moved on (paid 1)");
        assert!(!told.stderr.contains("account beta"), "{told:?}");
        assert_eq!(world.states("gamma").await["paid"], 1);
        world.verified().await;
    })
    .await;
}
