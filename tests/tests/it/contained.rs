//! Sheets are taken apart in a child process: whatever a file does to that child, the service goes
//! on, says why, and reads the next file; and no child outlives it.

use std::path::Path;
use std::process::Command;

use ingestd_tests::{World, bills, csv, on_each_engine};

const FAILS: &str = "INGESTD_READER_FAILS";

/// How a child fails, and what is said of its file.
const WAYS: [(&str, &str); 10] = [
    ("abort", "our reader failed on this file (it crashed)"),
    ("deep", "our reader failed on this file (it crashed)"),
    (
        "panic",
        "our reader failed on this file (it ended too early)",
    ),
    (
        "exit",
        "our reader failed on this file (it ended too early)",
    ),
    ("cut", "our reader failed on this file (it ended too early)"),
    (
        "miscount",
        "our reader failed on this file (what it sent can't be)",
    ),
    (
        "noise",
        "our reader failed on this file (what it sent can't be)",
    ),
    ("hang", "not read to its end within 1 seconds"),
    ("spin", "not read to its end within 1 seconds"),
    ("memory", "needs more memory than 48 MB"),
];

#[tokio::test]
async fn however_a_reader_fails_the_person_is_told_in_a_sentence() {
    on_each_engine(async |world| {
        world.write(
            "fees.csv",
            std::str::from_utf8(&csv(&bills("F", 3))).unwrap(),
        );
        for (how, words) in WAYS {
            let fails = format!("fees.csv={how}");
            let ran = world
                .command_with(&["check", "fees.csv"], &[(FAILS, &fails)])
                .await
                .ended_with(3);
            ran.says(words).in_one_sentence();
        }
        world.command(&["check", "fees.csv"]).await.ended_with(0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_is_put_aside_nothing_of_it_is_sent_and_the_next_one_is_read() {
    on_each_engine(async |world| {
        let fails: Vec<String> = WAYS
            .iter()
            .map(|(how, _)| {
                let name = format!("{how}.csv");
                world.drop_sheet(&name, &csv(&bills(how, 3)));
                format!("{name}={how}")
            })
            .collect();
        world.drop_sheet("zz-fees.csv", &csv(&bills("G", 4)));
        let ran = world
            .command_with(
                &["run", "--once", "--patience", "3m"],
                &[(FAILS, &fails.join(","))],
            )
            .await
            .ended_with(1);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 4)].into(),
            "{}",
            ran.stderr
        );
        assert_eq!(world.hub_payments().len(), 4);
        for (how, words) in WAYS {
            let file = world.file(&format!("{how}.csv")).await;
            assert_eq!(file["state"], "unreadable", "{file}");
            let why = world.inbox().join(format!("unreadable/{how}.csv.why.txt"));
            let why = std::fs::read_to_string(why).unwrap();
            assert!(why.contains(words), "{how}: {why}");
        }
        world.verified().await;
    })
    .await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_reader_reaches_no_network_no_program_no_file_and_no_secret() {
    on_each_engine(async |world| {
        world.write(
            "fees.csv",
            std::str::from_utf8(&csv(&bills("W", 3))).unwrap(),
        );
        let ran = world
            .command_with(&["check", "fees.csv"], &[(FAILS, "fees.csv=walls")])
            .await
            .ended_with(0);
        assert!(!ran.stderr.contains("lack"), "{}", ran.stderr);
    })
    .await;
}

/// The processes that read a file of this world just now.
#[cfg(target_os = "linux")]
fn readers(world: &World) -> Vec<String> {
    let folder = world.folder().to_string_lossy().into_owned();
    let of_us = |process: &Path| {
        let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        line.contains("read-sheet") && line.contains(&folder)
    };
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|process| of_us(process))
        .filter_map(|process| Some(process.file_name()?.to_str()?.to_owned()))
        .collect()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_reader_outlives_a_service_that_is_killed_and_its_file_is_read_again() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("K", 3)));
        let service = world.start_service_with(&[(FAILS, "fees.csv=hang on")]);
        world
            .wait_until("the file is being read", async || {
                readers(&world).len() == 1
            })
            .await;
        service.kill9().await;
        world
            .wait_until("its reader is gone, too", async || {
                readers(&world).is_empty()
            })
            .await;
        world.run_once().await.ended_with(0);
        assert_eq!(world.states("school").await["billed"], 3);
        world.verified().await;
    })
    .await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_is_told_to_end_says_nothing_of_its_file() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("T", 3)));
        let service = world.start_service_with(&[(FAILS, "fees.csv=hang on")]);
        world
            .wait_until("the file is being read", async || {
                readers(&world).len() == 1
            })
            .await;
        let first = readers(&world);
        assert!(
            Command::new("kill")
                .args(["-TERM", &first[0]])
                .status()
                .unwrap()
                .success()
        );
        world
            .wait_until("another one reads it", async || {
                let now = readers(&world);
                !now.is_empty() && now != first
            })
            .await;
        assert_eq!(world.file("fees.csv").await["state"], "reading");
        service.kill9().await;
        world.run_once().await.ended_with(0);
        assert_eq!(world.states("school").await["billed"], 3);
    })
    .await;
}
