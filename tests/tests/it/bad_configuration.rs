//! A configuration that is not to be used is refused at start, with the line
//! and what to write instead.

use ingestd_tests::{World, bills, csv, on_each_engine, on_each_engine_with};

/// Refused by every command that reads it: exit 2, before anything happens.
async fn refused(world: &World, words: &[&str]) {
    let ran = world.run_once_for("1s").await.ended_with(2);
    for word in words {
        ran.says(word);
    }
    assert_eq!(world.hub().calls().len(), 0);
}

#[tokio::test]
async fn an_unknown_key_is_refused_with_its_line_and_the_nearest_right_name() {
    on_each_engine(async |world| {
        world.set("request_per_minute", "30");
        let line = 1 + world
            .config_text()
            .lines()
            .position(|line| line.starts_with("request_per"))
            .unwrap();
        refused(
            &world,
            &[
                "request_per_minute",
                "requests_per_minute",
                &line.to_string(),
            ],
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_value_that_makes_no_sense_is_refused() {
    on_each_engine(async |world| {
        for (key, value, right, named) in [
            ("rows_per_request", "5001", "10", "5000"),
            ("approve", "\"sometimes\"", "\"never\"", "always"),
            (
                "duplicate_identifiers",
                "\"first-wins\"",
                "\"reject\"",
                "last-wins",
            ),
            (
                "time_zone",
                "\"Asia/Karachy\"",
                "\"Asia/Karachi\"",
                "Asia/Karachi",
            ),
        ] {
            world.set(key, value);
            refused(&world, &[key, named]).await;
            world.set(key, right);
        }
        world.set("base_url", "\"http://hub.example/payment-hub/integration\"");
        refused(&world, &["base_url", "https"]).await;
    })
    .await;
}

#[tokio::test]
async fn a_missing_configuration_names_the_command_that_writes_one() {
    on_each_engine(async |world| {
        std::fs::remove_file(world.folder().join("ingestd.toml")).unwrap();
        let ran = world.command(&["status"]).await.ended_with(2);
        ran.says("ingestd init").in_one_sentence();
    })
    .await;
}

#[tokio::test]
async fn two_accounts_with_one_inbox_or_one_inside_the_other_are_refused() {
    on_each_engine_with(&["north", "south"], async |world| {
        world.set_of("south", "inbox", "\"inbox/north\"");
        refused(&world, &["inbox", "north", "south"]).await;
        world.set_of("south", "inbox", "\"inbox/north/results\"");
        refused(&world, &["inbox", "north", "south"]).await;
    })
    .await;
}

#[tokio::test]
async fn two_accounts_with_one_login_are_refused_however_the_url_is_written() {
    on_each_engine_with(&["north", "south"], async |world| {
        world.set_of("south", "username", "\"north\"");
        let spelt = format!("{:?}", format!("{}/", world.hub().base_url()));
        world.set_of("south", "base_url", &spelt);
        refused(&world, &["north", "south", "username"]).await;
    })
    .await;
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_usage() {
    on_each_engine(async |world| {
        let ran = world
            .command(&["login", "--account", "schol"])
            .await
            .ended_with(2);
        ran.says("school").in_one_sentence();
        world.command(&["no-such-command"]).await.ended_with(2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_was_renamed_is_refused_before_it_bills_anything_again() {
    on_each_engine(async |world| {
        let sheet = csv(&bills("N", 2));
        world.drop_sheet("fees.csv", &sheet);
        world.run_once().await.ended_with(0);
        let file = world.file_id("fees.csv").await;

        let renamed = world
            .config_text()
            .replace("[accounts.school]", "[accounts.academy]");
        let config = world.write("renamed.toml", &renamed);
        let config = config.to_str().unwrap();
        std::fs::write(world.folder().join("again.csv"), &sheet).unwrap();
        world.drop_sheet("later.csv", &csv(&bills("N", 2)[1..]));
        let calls = world.hub().calls().len();
        for asked in [
            &["run", "--once"][..],
            &["submit", "again.csv", "--account", "academy"],
            &["plan", "again.csv", "--account", "academy"],
            &["login", "--account", "academy"],
            &["pause", "academy"],
        ] {
            let mut all = asked.to_vec();
            all.extend(["--config", config]);
            let ran = world.command(&all).await.ended_with(2);
            ran.says("`school`").says("1 file:").in_one_sentence();
        }
        let mut retry = vec!["retry", "--file", &file];
        retry.extend(["--config", config]);
        assert_ne!(world.command(&retry).await.code, 0);
        assert_eq!(world.hub().calls().len(), calls, "the hub hears nothing");
        assert!(
            world.inbox().join("later.csv").is_file(),
            "nothing is taken"
        );

        world.run_once().await.ended_with(0);
        assert_eq!(world.hub_payments().len(), 2, "nobody is billed again");
        world.verified().await;
    })
    .await;
}
