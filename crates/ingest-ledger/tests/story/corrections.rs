//! Rows of a fix sheet: which row each takes the place of, what those are told that take none, and
//! the file they came from, in which no payer is to stand twice.

use crate::both;
use crate::world::*;
use ingest_ledger::*;

/// A row that is a correction of another.
fn correcting(identifier: &str, due: &str, corrects: i64) -> Bill {
    Bill {
        corrects: Some(corrects),
        ..bill(identifier, 300, due)
    }
}

/// What stands in the file that these rows correct.
async fn in_origin(world: &World, rows: &[Bill]) -> Vec<InOrigin> {
    let corrections: Vec<Correction<'_>> = (1..)
        .zip(rows)
        .filter_map(|(row_no, row)| {
            Some(Correction {
                row_no,
                corrects: row.corrects?,
                identifier: &row.identifier,
            })
        })
        .collect();
    let found = world.ledger.stands_in_origin(ACCOUNT, &corrections).await;
    found.unwrap()
}

both!(
    a_token_that_fits_no_row_is_held_and_told_why,
    unfit_tokens_told
);

async fn unfit_tokens_told(world: World) {
    use RowState::*;
    let first = world
        .drop_in(
            "a.csv",
            &[invalid("P1"), bill("P2", 100, "2035-03-10"), invalid("P3")],
        )
        .await;
    let rows = [
        correcting("P1", "2035-03-10", row_id(first, 1)),
        correcting("Q1", "2035-03-10", row_id(first, 1)),
        correcting("Q2", "2035-03-10", row_id(first, 2)),
        correcting("Q3", "2035-03-10", CORRECTS_NOTHING),
        correcting("Q4", "2035-03-10", row_id(first + 7, 1)),
        correcting("Q5", "2035-03-10", CORRECTS_TWICE),
        correcting("P3", "2035-03-10", row_id(first, 3)),
    ];
    let second = world.drop_in("fix.csv", &rows).await;
    assert_eq!(
        world.states(second).await,
        [Held, Held, Held, Held, Held, Held, Ready]
    );
    assert_eq!(world.states(first).await, [Invalid, Ready, Corrected]);
    let third = world.drop_in("fix again.csv", &rows[6..]).await;
    assert_eq!(world.states(third).await, [Held]);
    let told = [
        (second, 1, "stands on another row of this file too"),
        (second, 2, "stands on another row of this file too"),
        (second, 3, "needs no correction: it is ready"),
        (second, 4, "names no row of this account"),
        (second, 5, "names no row of this account"),
        (second, 6, "stands on another row of this file too"),
        (third, 1, "was corrected before"),
    ];
    for (file_id, row_no, words) in told {
        let message = world.message(file_id, row_no).await;
        assert!(message.contains(words), "{message}");
        let command = format!("`ingestd approve {file_id}`");
        assert!(message.contains(&command), "{message}");
    }
    world.verified().await;
}

both!(
    a_token_that_stands_on_an_invalid_row_too_is_held,
    unfit_beside_an_invalid_row
);

async fn unfit_beside_an_invalid_row(world: World) {
    use RowState::*;
    let first = world
        .drop_in("a.csv", &[invalid("P1"), invalid("P2")])
        .await;
    let still_wrong = |identifier, row_no| Bill {
        corrects: Some(row_id(first, row_no)),
        ..invalid(identifier)
    };
    let rows = [
        still_wrong("P1", 1),
        correcting("Q9", "2035-03-10", row_id(first, 1)),
        still_wrong("P2", 2),
    ];
    let second = world.drop_in("fix.csv", &rows).await;
    assert_eq!(world.states(second).await, [Invalid, Held, Invalid]);
    assert_eq!(world.states(first).await, [Invalid, Invalid]);
    let message = world.message(second, 2).await;
    let words = "stands on another row of this file too";
    assert!(message.contains(words), "{message}");
    world.verified().await;
}

both!(
    a_payer_of_the_file_that_a_correction_came_from_is_found_in_it,
    origin_looked_at
);

