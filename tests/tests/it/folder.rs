//! What lies in an inbox: odd names, odd times, things that are no files, files that are not
//! finished, and very many of them.

#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use ingestd_tests::{World, bills, csv, on_each_engine, rounds_of_torture};

/// How many payers were billed with this beginning of their identifiers.
async fn billed(world: &World, prefix: &str) -> usize {
    let rows = world.rows_of_account("school").await;
    rows.iter()
        .filter(|row| row.identifier.starts_with(prefix) && row.state == "billed")
        .count()
}

/// The bytes of the names in a folder of the inbox, our own hidden ones aside.
fn names(folder: &Path) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().as_bytes().to_vec())
        .filter(|name| !name.starts_with(b"."))
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_pipes_sockets_devices_and_folders_are_left_and_said_and_every_file_is_taken() {
    on_each_engine(async |world| {
        let inbox = world.inbox();
        let outside = world.write("outside.csv", "");
        fs::write(&outside, csv(&bills("SECRET", 3))).unwrap();
        symlink(&outside, inbox.join("link.csv")).unwrap();
        symlink("/dev/zero", inbox.join("endless.csv")).unwrap();
        symlink("nowhere", inbox.join("dangling.csv")).unwrap();
        let pipe = Command::new("mkfifo").arg(inbox.join("pipe.csv")).status();
        assert!(pipe.unwrap().success());
        let _socket = std::os::unix::net::UnixListener::bind(inbox.join("socket.csv")).unwrap();
        fs::create_dir(inbox.join("x.csv")).unwrap();
        // The superuser alone may make one, and not everywhere.
        drop(
            Command::new("mknod")
                .arg(inbox.join("device.csv"))
                .args(["c", "1", "5"])
                .output(),
        );
        world.drop_sheet("fees.csv", &csv(&bills("A", 2)));
        // Two names of one file: it is billed once.
        fs::write(inbox.join("one.csv"), csv(&bills("B", 2))).unwrap();
        fs::hard_link(inbox.join("one.csv"), inbox.join("one-again.csv")).unwrap();

        let ran = world.run_once().await.ended_with(0);
        for (name, what) in [
            ("link.csv", "a link"),
            ("endless.csv", "a link"),
            ("dangling.csv", "a link"),
            ("pipe.csv", "a pipe, a socket or a device"),
            ("socket.csv", "a pipe, a socket or a device"),
            ("x.csv", "a folder"),
        ] {
            assert!(fs::symlink_metadata(inbox.join(name)).is_ok(), "{name}");
            let told = |line: &&str| line.contains(name) && line.contains(what);
            assert_eq!(ran.stderr.lines().filter(told).count(), 1, "{}", ran.stderr);
        }
        assert!(outside.is_file());
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 4)].into()
        );
        assert_eq!(world.hub_payments().len(), 4);
        assert_eq!(
            world.names_in("done"),
            ["fees.csv", "one-again.csv", "one.csv"]
        );
        assert!(
            world
                .names_in("results")
                .contains(&"one.csv.duplicate.txt".to_owned())
        );
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_break_lines_turn_around_or_are_no_text_are_billed_and_shown_harmlessly() {
    on_each_engine(async |world| {
        let inbox = world.inbox();
        let odd: [&[u8]; 4] = [
            b"a\nERROR ingestd is gone.csv",
            "b\u{202e}vsc.slx".as_bytes(),
            b"c-\xff\xfe.csv",
            b"d-\xfd.csv",
        ];
        for (at, name) in odd.iter().enumerate() {
            let path = inbox.join(OsStr::from_bytes(name));
            fs::write(path, csv(&bills(&format!("N{at}"), 2))).unwrap();
        }
        // Wrong in one row, so that there is a fix sheet, and unreadable.
        let mut mistaken = bills("W", 2);
        mistaken[1].amount = "a lot".to_owned();
        let wrong = inbox.join(OsStr::from_bytes(b"w\r\n.csv"));
        fs::write(wrong, csv(&mistaken)).unwrap();
        let empty = inbox.join(OsStr::from_bytes(b"e\x1b[31m.csv"));
        fs::write(empty, "").unwrap();

        let ran = world.run_once().await.ended_with(1);
        for at in 0..odd.len() {
            assert_eq!(billed(&world, &format!("N{at}")).await, 2);
        }
        assert_eq!(billed(&world, "W").await, 1);
        // The files keep their names; what is shown, stored and written has none that can do harm.
        let done = names(&inbox.join("done"));
        assert!(
            odd.iter().all(|name| done.contains(&name.to_vec())),
            "{done:?}"
        );
        let status = world.command(&["status"]).await;
        let files = world.command(&["files"]).await;
        for text in [&ran.stderr, &status.stdout, &files.stdout] {
            let line = |line: &str| line.trim_start().starts_with("ERROR");
            assert!(!text.lines().any(line), "{text}");
            assert!(!text.contains(['\u{202e}', '\u{1b}', '\r']), "{text:?}");
        }
        let results: Vec<String> = names(&inbox.join("results"))
            .into_iter()
            .map(|name| String::from_utf8(name).unwrap())
            .collect();
        let ending = |ending: &str| results.iter().filter(|name| name.ends_with(ending)).count();
        assert_eq!(ending(".results.xlsx"), 5, "{results:?}");
        assert_eq!(ending(".fix.xlsx"), 1, "{results:?}");
        assert!(
            !results.iter().any(|name| name.contains(char::is_control)),
            "{results:?}"
        );
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_differ_in_capitals_or_in_their_form_alone_each_get_their_results() {
    on_each_engine(async |world| {
        let names = ["Fees é.csv", "fees é.csv", "fees e\u{301}.csv"];
        for (at, name) in names.iter().enumerate() {
            let path = world.inbox().join(name);
            fs::write(path, csv(&bills(&format!("U{at}"), 2))).unwrap();
        }
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 6)].into()
        );
        let results = world.names_in("results");
        let books = results
            .iter()
            .filter(|name| name.ends_with(".results.xlsx"));
        // On a share that keeps no capitals apart none of them lies over another.
        let folded: std::collections::BTreeSet<String> = books
            .clone()
            .map(|name| name.replace("e\u{301}", "é").to_lowercase())
            .collect();
        assert_eq!((books.count(), folded.len()), (3, 3), "{results:?}");
        for at in 0..names.len() {
            assert_eq!(billed(&world, &format!("U{at}")).await, 2);
        }
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_taken_whatever_its_modification_time_says() {
    on_each_engine(async |world| {
        let service = world.start_service();
        let day = Duration::from_secs(86_400);
        let epoch = SystemTime::UNIX_EPOCH;
        let times = [epoch, epoch + day * 43_830, epoch - day, epoch + day * 365];
        for (at, time) in times.into_iter().enumerate() {
            let hidden = world.inbox().join(format!(".dropping-{at}"));
            fs::write(&hidden, csv(&bills(&format!("T{at}"), 2))).unwrap();
            let file = fs::File::options().write(true).open(&hidden).unwrap();
            file.set_modified(time).unwrap();
            fs::rename(&hidden, world.inbox().join(format!("fees-{at}.csv"))).unwrap();
        }
        // And one that is replaced by another with an older time.
        world
            .wait_until("all are billed", async || billed(&world, "T").await == 8)
            .await;
        let hidden = world.inbox().join(".dropping-older");
        fs::write(&hidden, csv(&bills("O", 1))).unwrap();
        let file = fs::File::options().write(true).open(&hidden).unwrap();
        file.set_modified(epoch + day).unwrap();
        fs::rename(&hidden, world.inbox().join("fees-0.csv")).unwrap();
        world
            .wait_until("the older one is billed", async || {
                billed(&world, "O").await == 1
            })
            .await;
        service.stop().await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_as_long_as_it_will_be_and_still_filled_in_is_left_until_it_is() {
    on_each_engine(async |world| {
        let bytes = csv(&bills("P", 400));
        let file = world.inbox().join("a-large.csv");
        let writer = fs::File::create(&file).unwrap();
        writer.set_len(bytes.len() as u64).unwrap();
        drop(writer); // closed, as some programs do before they begin to write
        if std::os::unix::fs::MetadataExt::blocks(&fs::metadata(&file).unwrap()) > 0 {
            return; // a file system that writes the empty room out can't be asked about it
        }
        let service = world.start_service();
        world.drop_sheet("b-small.csv", &csv(&bills("S", 1)));
        world
            .wait_until("the other is billed", async || {
                billed(&world, "S").await == 1
            })
            .await;
        assert!(file.is_file(), "it is not taken yet");
        assert_eq!(world.names_in("unreadable"), Vec::<String>::new());
        // In one go, and without making it shorter first.
        let mut writer = fs::File::options().write(true).open(&file).unwrap();
        writer.write_all(&bytes).unwrap();
        drop(writer);
        world
            .wait_until("it is billed whole", async || {
                billed(&world, "P").await == 400
            })
            .await;
        service.stop().await;
        assert_eq!(world.names_in("unreadable"), Vec::<String>::new());
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_name_that_somebody_has_taken_is_left_to_them() {
    on_each_engine(async |world| {
        let results = world.inbox().join("results");
        fs::create_dir(&results).unwrap();
        fs::write(results.join("fees.csv.results.xlsx"), "a person's").unwrap();
        fs::create_dir(results.join("fees.csv.fix.xlsx")).unwrap();
        let mut mistaken = bills("R", 3);
        mistaken[1].amount = "a lot".to_owned();
        world.drop_sheet("fees.csv", &csv(&mistaken));
        world.run_once().await.ended_with(1);
        let kept = fs::read_to_string(results.join("fees.csv.results.xlsx")).unwrap();
        assert_eq!(kept, "a person's");
        let id = world.file_id("fees.csv").await;
        for (name, is_ours) in [
            (format!("fees.csv-{id}.results.xlsx"), true),
            (format!("fees.csv-{id}.fix.xlsx"), true),
            ("fees.csv.results.csv".to_owned(), true),
        ] {
            assert_eq!(results.join(&name).is_file(), is_ours, "{name}");
        }
        assert_eq!(world.states("school").await["billed"], 2);
        world.verified().await;
    })
    .await;
}

/// Files that nobody may open, and then a folder that nobody may read, for a user who is bound by
/// that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_read_is_named_and_everything_else_is_billed() {
    use std::os::unix::fs::PermissionsExt;
    on_each_engine(async |world| {
        let permit = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let inbox = world.inbox();
        for name in ["a", "b", "c"] {
            world.drop_sheet(
                &format!("{name}.csv"),
                &csv(&bills(&name.to_uppercase(), 2)),
            );
        }
        let closed = inbox.join("b.csv");
        permit(&closed, 0o000);
        let run = ["run", "--once", "--patience", "3m"];
        let ran = world.command_of_a_plain_user(&run).await.ended_with(1);
        let told = |line: &&str| line.contains("WARN") && line.contains("b.csv");
        assert_eq!(ran.stderr.lines().filter(told).count(), 1, "{}", ran.stderr);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 4)].into()
        );
        assert!(closed.is_file());

        permit(&closed, 0o644);
        permit(&inbox, 0o000);
        let ran = world.command_of_a_plain_user(&run).await;
        ran.says("unavailable").in_one_sentence();
        assert_ne!(ran.code, 0);
        permit(&inbox, 0o755);
        world.command_of_a_plain_user(&run).await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 6)].into()
        );
        let verify = ["--format", "json", "verify"];
        world.command_of_a_plain_user(&verify).await.ended_with(0);
    })
    .await;
}

/// How many files lie there at once: some here, very many under `cargo xtask torture files_at_once`,
/// 100,000 unless `--rounds` asks for fewer than twenty (ten: 25,000; four: 4,000).
fn many() -> usize {
    match rounds_of_torture() as usize {
        ..=1 => 300,
        rounds => rounds * rounds * 250,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn very_many_files_at_once_are_each_dealt_with_once() {
    on_each_engine(async |world| {
        let inbox = world.inbox();
        let (mut sheets, mut same, mut letters) = (0, 0, 0);
        for n in 0..many() {
            let (kind, bytes) = match n % 50 {
                0 => {
                    sheets += 1;
                    ("sheet", csv(&bills(&format!("M{n}"), 1)))
                }
                of if of % 2 == 0 => {
                    same += 1;
                    ("same", csv(&bills("M0", 1)))
                }
                _ => {
                    letters += 1;
                    (
                        "letter",
                        format!("Dear parents,of pupil {n}\n").into_bytes(),
                    )
                }
            };
            fs::write(inbox.join(format!("{n:06}-{kind}.csv")), bytes).unwrap();
        }
        let patience = if many() > 1_000 { "5h" } else { "9m" };
        world.run_once_for(patience).await.ended_with(1);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), sheets)].into()
        );
        assert_eq!(world.names_in("done").len(), sheets + same);
        assert_eq!(world.names_in("unreadable").len(), 2 * letters);
        let notes = world.names_in("results");
        let notes = notes.iter().filter(|name| name.ends_with(".duplicate.txt"));
        assert_eq!(notes.count(), same);
        assert_eq!(world.hub_payments().len(), sheets);
        world.verified().await;
    })
    .await;
}
