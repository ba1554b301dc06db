//! How an account's standing and what waits are put into words.

#![allow(clippy::unwrap_used)]

use super::*;

fn account() -> AccountStatus {
    AccountStatus {
        account: "greenfield".to_owned(),
        serving: true,
        served_by: Some("host 42".to_owned()),
        paused: None,
        tried_again_at: None,
        waits_for_an_answer: false,
        requests_per_minute: Some(30),
        next_request_in_ms: 0,
        inbox: None,
        folder_unavailable: None,
        note: None,
    }
}

#[test]
fn a_pause_names_what_ends_it() {
    let mut paused = account();
    paused.paused = Some("paused by hand".to_owned());
    assert!(standing(&paused).contains("`ingestd resume greenfield`"));
    paused.tried_again_at = Some("2035-01-01T00:00:00Z".parse().unwrap());
    assert!(standing(&paused).contains("tried again at 2035-01-01 00:00:00 UTC"));
    assert!(!standing(&account()).contains("PAUSED"));
}

#[test]
fn what_waits_names_the_command_that_decides_it() {
    let waiting = Waiting {
        account: "greenfield".to_owned(),
        file_id: 4,
        file_name: "fees.csv".to_owned(),
        chunk_id: Some(7),
        rows: 5000,
        what: "unknown",
        why: "the connection was cut".to_owned(),
        command: "`ingestd resolve 7 --not-sent`".to_owned(),
    };
    assert_eq!(
        waiting.sentence(),
        "chunk 7 of file 4 (fees.csv, greenfield): 5,000 rows unknown: the connection was cut"
    );
}
