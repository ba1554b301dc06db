//! Rows that a request of nobody holds up, because it may hold a failed row of their payer.

use crate::both;
use crate::world::*;
use ingest_ledger::*;
use std::time::Duration;

/// What a request of nobody shows of the payer's failed row.
fn may_hold(failed: &FailedRow) -> PlanRules {
    let elsewhere = Elsewhere {
        failed: failed.clone(),
        request_id: "77".into(),
        why: "it is not worked off yet".into(),
        state: Some(RowState::Billed),
    };
    PlanRules {
        elsewhere: [(failed.identifier.clone(), vec![elsewhere])].into(),
        ..rules()
    }
}

both!(
    a_row_goes_on_by_the_judgement_that_is_its_own_when_it_goes,
    one_judgement
);

async fn one_judgement(world: World) {
    use RowState::*;
    let ledger = &world.ledger;
    world.drop_in("march.csv", &pupils(1)).await;
    let attempt = world.next_attempt().await;
    world.settle(&attempt, first_row_refused()).await;
    let again = world.drop_in("again.csv", &pupils(1)).await;
    let chunk = ledger.next_ready(ACCOUNT).await.unwrap().unwrap();
    let failed = ledger.failed_without_request(chunk.chunk_id).await.unwrap();
    let rules = may_hold(&failed[0]);
    let intent = Intent {
        rows: &chunk.live,
        body_sha256: [0; 32],
        per_minute: 6_000,
        deadline: Duration::from_secs(60),
        rules: &rules,
    };
    let intended = ledger.intend(&world.lease, chunk.chunk_id, &intent).await;
    assert_eq!(intended.unwrap(), Intended::Changed);
    assert_eq!(world.states(again).await, [Held]);
    let held_at = async || {
        ledger
            .result_rows(again, ResultRows::All, 0, 9)
            .await
            .unwrap()[0]
            .message
            .clone()
    };
    let said = held_at().await;
    let since = ledger.newest_change().await.unwrap();

    // While the request may hold this very bill the row stays, and nothing of it is written.
    let rows = RowSet::range(1, 1);
    let judged = async |rules: &PlanRules| {
        let judged = ledger.rejudge_elsewhere(&world.lease, again, &rows, rules);
        judged.await.unwrap()
    };
    assert_eq!(judged(&rules).await, 0);
    assert_eq!(
        (held_at().await, ledger.newest_change().await.unwrap()),
        (said, since)
    );

    // It turns out to be the bill of an earlier month: a row that met it would go.
    let earlier = FailedRow {
        due_date: failed[0].due_date - chrono::Days::new(31),
        ..failed[0].clone()
    };
    assert_eq!(judged(&may_hold(&earlier)).await, 1);
    assert_eq!(world.states(again).await, [Ready]);
    world.verified().await;
}
