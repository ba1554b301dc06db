//! Old rows that move out of the ledger into archives, and back: nothing is lost on the way, the
//! invariants hold at every step, and nobody who was billed is billed again.

use crate::both;
use crate::world::*;
use chrono::{DateTime, Utc};
use ingest_ledger::*;

/// Everything that is in a test is due, and came to rest, before that.
fn before() -> Before {
    Before {
        day: day("2036-01-01"),
        began: at("2036-01-01T00:00:00Z"),
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// All that is stored of rows, as text.
async fn stored(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    for table in ["rows", "row_state", "failed_rows", "held_rows"] {
        let columns = world.raw.columns(table).await;
        let shown: Vec<String> = columns
            .iter()
            .map(|column| format!("coalesce(cast({column} as text), '-')"))
            .collect();
        let text = format!(
            "select '{table} ' || {} from {table} order by row_id",
            shown.join(" || ' ' || ")
        );
        all.extend(world.raw.texts(&text).await.into_iter().flatten());
    }
    all
}

/// A file has come to rest: put away, and shown as it is.
async fn rests(world: &World, file_id: i64) {
    world.ledger.file_put_away(file_id).await.unwrap();
    let seen = world.file(file_id).await;
    world.ledger.report_written(&seen).await.unwrap();
}

/// Rows 1 to 6: paid, billed, discarded, errored, invalid, rejected.
async fn one_of_each(world: &World) -> i64 {
    let mut rows = pupils(4);
    rows.push(invalid("P00005"));
    rows.push(bill("P00006", 100_006, "2035-03-10"));
    let file_id = world.drop_in("march.csv", &rows).await;
    let attempt = world.next_attempt().await;
    let refused = Settlement::Taken {
        request_id: "70".into(),
        refused: vec![(6, "no such payer".into())],
        unproven: RowSet::new(),
        message: None,
        ask_in: std::time::Duration::ZERO,
    };
    world.settle(&attempt, refused).await;
    for states in [
        [RowState::Billed; 4],
        [
            RowState::Paid,
            RowState::Billed,
            RowState::Discarded,
            RowState::Errored,
        ],
    ] {
        let fact = |(row_no, state)| Learned {
            row_no,
            state,
            psid: Some(format!("1001{row_no}")),
            payment_id: None,
            message: None,
        };
        let reading = Reading {
            facts: (1..).zip(states).map(fact).collect(),
            processed: true,
            ..Reading::default()
        };
        world
            .ledger
            .learn(attempt.chunk_id, &reading)
            .await
            .unwrap();
    }
    let paid_at = Some(at("2030-01-05T10:00:00Z"));
    world.ledger.paid_stamp(file_id, 1, paid_at).await.unwrap();
    rests(world, file_id).await;
    file_id
}

/// Writes an archive of a file, as somebody would who keeps it.
async fn written(world: &World, file_id: i64) -> (i64, Vec<ArchivePart>) {
    let begun = world
        .ledger
        .archive_begin(file_id, before(), "/tapes")
        .await;
    let archive_id = begun.unwrap().expect("it rests");
    let mut parts = Vec::new();
    for no in 1.. {
        let lines = world.ledger.archive_lines(archive_id, no).await.unwrap();
        let Some(lines) = lines else { break };
        parts.push(ArchivePart {
            no,
            sha256: format!("sum of {no}"),
            lines,
        });
    }
    (archive_id, parts)
}

/// Writes an archive, and moves all of it out; answers how many rows moved.
async fn archived(world: &World, file_id: i64) -> (i64, Vec<ArchivePart>, u64) {
    let (archive_id, parts) = written(world, file_id).await;
    let mut moved = 0;
    for part in &parts {
        let began = before().began;
        let of_part = world.ledger.archive_part(archive_id, began, part).await;
        moved += of_part.unwrap();
        world.verified().await;
    }
    (archive_id, parts, moved)
}

both!(
    everything_that_rests_moves_out_and_comes_back_as_it_was,
    out_and_back
);
async fn out_and_back(world: World) {
    use RowState::*;
    let file_id = one_of_each(&world).await;
    let states = [Paid, Billed, Discarded, Errored, Invalid, Rejected];
    assert_eq!(world.states(file_id).await, states);
    let (was, file_was) = (stored(&world).await, world.file(file_id).await);
    let found = world.ledger.archivable(ACCOUNT, before()).await.unwrap();
    assert_eq!(found.as_slice(), std::slice::from_ref(&file_was));

    let (archive_id, parts, moved) = archived(&world, file_id).await;
    assert_eq!(moved, 5);
    assert_eq!(
        world.states(file_id).await,
        [Billed],
        "it may still be paid"
    );
    let file = world.file(file_id).await;
    assert_eq!((file.archived, file.rows), (5, 6));
    assert_eq!(
        (&file.counts, file.state),
        (&file_was.counts, file_was.state)
    );
    let known = world.ledger.archives(Some(ACCOUNT), None).await.unwrap();
    assert_eq!(
        (known.len(), known[0].rows, known[0].archive_id),
        (1, 5, archive_id)
    );
    assert!(
        world
            .ledger
            .archivable(ACCOUNT, before())
            .await
            .unwrap()
            .is_empty()
    );

    for part in &parts {
        let back = world.ledger.restore_part(archive_id, part).await.unwrap();
        assert_eq!(back, part.lines.len() as u64);
        world.verified().await;
        // Once more is nothing more.
        assert_eq!(
            world.ledger.restore_part(archive_id, part).await.unwrap(),
            0
        );
    }
    assert_eq!(stored(&world).await, was);
    assert_eq!(world.file(file_id).await, file_was);
}

both!(
    a_file_of_many_parts_moves_out_and_back_part_by_part,
    many_parts
);
async fn many_parts(world: World) {
    let rows: Vec<Bill> = pupils(45_000)
        .into_iter()
        .enumerate()
        .map(|(i, row)| Bill {
            valid: i % 9 != 0,
            ..row
        })
        .collect();
    let file_id = world.drop_in("large.csv", &rows).await;
    world.send_and_bill_all(100).await;
    for chunk in world.ledger.chunks(&ChunkFilter::default()).await.unwrap() {
        world.say_of_all(chunk.chunk_id, RowState::Paid).await;
    }
    world.raw.run("delete from unstamped_rows").await;
    rests(&world, file_id).await;
    let was = stored(&world).await;
    let (archive_id, parts) = written(&world, file_id).await;
    let sizes: Vec<usize> = parts.iter().map(|part| part.lines.len()).collect();
    assert_eq!(sizes, [20_000, 20_000, 5_000]);
    // Somebody is stopped after the second part; another comes for the rest.
    for part in &parts[..2] {
        let began = before().began;
        world
            .ledger
            .archive_part(archive_id, began, part)
            .await
            .unwrap();
    }
    world.verified().await;
    assert_eq!(world.file(file_id).await.archived, 40_000);
    let (second, second_parts, moved) = archived(&world, file_id).await;
    assert_eq!(moved, 5_000);
    assert_eq!(world.states(file_id).await, []);
    world
        .ledger
        .restore_part(second, &second_parts[2])
        .await
        .unwrap();
    for part in parts[..2].iter().rev() {
        world.ledger.restore_part(archive_id, part).await.unwrap();
        world.verified().await;
    }
    assert_eq!(stored(&world).await, was);
}

both!(
    what_changed_since_an_archive_was_written_stays,
    changed_meanwhile
);
async fn changed_meanwhile(world: World) {
    let file_id = one_of_each(&world).await;
    let (archive_id, parts) = written(&world, file_id).await;
    let message = "update row_state set message = 'seen' where state = 'paid'";
    world.raw.run(message).await;
    let was = stored(&world).await;
    let began = before().began;
    let moved = world
        .ledger
        .archive_part(archive_id, began, &parts[0])
        .await;
    assert_eq!(moved.unwrap(), 0);
    assert_eq!(stored(&world).await, was);
    // Nobody needs the archive, then; one that holds rows is never forgotten.
    assert!(world.ledger.archive_unused(archive_id).await.unwrap());
    let (archive_id, _, moved) = archived(&world, file_id).await;
    assert_eq!(moved, 5);
    assert!(!world.ledger.archive_unused(archive_id).await.unwrap());
}

both!(a_file_that_does_not_rest_is_not_archived, not_at_rest);
async fn not_at_rest(world: World) {
    let file_id = one_of_each(&world).await;
    let found = async |before: Before| {
        let found = world.ledger.archivable(ACCOUNT, before).await.unwrap();
        let begun = world.ledger.archive_begin(file_id, before, "/tapes").await;
        (found.len(), begun.unwrap().is_some())
    };
    let changed_at = world.file(file_id).await.changed_at.unwrap();
    let earlier = Before {
        began: changed_at,
        ..before()
    };
    assert_eq!(found(earlier).await, (0, false), "it changed on that day");
    let due = Before {
        day: day("2035-03-10"),
        ..before()
    };
    assert_eq!(
        world.ledger.archivable(ACCOUNT, due).await.unwrap(),
        [],
        "due on that day"
    );
    for (what, does, undoes) in [
        (
            "its sheet does not show it as it is",
            "update files set results_state = null",
            "update files set results_state = 'settled'",
        ),
        (
            "its original lies in the inbox",
            "update files set put_away_at = null",
            "update files set put_away_at = changed_at",
        ),
        (
            "its request is out of sight",
            "insert into unseen_requests select chunk_id, account, planned_at, 'gone' from chunks",
            "delete from unseen_requests",
        ),
        (
            "it waits for a person",
            "update files set state = 'held', results_state = 'held'",
            "update files set state = 'settled', results_state = 'settled'",
        ),
    ] {
        let (archive_id, parts) = written(&world, file_id).await;
        world.raw.run(does).await;
        assert_eq!(found(before()).await, (0, false), "{what}");
        let began = before().began;
        let moved = world
            .ledger
            .archive_part(archive_id, began, &parts[0])
            .await;
        assert_eq!(moved.unwrap(), 0, "{what}");
        world.raw.run(undoes).await;
        assert!(world.ledger.archive_unused(archive_id).await.unwrap());
    }
    assert_eq!(found(before()).await, (1, true));
}

both!(rows_that_something_may_still_happen_to_stay, some_rows_stay);
async fn some_rows_stay(world: World) {
    let file_id = one_of_each(&world).await;
    let moving = async || {
        let (archive_id, parts) = written(&world, file_id).await;
        assert!(world.ledger.archive_unused(archive_id).await.unwrap());
        parts[0].lines.len()
    };
    let paid = format!("{}", row_id(file_id, 1));
    assert_eq!(moving().await, 5);
    for (what, does, undoes) in [
        (
            "when it was paid is still asked",
            format!("insert into unstamped_rows (row_id, account) values ({paid}, '{ACCOUNT}')"),
            "delete from unstamped_rows".to_owned(),
        ),
        (
            "it was paid while it was replaced",
            format!("insert into paid_replaced (row_id, paid_row_id) values (1, {paid})"),
            "delete from paid_replaced".to_owned(),
        ),
        (
            "it takes the place of a bill that may be paid",
            format!(
                "update row_state set replaces = {} where row_id = {paid}",
                row_id(file_id, 2)
            ),
            format!("update row_state set replaces = null where row_id = {paid}"),
        ),
        (
            "it failed, and its bill is there after all",
            format!(
                "update row_state set psid = '1001' where row_id = {}",
                row_id(file_id, 6)
            ),
            format!(
                "update row_state set psid = null where row_id = {}",
                row_id(file_id, 6)
            ),
        ),
    ] {
        world.raw.run(&does).await;
        assert_eq!(moving().await, 4, "{what}");
        world.raw.run(&undoes).await;
    }
    assert_eq!(moving().await, 5);
}

both!(what_was_archived_is_billed_no_second_time, dropped_again);
async fn dropped_again(world: World) {
    use RowState::*;
    let file_id = one_of_each(&world).await;
    archived(&world, file_id).await;
    // The same bytes.
    let again = world
        .ledger
        .file_claim(&world.lease, &new_file("march.csv", 5_000))
        .await;
    assert!(matches!(again.unwrap(), Claim::Duplicate { .. }));
    // Saved again, and dropped where rows past due are sent, too.
    let allowed = PlanRules {
        past_due_reject: false,
        ..rules()
    };
    let mut rows = pupils(4);
    rows.push(bill("P00009", 100, "2036-01-01"));
    let second = world.store("march again.csv", &rows, Vec::new()).await;
    world
        .ledger
        .plan_file(&world.lease, second, &allowed)
        .await
        .unwrap();
    // The second is known as the same bill, or refused with the others: due in a time that is closed.
    assert_eq!(
        world.states(second).await,
        [Invalid, Invalid, Invalid, Invalid, Ready]
    );
    // Where nothing is archived, nothing is closed.
    world.raw.run("update archives set rows_n = 0").await;
    let third = world
        .store(
            "third.csv",
            &[bill("P00010", 100, "2035-03-10")],
            Vec::new(),
        )
        .await;
    world
        .ledger
        .plan_file(&world.lease, third, &allowed)
        .await
        .unwrap();
    assert_eq!(world.states(third).await, [Ready]);
}

both!(
    a_correction_of_an_archived_row_is_held_and_told_how_to_bring_it_back,
    token_of_an_archived_row
);
async fn token_of_an_archived_row(world: World) {
    let file_id = one_of_each(&world).await;
    archived(&world, file_id).await;
    let row = Bill {
        corrects: Some(row_id(file_id, 5)),
        ..bill("P00005", 300, "2037-03-10")
    };
    let fix = world.drop_in("fix.csv", &[row]).await;
    assert_eq!(world.states(fix).await, [RowState::Held]);
    let message = world.message(fix, 1).await;
    let command = format!("`ingestd archive --restore {file_id}` brings it back");
    assert!(message.contains(&command), "{message}");
    world.verified().await;
}

both!(
    the_sheet_of_an_archived_file_is_not_written_without_its_rows,
    no_sheet_without_rows
);
async fn no_sheet_without_rows(world: World) {
    let file_id = one_of_each(&world).await;
    let (archive_id, parts, _) = archived(&world, file_id).await;
    world.raw.run("update files set results_state = null").await;
    assert_eq!(world.ledger.reports_due(ACCOUNT).await.unwrap(), []);
    for part in &parts {
        world.ledger.restore_part(archive_id, part).await.unwrap();
    }
    let due = world.ledger.reports_due(ACCOUNT).await.unwrap();
    assert_eq!(due.len(), 1);
}

both!(
    a_part_that_is_not_the_one_that_left_is_not_put_back,
    another_part
);
async fn another_part(world: World) {
    let file_id = one_of_each(&world).await;
    let (archive_id, parts, _) = archived(&world, file_id).await;
    let was = stored(&world).await;
    let other = ArchivePart {
        sha256: "sum of another".into(),
        ..parts[0].clone()
    };
    let refused = world.ledger.restore_part(archive_id, &other).await;
    assert!(
        matches!(refused, Err(LedgerError::Refused(_))),
        "{refused:?}"
    );
    assert_eq!(stored(&world).await, was);
}

both!(a_lost_sum_of_an_archive_is_found_by_verify, lost_sum);
async fn lost_sum(world: World) {
    let file_id = one_of_each(&world).await;
    archived(&world, file_id).await;
    world
        .raw
        .run("update archives set sums = replace(sums, '\"amount\":', '\"amount\":1')")
        .await;
    let broken = world.ledger.verify().await.unwrap();
    assert!(broken.iter().any(|b| b.invariant == 5), "{broken:#?}");
    world.raw.run("delete from archives").await;
    let broken = world.ledger.verify().await.unwrap();
    assert!(broken.iter().any(|b| b.invariant == 1), "{broken:#?}");
    assert!(broken.iter().any(|b| b.invariant == 4), "{broken:#?}");
}
