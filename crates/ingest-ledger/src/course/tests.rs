//! Laws of the course, whatever happens in whatever order.
#![allow(clippy::unwrap_used)]

use super::before_a_call::{May, Sending, account_may_call, chunk_may_go};
use super::*;
use crate::settle::Settlement;
use crate::states::HoldKind;
use chrono::NaiveDate;
use proptest::prelude::*;

/// What may happen to a chunk.
#[derive(Debug, Clone)]
enum Event {
    Intended,
    Answered {
        settlement: Settlement,
        owned: bool,
        cancelled: bool,
    },
    ProcessGone,
    LookedInVain,
    Found(RowSet),
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(2_000_000_000 + second, 0).unwrap()
}

fn chunk(state: ChunkState, live: RowSet) -> ChunkLine {
    ChunkLine {
        chunk_id: 1,
        file_id: 1,
        file_name: "fees.csv".into(),
        account: "greenfield".into(),
        chunk_no: Some(0),
        state,
        row_count: live.len() as i64,
        total_amount: 0,
        first_due: NaiveDate::from_ymd_opt(2035, 8, 31).unwrap(),
        members: live.clone(),
        live,
        request_id: None,
        login: "https://hub.example greenfield".into(),
        attempts: 0,
        message: None,
        hold_kind: None,
        planned_at: at(0),
        sent_at: None,
        answered_at: None,
        not_before: None,
        next_look_at: None,
        looks: 0,
        next_ask_at: None,
        asks: 0,
    }
}

fn rows() -> impl Strategy<Value = RowSet> {
    prop::collection::btree_set(1u32..12, 0..8).prop_map(|rows| rows.into_iter().collect())
}

fn settlement() -> impl Strategy<Value = Settlement> {
    let words = || Just("the hub's words".to_owned());
    let refused =
        || rows().prop_map(|rows| rows.iter().map(|n| (n, "blocked".to_owned())).collect());
    prop_oneof![
        (refused(), rows()).prop_map(|(refused, unproven)| Settlement::Taken {
            request_id: "85".into(),
            refused,
            unproven,
            message: None,
            ask_in: Duration::from_secs(1),
        }),
        (refused(), rows()).prop_map(|(refused, unnamed)| Settlement::RowsRefused {
            refused,
            unnamed,
            message: None,
        }),
        words().prop_map(|message| Settlement::Held {
            kind: HoldKind::Refused,
            message
        }),
        words().prop_map(|message| Settlement::Split { message }),
        words().prop_map(|message| Settlement::Ready {
            message,
            wait: None
        }),
        words().prop_map(|message| Settlement::Unknown { message }),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Intended),
        (settlement(), any::<bool>(), any::<bool>()).prop_map(|(settlement, owned, cancelled)| {
            Event::Answered {
                settlement,
                owned,
                cancelled,
            }
        }),
        Just(Event::ProcessGone),
        Just(Event::LookedInVain),
        rows().prop_map(Event::Found),
    ]
}

/// Lets it happen; an intent only where the core allows one.
fn happens(chunk: &mut ChunkLine, event: &Event, now: DateTime<Utc>) -> Option<Answer> {
    match event {
        Event::Intended => {
            let rows = chunk.live.clone();
            if chunk_may_go(chunk, "greenfield", &rows, now) == May::Call {
                intended(chunk, "login", now);
            }
        }
        Event::Answered {
            settlement,
            owned,
            cancelled,
        } => return answered(chunk, settlement, *owned, *cancelled, now),
        Event::ProcessGone => drop(process_gone(chunk, now)),
        Event::LookedInVain => drop(looked_in_vain(chunk, Duration::from_secs(3), now)),
        Event::Found(rows) => drop(found(chunk, "86", rows, now)),
    }
    None
}

