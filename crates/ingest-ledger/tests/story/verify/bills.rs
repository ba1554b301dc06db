//! 2: bills that live twice.

use super::{Vandal, each_is_named};
use crate::both;
use crate::world::World;

both!(a_payer_with_two_live_bills_for_one_day_is_named, twice);

async fn twice(world: World) {
    let vandals = [
        // Both by lines of their own.
        Vandal {
            invariant: 2,
            says: "a second live bill for P00002 due 2035-03-10, beside row 1 of file 1",
            breaks: "update rows set identifier = 'P00002', payer_key = (select payer_key from rows where row_id = {billed} + 1) where row_id = {billed}",
            mends: "update rows set identifier = 'P00001', payer_key = 1 where row_id = {billed}",
        },
        // Both by their chunk on the grid.
        Vandal {
            invariant: 2,
            says: "a second live bill for Q1 due 2035-03-10, beside row 1 of file 2",
            breaks: "update rows set identifier = 'Q1', payer_key = 2 where row_id in ({ready}, {ready} + 1);
                update chunks set state = 'accepted' where chunk_id = 2",
            mends: "update rows set identifier = 'Q2', payer_key = 3 where row_id = {ready} + 1;
                update chunks set state = 'ready' where chunk_id = 2",
        },
        // One by its chunk off the grid, the other by its own line; in two files.
        Vandal {
            invariant: 2,
            says: "a second live bill for P00001 due 2035-03-10, beside row 1 of file 1",
            breaks: "update rows set identifier = 'P00001', payer_key = 1 where row_id = {ready};
                insert into row_state (row_id, chunk_id, updated_at) values ({ready}, 2, {now});
                update chunks set state = 'accepted', chunk_no = null where chunk_id = 2",
            mends: "update rows set identifier = 'Q1', payer_key = 2 where row_id = {ready};
                delete from row_state where row_id = {ready};
                update chunks set state = 'ready', chunk_no = 0 where chunk_id = 2",
        },
        // For no day at all.
        Vandal {
            invariant: 2,
            says: "a second live bill for Q1 due on no day, beside row 1 of file 2",
            breaks: "update rows set identifier = 'Q1', payer_key = 2, due_date = null where row_id in ({ready}, {ready} + 1);
                update chunks set state = 'accepted' where chunk_id = 2",
            mends: "update rows set due_date = '2035-03-10' where due_date is null;
                update rows set identifier = 'Q2', payer_key = 3 where row_id = {ready} + 1;
                update chunks set state = 'ready' where chunk_id = 2",
        },
        // It replaces another than the one beside it.
        Vandal {
            invariant: 2,
            says: "a second live bill for P00002 due 2035-03-10, beside row 1 of file 1",
            breaks: "update rows set identifier = 'P00002', payer_key = 4 where row_id in ({billed}, {billed} + 1);
                update row_state set replaces = {billed} + 2 where row_id = {billed} + 1",
            mends: "update rows set identifier = 'P00001', payer_key = 1 where row_id = {billed};
                update row_state set replaces = null",
        },
    ];
    each_is_named(world, &vandals).await;
}

both!(a_live_bill_beside_one_of_somebody_else_is_named, foreign);

async fn foreign(world: World) {
    let vandals = [Vandal {
        invariant: 2,
        says: "a second live bill for P00001 due 2035-03-10, beside one in request f1 at the hub, which this database did not make",
        breaks: "insert into foreign_bills (account, login, request_id, payer_key, identifier, due_date, state, after_row, stored_at, updated_at)
                select 'greenfield', 'x', 'f1', payer_key, identifier, due_date, 'billed', 0, {now}, {now} from rows where row_id = {billed};
            update chunks set sent_at = '2031-01-01T00:00:00.000Z' where chunk_id = 1",
        mends: "delete from foreign_bills",
    }];
    each_is_named(world, &vandals).await;
}

both!(two_payers_that_share_a_key_are_two, shared_key);

async fn shared_key(world: World) {
    super::two_files(&world).await;
    world.raw.run("update rows set payer_key = 5").await;
    world.verified().await;
}
