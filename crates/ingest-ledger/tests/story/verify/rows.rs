//! 1 and 5: rows that are stored once, stand where they are said to stand, and come to what was read.

use super::{Vandal, each_is_named};
use crate::both;
use crate::world::World;

both!(a_sheet_that_is_not_as_it_was_read_is_named, sheets);

async fn sheets(world: World) {
    let vandals = [
        Vandal {
            invariant: 1,
            says: "5 rows were read, 4 of them valid; 4 are stored (the last is 4), 4 of them valid",
            breaks: "update files set rows_n = rows_n + 1 where file_id = 1",
            mends: "update files set rows_n = rows_n - 1 where file_id = 1",
        },
        Vandal {
            invariant: 1,
            says: "4 rows were read, 3 of them valid; 4 are stored (the last is 4), 4 of them valid",
            breaks: "update files set valid_n = valid_n - 1 where file_id = 1",
            mends: "update files set valid_n = valid_n + 1 where file_id = 1",
        },
        Vandal {
            invariant: 1,
            says: "2 rows were read, 2 of them valid; 2 are stored (the last is 7), 2 of them valid",
            breaks: "update rows set row_id = {ready} + 6 where row_id = {ready} + 1",
            mends: "update rows set row_id = {ready} + 1 where row_id = {ready} + 6",
        },
        Vandal {
            invariant: 1,
            says: "2 rows were read, 2 of them valid; 2 are stored (the last is 2), 1 of them valid",
            breaks: "update rows set chunk_no = null where row_id = {ready}",
            mends: "update rows set chunk_no = 0 where row_id = {ready}",
        },
        Vandal {
            invariant: 1,
            says: "a row is stored that belongs to no file",
            breaks: "insert into rows (row_id, file_id, row_number, sheet, title, identifier) values (99 * 16777216 + 1, 99, 2, 'Fees', 'x', 'x')",
            mends: "delete from rows where file_id = 99",
        },
        Vandal {
            invariant: 1,
            says: "its number names another file than it does itself",
            breaks: "update rows set file_id = 2 where row_id = {billed}",
            mends: "update rows set file_id = 1 where row_id = {billed}",
        },
        Vandal {
            invariant: 5,
            says: "its valid rows came to 400011 paisa; 400010 are stored",
            breaks: "update files set valid_amount = valid_amount + 1 where file_id = 1",
            mends: "update files set valid_amount = valid_amount - 1 where file_id = 1",
        },
        Vandal {
            invariant: 5,
            says: "its valid rows came to 400010 paisa; 400011 are stored",
            breaks: "update rows set amount = amount + 1 where row_id = {billed}",
            mends: "update rows set amount = amount - 1 where row_id = {billed}",
        },
    ];
    each_is_named(world, &vandals).await;
}

both!(a_state_that_contradicts_another_place_is_named, states);

async fn states(world: World) {
    let vandals = [
        Vandal {
            invariant: 1,
            says: "1 rows are in `bilged`, which is no state",
            breaks: "update row_state set state = 'bilged' where row_id = {billed}",
            mends: "update row_state set state = 'billed' where row_id = {billed}",
        },
        Vandal {
            invariant: 1,
            says: "2 rows are in `split`, which is no state",
            breaks: "update chunks set state = 'split' where chunk_id = 2",
            mends: "update chunks set state = 'ready' where chunk_id = 2",
        },
        Vandal {
            invariant: 1,
            says: "the counts say 5 billed, the rows say 4 billed",
            breaks: "update file_counts set n = n + 1 where state = 'billed'",
            mends: "update file_counts set n = n - 1 where state = 'billed'",
        },
        Vandal {
            invariant: 1,
            says: "the counts say 4 billed, the rows say 3 billed, 1 paid",
            breaks: "update row_state set state = 'paid' where row_id = {billed}",
            mends: "update row_state set state = 'billed' where row_id = {billed}",
        },
        Vandal {
            invariant: 1,
            says: "a state is kept for a row that is not stored",
            breaks: "insert into row_state (row_id, updated_at) values ({billed} + 100, {now})",
            mends: "delete from row_state where row_id = {billed} + 100",
        },
    ];
    each_is_named(world, &vandals).await;
}

both!(a_short_list_that_is_not_true_or_not_whole_is_named, lists);