proptest! {
    #[test]
    fn what_may_be_at_the_hub_is_ready_again_only_where_an_answer_proves_that_nothing_was_taken(
        live in rows(), events in prop::collection::vec(event(), 1..12)
    ) {
        let mut chunk = chunk(ChunkState::Ready, live);
        for (second, event) in events.iter().enumerate() {
            let before = chunk.state;
            happens(&mut chunk, event, at(second as i64));
            let proves = matches!(event, Event::Answered { settlement: Settlement::Ready { .. }, .. });
            let may_be_at_the_hub = matches!(before, ChunkState::Sending | ChunkState::Unknown | ChunkState::Accepted);
            if may_be_at_the_hub && chunk.state == ChunkState::Ready {
                prop_assert!(proves, "{before} became ready by {event:?}");
            }
        }
    }

    #[test]
    fn an_answer_loses_no_row_and_puts_none_in_two_places(
        live in rows(), sent in any::<bool>(), settlement in settlement(), owned in any::<bool>(), cancelled in any::<bool>()
    ) {
        let state = if sent { ChunkState::Sending } else { ChunkState::Unknown };
        let mut chunk = chunk(state, live.clone());
        let answer = answered(&mut chunk, &settlement, owned, cancelled, at(1)).unwrap();
        let refused: RowSet = answer.refused.keys().copied().collect();
        let parts = [&refused, &answer.unproven, &answer.followers.0];
        let total: u64 = parts.iter().map(|rows| rows.len()).sum();
        let all = parts.iter().fold(RowSet::new(), |all, rows| all.union(rows));
        prop_assert_eq!(&all, &live);
        prop_assert_eq!(total, live.len());
        prop_assert!(!cancelled || answer.followers.1 != RowState::Ready, "a cancelled row goes again");
    }

    #[test]
    fn an_answer_that_comes_too_late_changes_nothing(
        live in rows(), settlement in settlement(),
        state in prop::sample::select(vec![ChunkState::Accepted, ChunkState::Held, ChunkState::Rejected, ChunkState::Skipped, ChunkState::Split])
    ) {
        let mut chunk = chunk(state, live);
        let before = chunk.clone();
        prop_assert_eq!(answered(&mut chunk, &settlement, false, false, at(1)), None);
        prop_assert_eq!(chunk, before);
    }

    #[test]
    fn doubt_stops_the_account_until_the_hub_answers_a_read(
        live in rows(), settlement in settlement(), owned in any::<bool>()
    ) {
        let mut chunk = chunk(ChunkState::Sending, live);
        let answer = answered(&mut chunk, &settlement, owned, false, at(1)).unwrap();
        let stops = matches!(answer.account, OfAccount::ReadNeeded | OfAccount::UnderstoodAndReadNeeded);
        prop_assert_eq!(stops, chunk.state == ChunkState::Unknown);
    }

    #[test]
    fn a_call_is_made_only_under_a_live_lease_unpaused_undoubted_and_in_its_place(
        lease in prop::option::of(-100i64..100), paused in any::<bool>(), read_needed in any::<bool>(), next in prop::option::of(-100i64..1000)
    ) {
        let account = Sending {
            lease_until: lease.map(at), paused, read_needed, next_write_at: next.map(at), place: Duration::from_secs(2),
        };
        let may = account_may_call(&account, at(0));
        let all_well = lease.is_some_and(|s| s > 0) && !paused && !read_needed && next.is_none_or(|s| s <= 0);
        prop_assert_eq!(may == May::Call, all_well);
        if let May::PlaceAnew(place) = may {
            prop_assert!(next.is_some_and(|s| s > 4) && place == at(2));
        }
    }

    #[test]
    fn a_request_that_is_found_takes_only_rows_that_were_in_doubt(live in rows(), matched in rows()) {
        let mut chunk = chunk(ChunkState::Unknown, live.clone());
        let (held, lacking) = found(&mut chunk, "86", &matched, at(1)).unwrap();
        prop_assert_eq!(held.union(&lacking), live.clone());
        prop_assert!(held.intersect(&lacking).is_empty() && held.subtract(&matched).is_empty());
        prop_assert_eq!(chunk.live, held);
    }
}