async fn origin_looked_at(world: World) {
    let march = [
        bill("A", 100, "2035-03-10"),
        invalid("B"),
        invalid("C"),
        bill("D", 100, "2035-03-10"),
    ];
    let first = world.drop_in("march.csv", &march).await;
    let other = world
        .drop_in("april.csv", &[bill("E", 100, "2035-04-10")])
        .await;
    let of = |row_no| row_id(first, row_no);

    let rows = [
        correcting("A", "2035-04-10", of(2)),
        correcting("D", "2035-03-10", of(3)),
    ];
    let found = in_origin(&world, &rows).await;
    let places: Vec<(u32, i64, bool)> = found
        .iter()
        .map(|one| (one.row_no, one.row_number, one.comes_later))
        .collect();
    assert_eq!(places, [(1, 2, false), (2, 5, true)]);
    assert_eq!(found[0].file_name, "march.csv");
    assert_eq!(
        (found[0].sheet.as_str(), found[0].state),
        ("Fees", RowState::Ready)
    );

    // Nobody else's: another file's payer, and its own.
    let rows = [
        correcting("E", "2035-03-10", of(2)),
        correcting("C", "2035-03-10", of(3)),
    ];
    assert_eq!(in_origin(&world, &rows).await, []);
    // What takes no place is held for that, and not looked at.
    let rows = [
        correcting("A", "2035-04-10", of(4)),
        correcting("A", "2035-04-10", CORRECTS_NOTHING),
        correcting("A", "2035-04-10", row_id(other, 9)),
    ];
    assert_eq!(in_origin(&world, &rows).await, []);
    world.verified().await;
}

both!(
    rows_that_were_corrected_before_stand_in_the_file_they_came_from,
    corrected_ones_in_origin
);

async fn corrected_ones_in_origin(world: World) {
    let first = world
        .drop_in("march.csv", &[invalid("A"), invalid("B"), invalid("C")])
        .await;
    let of = |row_no| row_id(first, row_no);
    // Corrected in two steps: the second is as good as the row in the file.
    let still_bad = Bill {
        corrects: Some(of(1)),
        ..invalid("A")
    };
    let second = world.drop_in("fix.csv", &[still_bad]).await;
    let third = world
        .drop_in(
            "fix 2.csv",
            &[correcting("A", "2035-03-10", row_id(second, 1))],
        )
        .await;
    assert_eq!(world.states(third).await, [RowState::Ready]);

    let rows = [correcting("A", "2035-05-10", of(2))];
    let found = in_origin(&world, &rows).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].file_name, "fix 2.csv");
    assert!(!found[0].comes_later, "row 1 stands above row 2");
    let rows = [correcting("B", "2035-05-10", of(2))];
    assert_eq!(in_origin(&world, &rows).await, [], "its own");
    world.verified().await;
}

both!(
    a_copied_correction_shuts_the_right_one_out_neither_while_it_waits_nor_once_cancelled,
    copied_corrections
);

async fn copied_corrections(world: World) {
    use RowState::*;
    let first = world
        .drop_in("march.csv", &[invalid("A"), bill("B", 100, "2035-03-10")])
        .await;
    let token = row_id(first, 1);
    let right = [correcting("A", "2035-03-10", token)];
    let copied = [right[0].clone(), right[0].clone()];
    let second = world.drop_in("fix.csv", &copied).await;
    assert_eq!(world.states(second).await, [Held, Held]);
    assert_eq!(in_origin(&world, &right).await, [], "both wait for it");
    // Another row of the file has the payer, all the same.
    let other = [correcting("B", "2035-03-10", token)];
    assert_eq!(in_origin(&world, &other).await.len(), 1);
    world.ledger.cancel(second).await.unwrap();
    assert_eq!(world.states(second).await, [Skipped, Skipped]);
    assert_eq!(in_origin(&world, &right).await, [], "both were cancelled");
    let third = world.drop_in("fix again.csv", &right).await;
    assert_eq!(world.states(third).await, [Ready]);
    assert_eq!(world.states(first).await, [Corrected, Ready]);
    world.verified().await;
}

both!(
    a_row_written_over_with_another_pupil_is_told_and_one_that_keeps_its_own_is_not,
    written_over
);

async fn written_over(world: World) {
    let file = world
        .drop_in(
            "march.csv",
            &[invalid("A"), invalid("B"), invalid("C"), invalid("C")],
        )
        .await;
    let of = |row_no| row_id(file, row_no);
    // The token of A's row, and B's values.
    let found = in_origin(&world, &[correcting("B", "2035-03-10", of(1))]).await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].row_number, found[0].state),
        (3, RowState::Invalid)
    );
    // Two rows had one identifier; one of them keeps it, the other gets its own.
    let rows = [
        correcting("C", "2035-03-10", of(3)),
        correcting("D", "2035-03-10", of(4)),
    ];
    assert_eq!(in_origin(&world, &rows).await, []);
    // Wrong once, and then again by its first name: it is the same row all the way.
    let other_name = Bill {
        corrects: Some(of(2)),
        ..invalid("Z")
    };
    let fix = world.drop_in("fix.csv", &[other_name]).await;
    let again = [correcting("B", "2035-03-10", row_id(fix, 1))];
    assert_eq!(in_origin(&world, &again).await, []);
    world.verified().await;
}
