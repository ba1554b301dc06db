//! 3, 4 and 5: calls, their intents, their size, their pace, and their money.

use super::{Vandal, each_is_named};
use crate::both;
use crate::world::World;

both!(a_call_without_its_intent_is_named, intents);

async fn intents(world: World) {
    let vandals = [
        Vandal {
            invariant: 3,
            says: "chunk 1: 2 calls were made, 1 intents are stored",
            breaks: "update chunks set attempts = attempts + 1 where chunk_id = 1",
            mends: "update chunks set attempts = attempts - 1 where chunk_id = 1",
        },
        Vandal {
            invariant: 3,
            says: "chunk 2: it is unknown without an intent",
            breaks: "update chunks set state = 'unknown' where chunk_id = 2",
            mends: "update chunks set state = 'ready' where chunk_id = 2",
        },
        // Off the grid, what an older call of the file carried needs no call of its own; this does.
        Vandal {
            invariant: 3,
            says: "chunk 60: it is accepted without an intent",
            breaks: "insert into chunks (chunk_id, file_id, account, state, row_count, total_amount, first_due, members, live, login, planned_at, changed_at)
                select 60, file_id, account, state, row_count, total_amount, first_due, '[[1,5]]', '[]', login, planned_at, changed_at
                from chunks where chunk_id = 1",
            mends: "delete from chunks where chunk_id = 60",
        },
        Vandal {
            invariant: 3,
            says: "chunk 1: it is accepted, and 1 of its calls are open",
            breaks: "update attempts set answered_at = null, outcome = null",
            mends: "update attempts set answered_at = intended_at, outcome = 'taken'",
        },
        Vandal {
            invariant: 3,
            says: "chunk 1: it is sending, and 0 of its calls are open",
            breaks: "update chunks set state = 'sending' where chunk_id = 1",
            mends: "update chunks set state = 'accepted' where chunk_id = 1",
        },
        Vandal {
            invariant: 3,
            says: "chunk 1: it is sending, and 2 of its calls are open",
            breaks: "insert into attempts (attempt_id, chunk_id, account, epoch, holder, body_sha256, row_count, total_amount, members, intended_at, deadline_at, per_minute)
                select 50, chunk_id, account, epoch, holder, body_sha256, row_count, total_amount, members, intended_at, deadline_at, per_minute from attempts;
                update attempts set answered_at = null, outcome = null;
                update chunks set state = 'sending', attempts = 2 where chunk_id = 1",
            mends: "delete from attempts where attempt_id = 50;
                update attempts set answered_at = intended_at, outcome = 'taken';
                update chunks set state = 'accepted', attempts = 1 where chunk_id = 1",
        },
    ];
    each_is_named(world, &vandals).await;
}

both!(a_call_that_may_bill_a_row_again_is_named, repeated);

async fn repeated(world: World) {
    let vandals = [
        Vandal {
            invariant: 3,
            says: "attempt 50 repeats a call of chunk 1 whose outcome was not known",
            breaks: "insert into attempts (attempt_id, chunk_id, account, epoch, holder, body_sha256, row_count, total_amount, members, intended_at, deadline_at, answered_at, outcome, per_minute)
                select 50, chunk_id, account, epoch, holder, body_sha256, 1, 100002, '[[2,2]]', intended_at, deadline_at, answered_at, outcome, per_minute from attempts",
            mends: "delete from attempts where attempt_id = 50",
        },
        Vandal {
            invariant: 2,
            says: "attempt 50 is a second call that may have made a bill of it",
            breaks: "insert into chunks (chunk_id, file_id, account, state, row_count, total_amount, first_due, members, live, login, attempts, planned_at, changed_at)
                select 60, file_id, account, state, row_count, total_amount, first_due, '[[2,2]]', '[]', login, 1, planned_at, changed_at
                from chunks where chunk_id = 1;
                insert into attempts (attempt_id, chunk_id, account, epoch, holder, body_sha256, row_count, total_amount, members, intended_at, deadline_at, answered_at, outcome, per_minute)
                select 50, 60, account, epoch, holder, body_sha256, 1, 100002, '[[2,2]]', intended_at, deadline_at, answered_at, outcome, per_minute from attempts",
            mends: "delete from attempts where attempt_id = 50; delete from chunks where chunk_id = 60",
        },
    ];
    each_is_named(world, &vandals).await;
}

both!(
    a_call_that_is_too_large_too_soon_or_of_other_money_is_named,
    size
);

async fn size(world: World) {
    let vandals = [
        Vandal {
            invariant: 4,
            says: "attempt 1 carried 5001 rows, 4 by name; 5000 are allowed",
            breaks: "update attempts set row_count = 5001",
            mends: "update attempts set row_count = 4",
        },
        Vandal {
            invariant: 4,
            says: "attempt 1 carried 4 rows, 3 by name; 5000 are allowed",
            breaks: "update attempts set members = '[[1,3]]'",
            mends: "update attempts set members = '[[1,4]]'",
        },
        Vandal {
            invariant: 4,
            says: "attempt 1 carried 4 rows, 3 by name; 5000 are allowed",
            breaks: "update attempts set members = '[[1,3],[9,9]]'",
            mends: "update attempts set members = '[[1,4]]'",
        },
        Vandal {
            invariant: 4,
            says: "1 calls of greenfield in the minute from attempt 1: 0 are allowed",
            breaks: "update attempts set per_minute = 0",
            mends: "update attempts set per_minute = 1",
        },
        Vandal {
            invariant: 5,
            says: "attempt 1 carried 400011 paisa, its rows come to 400010",
            breaks: "update attempts set total_amount = total_amount + 1",
            mends: "update attempts set total_amount = total_amount - 1",
        },
        Vandal {
            invariant: 5,
            says: "chunk 2 says 2 rows and 199 paisa, its rows are 2 and come to 200",
            breaks: "update chunks set total_amount = total_amount - 1 where chunk_id = 2",
            mends: "update chunks set total_amount = total_amount + 1 where chunk_id = 2",
        },
        Vandal {
            invariant: 5,
            says: "chunk 2 says 3 rows and 200 paisa, its rows are 2 and come to 200",
            breaks: "update chunks set state = 'held', row_count = 3 where chunk_id = 2",
            mends: "update chunks set state = 'ready', row_count = 2 where chunk_id = 2",
        },
    ];
    each_is_named(world, &vandals).await;
}
