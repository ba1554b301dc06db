//! The account's base_url or username changes: mended before anything was billed, another hub after a
//! trial, or the same hub at another address.

use std::net::TcpListener;

use asaanbill_sandbox::{Sandbox, SandboxConfig, User};
use ingestd_tests::{World, bills, csv, on_each_engine};

/// The world's own hub by another name of this machine.
fn at_another_address(world: &World) -> String {
    format!(
        "{:?}",
        world.hub().base_url().replace("127.0.0.1", "localhost")
    )
}

async fn another_hub() -> Sandbox {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let config = SandboxConfig {
        users: vec![User::new("school", "secret")],
        ..SandboxConfig::default()
    };
    Sandbox::start(listener, config).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_username_is_mended_and_goes_on_by_itself_while_nothing_was_billed() {
    on_each_engine(async |world| {
        world.set("username", "\"schol\"");
        world.drop_sheet("fees.csv", &csv(&bills("P", 3)));
        let refused = world.run_once_for("6s").await;
        assert_ne!(refused.code, 0);
        assert_eq!(
            world.states("school").await,
            [("ready".to_owned(), 3)].into()
        );
        world.set("username", "\"school\"");
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 3)].into()
        );
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_trial_billed_does_not_count_at_another_hub() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("P", 3)));
        world.run_once().await.ended_with(0);
        let real = another_hub().await;
        world.set("base_url", &format!("{:?}", real.base_url()));
        world.drop_sheet("fees.csv", &csv(&bills("P", 3)));
        for command in [
            &["run", "--once"][..],
            &["bulk", "list", "--account", "school"],
            &["retry", "--file", "1"],
        ] {
            let refused = world.command(command).await.ended_with(2);
            refused.says("ingestd resume school --moved");
            refused.says("a name of its own");
        }
        let status = world.command(&["status"]).await;
        status.says("ingestd resume school --moved");
        let doctor = world.command(&["doctor"]).await;
        assert_ne!(doctor.code, 0);
        doctor.says("WRONG  school: login: 1 bulk request was made as");
        // It did not move: the real hub lists nothing of what was made.
        let moved = world.command(&["resume", "school", "--moved"]).await;
        moved.ended_with(1).says("it is another hub");

        // An account name of its own begins anew.
        let config = world.config_text();
        let renamed = config.replace("accounts.school]", "accounts.real]");
        assert_ne!(config, renamed);
        std::fs::write(world.folder().join("ingestd.toml"), renamed).unwrap();
        world.command(&["run", "--once"]).await.ended_with(0);
        let files = world.json(&["files", "--format", "json"]).await;
        let of_real: Vec<_> = files
            .as_array()
            .unwrap()
            .iter()
            .filter(|file| file["account"] == "real")
            .collect();
        assert_eq!(of_real.len(), 1);
        assert_eq!(of_real[0]["state"], "settled");
        assert_eq!(of_real[0]["counts"]["billed"], 3);
        real.stop().await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_moved_takes_along_what_was_billed_there() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("P", 3)));
        world.run_once().await.ended_with(0);
        world.set("base_url", &at_another_address(&world));
        world.run_once().await.ended_with(2);
        world
            .command(&["resume", "school", "--moved"])
            .await
            .ended_with(0);
        // Once more changes nothing, and the same bills are not made again.
        world
            .command(&["resume", "school", "--moved"])
            .await
            .ended_with(0);
        let mut text = csv(&bills("P", 3));
        text.extend(b"\n");
        world.drop_sheet("again.csv", &text);
        world.run_once().await.ended_with(0);
        world.drop_sheet("april.csv", &csv(&bills("Q", 2)));
        world.run_once().await.ended_with(0);
        assert_eq!(world.hub_payments().len(), 5);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 5), ("skipped".to_owned(), 3)].into()
        );
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_lists_our_number_with_payments_of_others_is_another_one() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("P", 3)));
        world.run_once().await.ended_with(0);
        let ours = world.bulk_calls()[0].bulk_id;
        // Somebody else bills at the other hub, which counts its requests from the same number.
        let real = another_hub().await;
        let there = world.folder().join("there");
        std::fs::create_dir_all(there.join("inbox")).unwrap();
        let config = format!(
            "[database]\nurl = \"sqlite:there.db\"\n[web]\nlisten = \"127.0.0.1:0\"\n[accounts.trial]\ngateway = \"asaanbill\"\n\
             base_url = {:?}\nusername = \"school\"\npassword_file = \"p\"\ninbox = \"inbox\"\n\
             requests_per_minute = 6000\nreads_per_minute = 6000\nquiet_for = \"0s\"\n",
            real.base_url()
        );
        std::fs::write(there.join("ingestd.toml"), config).unwrap();
        std::fs::write(there.join("p"), "secret").unwrap();
        std::fs::write(there.join("inbox").join("q.csv"), csv(&bills("Q", 3))).unwrap();
        let elsewhere = ["--config", "there/ingestd.toml", "run", "--once"];
        let own = [("INGESTD_DATABASE_URL", "sqlite:there.db")];
        world.command_with(&elsewhere, &own).await.ended_with(0);
        assert_eq!(real.calls().iter().find_map(|call| call.bulk_id), ours);

        world.set("base_url", &format!("{:?}", real.base_url()));
        let moved = world.command(&["resume", "school", "--moved"]).await;
        moved
            .ended_with(1)
            .says("with other payments than were sent in it, so it is another hub");
        world.run_once().await.ended_with(2);
        // That it was refused, and on what evidence, is known.
        let record = world.json(&["decisions"]).await;
        assert_eq!(record[0]["kind"], "resume");
        assert_eq!(record[0]["state"], "refused");
        assert_eq!(record[0]["asked"]["moved"], true);
        assert_eq!(record[0]["evidence"]["lists"][0]["requests"], 1);
        assert_eq!(record[0]["evidence"]["requests"][0]["others"], 3);
        real.stop().await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_does_not_move_while_a_service_serves_the_account() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("P", 3)));
        let service = world.start_service();
        world.wait_for_states(&["billed"]).await;
        world.set("base_url", &at_another_address(&world));
        let moved = world.command(&["resume", "school", "--moved"]).await;
        moved.ended_with(1).says("it is served by");
        assert_eq!(service.stop().await, 0);
        let moved = world.command(&["resume", "school", "--moved"]).await;
        moved.ended_with(0);
        world.run_once().await.ended_with(0);
        world.verified().await;
    })
    .await;
}
