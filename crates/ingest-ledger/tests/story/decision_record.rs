//! The record of decisions: who asked what, when, how, on what evidence, and what came of it.

use crate::both;
use crate::world::*;
use ingest_ledger::*;

both!(a_decision_is_found_by_its_account_and_its_files, found);

async fn found(world: World) {
    let ledger = &world.ledger;
    let (one, two) = (
        world.drop_in("a.csv", &pupils(1)).await,
        world.drop_in("b.csv", &pupils(1)).await,
    );
    let files = [one];
    let first = ledger
        .decision_ask(&NewDecision {
            asked_from: Some("10.0.0.7"),
            command: Some("ingestd approve 1"),
            files: &files,
            ..asking("approve", "{}", "amina@desk")
        })
        .await
        .unwrap();
    let second = ledger
        .decision_ask(&asking("retry", "{}", "bilal@desk"))
        .await
        .unwrap();
    let both = [one, two];
    let done = CarriedOut {
        evidence_json: Some(r#"{"lists":[]}"#),
        files: &both,
        ..came_of(DecisionState::Done, "{}")
    };
    ledger.decision_answer(second, &done).await.unwrap();
    // Answered once more, it is about no more files.
    let more = [one, two, 77];
    let again = CarriedOut {
        files: &more,
        ..done
    };
    ledger.decision_answer(second, &again).await.unwrap();

    let ids = async |filter: DecisionFilter| {
        let found = ledger.decisions(&filter).await.unwrap();
        found
            .into_iter()
            .map(|line| line.decision_id)
            .collect::<Vec<_>>()
    };
    let of_file = |file_id| DecisionFilter {
        file_id: Some(file_id),
        ..DecisionFilter::default()
    };
    assert_eq!(ids(DecisionFilter::default()).await, [second, first]);
    assert_eq!(ids(of_file(one)).await, [second, first]);
    assert_eq!(ids(of_file(two)).await, [second]);
    assert_eq!(ids(of_file(77)).await, [] as [i64; 0]);
    let newest = DecisionFilter {
        limit: 1,
        ..of_file(one)
    };
    assert_eq!(ids(newest.clone()).await, [second]);
    let before = DecisionFilter {
        before: Some(second),
        ..newest
    };
    assert_eq!(ids(before).await, [first]);
    let elsewhere = DecisionFilter {
        account: Some("another".to_owned()),
        ..DecisionFilter::default()
    };
    assert_eq!(ids(elsewhere).await, [] as [i64; 0]);

    let asked = ledger.decision(first).await.unwrap().unwrap();
    assert_eq!(
        (asked.asked_from.as_deref(), asked.command.as_deref()),
        (Some("10.0.0.7"), Some("ingestd approve 1"))
    );
    assert_eq!((asked.done_by, asked.evidence_json), (None, None));
    let told = ledger.decision(second).await.unwrap().unwrap();
    assert_eq!(
        (told.done_by.as_deref(), told.evidence_json.as_deref()),
        (Some("desk:1"), Some(r#"{"lists":[]}"#))
    );
}

both!(a_persons_pause_and_its_record_are_one_step, paused);

async fn paused(world: World) {
    let ledger = &world.ledger;
    let done = came_of(DecisionState::Done, "{}");
    let asked = asking("pause", r#"{"reason":"holidays"}"#, "amina@desk");
    let pause = ledger.pause_asked("holidays", &asked, &done).await.unwrap();
    let line = async || ledger.accounts().await.unwrap().remove(0);
    assert_eq!(line().await.paused_reason.as_deref(), Some("holidays"));
    let asked = asking("resume", "{}", "bilal@desk");
    let resume = ledger.unpause_asked(&asked, &done).await.unwrap();
    assert_eq!(line().await.paused_kind, None);
    for (decision_id, kind, by) in [
        (pause, "pause", "amina@desk"),
        (resume, "resume", "bilal@desk"),
    ] {
        let stored = ledger.decision(decision_id).await.unwrap().unwrap();
        assert_eq!(
            (stored.kind.as_str(), stored.asked_by.as_str(), stored.state),
            (kind, by, DecisionState::Done)
        );
        assert!(stored.done_at.is_some_and(|at| at >= stored.asked_at));
    }
    // Nobody is left to carry them out.
    let next = ledger.decision_next(ACCOUNT, "reconcile").await.unwrap();
    assert_eq!(next, None);
}
