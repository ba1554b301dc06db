//! A million broken rows are not a million lines.

use crate::both;
use crate::world::*;

both!(
    of_many_broken_rows_a_hundred_are_named_and_the_rest_are_counted,
    many
);

async fn many(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(250)).await;
    let first = ingest_ledger::row_id(file_id, 0);
    world
        .raw
        .run(&format!(
            "insert into held_rows select row_id, 'greenfield', 'later' from rows where row_id > {first};
             update rows set identifier = 'P00001', payer_key = (select min(payer_key) from rows where identifier = 'P00001');
             insert into row_state (row_id, state, updated_at) select row_id, 'billed', '2030-01-01T00:00:00.000Z' from rows"
        ))
        .await;
    let broken = world.ledger.verify().await.unwrap();
    let of = |invariant: u8, words: &str| {
        let found = broken
            .iter()
            .filter(|b| b.invariant == invariant && b.detail.contains(words));
        found.cloned().collect::<Vec<_>>()
    };
    let held = of(1, "it is listed as held, and is not");
    assert_eq!(held.len(), 101);
    assert_eq!(
        (
            held[0].file_id,
            held[0].sheet.as_deref(),
            held[0].row_number
        ),
        (Some(file_id), Some("Fees"), Some(2))
    );
    assert_eq!(
        held[100].detail,
        "150 more are not listed: it is listed as held, and is not"
    );
    assert_eq!(held[100].row_number, None);
    let twice = of(2, "a second live bill for P00001 due 2035-03-10");
    assert_eq!((twice.len(), twice[0].row_number), (100, Some(3)));
    assert_eq!(of(2, "149 more are not listed").len(), 1);
    world
        .raw
        .run(&format!(
            "delete from row_state; delete from held_rows; update rows set identifier = 'P' || row_id, payer_key = row_id where row_id > {first}"
        ))
        .await;
    world.verified().await;
}
