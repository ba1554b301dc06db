//! Which files of an inbox are sheets, and when they are complete.

#![allow(clippy::unwrap_used)]

use super::*;

const QUIET: Duration = Duration::from_secs(10);

fn names(scan: &Scan) -> Vec<&str> {
    scan.complete
        .iter()
        .map(|file| file.name.as_str())
        .collect()
}

#[test]
fn a_file_is_complete_after_it_was_quiet_long_enough_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), "half").unwrap();
    let mut inbox = Inbox::new(folder.path(), QUIET);
    let start = Instant::now();
    let scan = inbox.scan(&[], start).unwrap();
    assert!(scan.complete.is_empty());
    assert_eq!(scan.next_in, Some(QUIET));
    fs::write(folder.path().join("a.csv"), "half and more").unwrap();
    assert!(inbox.scan(&[], start + QUIET).unwrap().complete.is_empty());
    assert_eq!(
        names(&inbox.scan(&[], start + QUIET + QUIET).unwrap()),
        ["a.csv"]
    );
}

#[test]
fn a_file_whose_writer_is_done_is_complete_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.csv");
    fs::write(&file, "whole").unwrap();
    let mut inbox = Inbox::new(folder.path(), QUIET);
    let scan = inbox.scan(&[file], Instant::now()).unwrap();
    assert_eq!(names(&scan), ["a.csv"]);
}

#[test]
fn an_old_modification_time_does_not_make_a_file_complete() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.csv");
    fs::write(&file, "still being copied").unwrap();
    fs::File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(SystemTime::UNIX_EPOCH)
        .unwrap();
    let mut inbox = Inbox::new(folder.path(), QUIET);
    assert!(inbox.scan(&[], Instant::now()).unwrap().complete.is_empty());
}

#[test]
fn locks_half_downloads_folders_and_links_are_not_sheets() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "~$fees.xlsx",
        ".hidden.csv",
        "a.TMP",
        "b.part",
        "c.crdownload",
        "d.csv.filepart",
        "Thumbs.db",
        "desktop.ini",
    ] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    fs::create_dir(folder.path().join("x.csv")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link.csv")).unwrap();
    let mut inbox = Inbox::new(folder.path(), Duration::ZERO);
    assert!(inbox.scan(&[], Instant::now()).unwrap().complete.is_empty());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_said_to_be_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::os::unix::fs::symlink("/etc/hostname", at("link.csv")).unwrap();
    fs::create_dir(at("x.csv")).unwrap();
    fs::create_dir(at("done")).unwrap();
    fs::create_dir(at("Class 5")).unwrap();
    let mut inbox = Inbox::new(folder.path(), Duration::ZERO);
    let now = Instant::now();
    let mut odd = inbox.scan(&[], now).unwrap().odd;
    odd.sort();
    let expected = [
        ("link.csv", "a link to something else"),
        ("x.csv", "a folder"),
    ];
    assert_eq!(odd, expected.map(|(name, what)| (name.to_owned(), what)));
    assert!(inbox.scan(&[], now).unwrap().odd.is_empty());
    fs::remove_file(at("link.csv")).unwrap();
    inbox.scan(&[], now).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", at("link.csv")).unwrap();
    assert_eq!(inbox.scan(&[], now).unwrap().odd.len(), 1);
}

#[test]
fn a_file_with_holes_is_not_complete_until_they_are_filled_or_nobody_fills_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fees.csv");
    fs::File::create(&file).unwrap().set_len(500_000).unwrap();
    if !opening::has_holes(&file) {
        return; // this file system can't say
    }
    let mut inbox = Inbox::new(folder.path(), QUIET);
    let start = Instant::now();
    let closed = [file.clone()];
    let scan = inbox.scan(&closed, start).unwrap();
    assert!(scan.complete.is_empty());
    assert_eq!(scan.next_in, Some(FILLED_WITHIN));
    let scan = inbox.scan(&[], start + QUIET).unwrap();
    assert!(scan.complete.is_empty());
    // Nobody does.
    let scan = inbox.scan(&[], start + FILLED_WITHIN).unwrap();
    assert_eq!(names(&scan), ["fees.csv"]);
    // Somebody does.
    fs::write(&file, vec![b'x'; 500_000]).unwrap();
    let later = start + FILLED_WITHIN;
    assert!(inbox.scan(&[], later).unwrap().complete.is_empty());
    assert_eq!(
        names(&inbox.scan(&[], later + QUIET).unwrap()),
        ["fees.csv"]
    );
}

#[test]
fn ten_thousand_files_that_are_said_to_be_finished_are_found_in_one_look() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = (0..10_000)
        .map(|n| folder.path().join(format!("fees-{n:05}.csv")))
        .collect();
    for file in &files {
        fs::write(file, "x").unwrap();
    }
    let mut inbox = Inbox::new(folder.path(), QUIET);
    let scan = inbox.scan(&files, Instant::now()).unwrap();
    assert_eq!(scan.complete.len(), files.len());
    assert!(scan.complete.is_sorted_by_key(|file| file.name.clone()));
}

#[test]
fn a_folder_that_is_gone_is_unavailable_and_not_empty() {
    let folder = tempfile::tempdir().unwrap();
    let mut inbox = Inbox::new(&folder.path().join("gone"), QUIET);
    assert!(inbox.scan(&[], Instant::now()).is_err());
}

#[test]
fn a_file_set_aside_comes_back_when_it_looks_different() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.csv");
    fs::write(&file, "one").unwrap();
    let mut inbox = Inbox::new(folder.path(), Duration::ZERO);
    let now = Instant::now();
    assert_eq!(inbox.scan(&[], now).unwrap().complete.len(), 1);
    inbox.set_aside(&file);
    let scan = inbox.scan(&[], now).unwrap();
    assert!(scan.complete.is_empty() && scan.set_aside);
    fs::write(&file, "one and two").unwrap();
    let scan = inbox.scan(&[], now).unwrap();
    assert_eq!(scan.complete.len(), 1);
    assert!(!scan.set_aside);
}