async fn lists(world: World) {
    let billed_again =
        "update row_state set state = 'billed', hold_kind = null where row_id = {billed}";
    let vandals = [
        Vandal {
            invariant: 1,
            says: "it is held, and not listed so",
            breaks: "update row_state set state = 'held', hold_kind = 'later' where row_id = {billed}",
            mends: billed_again,
        },
        Vandal {
            invariant: 1,
            says: "it is listed as held, and is not",
            breaks: "insert into held_rows values ({billed}, 'greenfield', 'later')",
            mends: "delete from held_rows",
        },
        Vandal {
            invariant: 1,
            says: "it is listed as held, and is not",
            breaks:
                "update row_state set state = 'held', hold_kind = 'changed' where row_id = {billed};
                insert into held_rows values ({billed}, 'greenfield', 'later')",
            mends:
                "update row_state set state = 'billed', hold_kind = null where row_id = {billed};
                delete from held_rows",
        },
        Vandal {
            invariant: 1,
            says: "it failed, and is not listed so",
            breaks: "update row_state set state = 'errored' where row_id = {billed}",
            mends: billed_again,
        },
        Vandal {
            invariant: 1,
            says: "it is listed as failed, and is not",
            breaks: "insert into failed_rows values ({billed}, 'greenfield', 'errored')",
            mends: "delete from failed_rows",
        },
        Vandal {
            invariant: 1,
            says: "it is listed as failed, and is not",
            breaks: "insert into failed_rows values ({billed}, 'greenfield', 'billed')",
            mends: "delete from failed_rows",
        },
        // A list that is as long as it should be, and yet lacks a row.
        Vandal {
            invariant: 1,
            says: "it failed, and is not listed so",
            breaks: "update row_state set state = 'rejected' where row_id = {billed};
                insert into failed_rows values ({billed} + 1, 'greenfield', 'billed')",
            mends: "update row_state set state = 'billed' where row_id = {billed};
                delete from failed_rows",
        },
        Vandal {
            invariant: 1,
            says: "it is held, and not listed so",
            breaks:
                "update row_state set state = 'held', hold_kind = 'later' where row_id = {billed};
                insert into held_rows values ({billed} + 1, 'greenfield', 'later')",
            mends:
                "update row_state set state = 'billed', hold_kind = null where row_id = {billed};
                delete from held_rows",
        },
    ];
    each_is_named(world, &vandals).await;
}

both!(
    a_row_that_follows_no_chunk_or_a_wrong_one_is_named,
    followers
);

async fn followers(world: World) {
    let no_line = "delete from row_state where row_id = {ready}";
    let vandals = [
        Vandal {
            invariant: 1,
            says: "1 planned rows are in no chunk",
            breaks: "update rows set chunk_no = 7 where row_id = {ready}",
            mends: "update rows set chunk_no = 0 where row_id = {ready}",
        },
        Vandal {
            invariant: 1,
            says: "1 planned rows are in no chunk",
            breaks: "insert into row_state (row_id, chunk_id, updated_at) values ({ready}, 77, {now})",
            mends: no_line,
        },
        Vandal {
            invariant: 1,
            says: "1 rows follow chunk 1, which is another file's",
            breaks: "insert into row_state (row_id, chunk_id, updated_at) values ({ready}, 1, {now})",
            mends: no_line,
        },
        Vandal {
            invariant: 1,
            says: "chunk 1 (accepted) says that 4 rows follow it; 0 do, and 4 of those it names do not",
            breaks: "update chunks set live = members where chunk_id = 1",
            mends: "update chunks set live = '[]' where chunk_id = 1",
        },
        Vandal {
            invariant: 1,
            says: "chunk 2 (ready) says that 1 rows follow it; 2 do, and 0 of those it names do not",
            breaks: "update chunks set live = '[[1,1]]' where chunk_id = 2",
            mends: "update chunks set live = '[[1,2]]' where chunk_id = 2",
        },
        Vandal {
            invariant: 1,
            says: "chunk 2 (ready) says that 2 rows follow it; 2 do, and 1 of those it names do not",
            breaks: "update chunks set members = '[[1,1]]' where chunk_id = 2",
            mends: "update chunks set members = '[[1,2]]' where chunk_id = 2",
        },
        Vandal {
            invariant: 1,
            says: "chunk 2 (ready) says that 2 rows follow it; 0 do, and 2 of those it names do not",
            breaks: "update chunks set chunk_no = null where chunk_id = 2",
            mends: "update chunks set chunk_no = 0 where chunk_id = 2",
        },
        Vandal {
            invariant: 1,
            says: "chunk 2 (split) says that 2 rows follow it; 2 do, and 2 of those it names do not",
            breaks: "update chunks set state = 'split' where chunk_id = 2",
            mends: "update chunks set state = 'ready' where chunk_id = 2",
        },
    ];
    each_is_named(world, &vandals).await;
}
