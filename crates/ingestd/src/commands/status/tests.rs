//! How an account's standing and what waits are put into words.

#![allow(clippy::unwrap_used)]

use super::*;

fn account() -> AccountStatus {
    AccountStatus {
        account: "greenfield".to_owned(),
        serving: true,
        served_by: Some("host 42".to_owned()),
        paused: None,
        paused_kind: None,
        tried_again_at: None,
        waits_for_an_answer: false,
        requests_per_minute: Some(30),
        requests_left: Some(30),
        next_request_in_ms: 0,
        inbox: None,
        folder_unavailable: None,
        callbacks: None,
        behind: None,
        foreign_bills: None,
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
    assert!(standing(&paused).contains("`ingestd resume greenfield` tries at once"));
    assert!(!standing(&paused).contains("password"));
    paused.paused_kind = Some(PauseKind::SignIn);
    assert!(standing(&paused).contains("when the password file changes"));
    assert!(!standing(&account()).contains("PAUSED"));
}

#[test]
fn the_rate_that_is_left_is_what_still_fits_in_a_minute() {
    assert_eq!(left(30, 0), 30);
    assert_eq!(left(30, 2_000), 29);
    assert_eq!(left(30, 2_001), 29);
    assert_eq!(left(30, 30_000), 15);
    assert_eq!((left(30, 60_000), left(30, 90_000)), (0, 0));
    assert_eq!(left(1, 0), 1);
    let mut busy = account();
    (busy.requests_left, busy.next_request_in_ms) = (Some(29), 2_000);
    let told = standing(&busy);
    assert!(
        told.ends_with("29 of 30 calls left in the next minute, the next in 2 s"),
        "{told}"
    );
    assert!(standing(&account()).contains("30 of 30 calls left"));
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
