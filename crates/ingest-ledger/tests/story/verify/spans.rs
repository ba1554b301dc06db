//! A ledger is checked a span of files at a time: nothing falls between two spans, or is taken for
//! another's.

use super::two_files;
use crate::both;
use crate::world::*;

both!(what_lies_in_different_spans_is_checked_all_the_same, spans);

async fn spans(world: World) {
    two_files(&world).await;
    let three = [bill("R1", 300, "2035-03-10"), bill("R2", 300, "2035-03-10")];
    assert_eq!(world.drop_in("c.csv", &three).await, 3);
    world.verified().await;
    let first = ingest_ledger::row_id(3, 1);

    // A file that says it has a million rows ends its span.
    world
        .raw
        .run("update files set rows_n = rows_n + 1000000")
        .await;
    let details = async || {
        let broken = world.ledger.verify().await.unwrap();
        let others = broken
            .iter()
            .filter(|b| !b.detail.contains("rows were read"));
        let others: Vec<String> = others.map(|b| b.detail.clone()).collect();
        assert_eq!(broken.len() - others.len(), 3, "{broken:#?}");
        others
    };
    assert_eq!(details().await, [""; 0]);

    world
        .raw
        .run(&format!(
            "insert into row_state (row_id, chunk_id, updated_at) values ({first}, 1, '2030-01-01T00:00:00.000Z')"
        ))
        .await;
    let found = details().await;
    let says = "1 rows follow chunk 1, which is another file's".to_owned();
    assert!(found.contains(&says), "{found:#?}");

    // Two live bills of one payer, in the first span and in the last.
    world
        .raw
        .run(&format!(
            "delete from row_state where row_id = {first};
             update rows set identifier = 'P00001', payer_key = 1 where identifier in ('P00001', 'R1');
             insert into row_state (row_id, state, updated_at) values ({first}, 'billed', '2030-01-01T00:00:00.000Z')"
        ))
        .await;
    let found = details().await;
    let says = "a second live bill for P00001 due 2035-03-10, beside row 1 of file 1".to_owned();
    assert!(found.contains(&says), "{found:#?}");
}
