//! The demo: the whole road on one machine, with nothing to set up. It brings
//! its own embedded database, so it is tried once.

use asaanbill_sandbox::Endpoint;
use ingestd_tests::{World, databases};
use serde_json::Value;

/// The calls that the demo's hub took, from its journal: rows of each.
fn calls(journal: &std::path::Path) -> Vec<usize> {
    let text = std::fs::read_to_string(journal).unwrap();
    text.lines()
        .filter_map(|line| {
            let event: Value = serde_json::from_str(line).ok()?;
            event["add_bulk"]["bills"].as_array().map(Vec::len)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_bills_every_example_sheet_and_says_where_the_results_are() {
    let world = World::new(databases().await.remove(0));
    let ran = world
        .command(&["demo", "--dir", "demo"])
        .await
        .ended_with(0);
    for entry in
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../watch-dir.example")).unwrap()
    {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        ran.says(&name);
        let result = world
            .folder()
            .join(format!("demo/watch-dir/demo/results/{name}.results.xlsx"));
        assert!(result.is_file(), "{} is missing", result.display());
    }
    ran.says("demo/watch-dir/demo/results").says("12000");
    let config = world.folder().join("demo/ingestd.toml");
    let config = config.to_str().unwrap();
    let verified = world
        .command(&["verify", "--config", config, "--format", "json"])
        .await
        .ended_with(0);
    assert_eq!(verified.json()["ok"], true);
    let sizes = calls(&world.folder().join("demo/hub.journal"));
    assert_eq!(
        sizes.iter().sum::<usize>(),
        12_000 + 32 + 40 + 25 + 18 + 24 + 20 + 34 + 90 + 7
    );
    assert!(sizes.iter().all(|rows| *rows <= 5000));

    let again = world
        .command(&["demo", "--dir", "demo"])
        .await
        .ended_with(2);
    again.in_one_sentence();
    assert!(
        !world
            .hub()
            .calls()
            .iter()
            .any(|call| call.endpoint == Endpoint::AddBulk)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_of_twelve_thousand_rows_makes_three_calls() {
    let world = World::new(databases().await.remove(0));
    let ran = world
        .command(&["demo", "--rows", "12000", "--dir", "large"])
        .await
        .ended_with(0);
    ran.says("12000").says("large/watch-dir/demo/results");
    assert_eq!(
        calls(&world.folder().join("large/hub.journal")),
        [5000, 5000, 2000]
    );
}
