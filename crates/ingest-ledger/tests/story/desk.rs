//! What lies on an account's desk: told of everything that a stop of the road finds.

use crate::both;
use crate::world::*;
use ingest_ledger::*;

/// The names of what lies there.
async fn on_the_desk(world: &World) -> Vec<&'static str> {
    let desk = world.ledger.desk(ACCOUNT).await.unwrap();
    assert_eq!(desk.account.account, ACCOUNT);
    [
        (desk.decisions, "decisions"),
        (desk.callbacks, "callbacks"),
        (desk.in_doubt, "in doubt"),
        (desk.to_plan, "to plan"),
        (desk.ready, "ready"),
        (desk.to_ask, "to ask"),
        (desk.foreign_to_ask, "foreign to ask"),
        (desk.waiting, "waiting"),
        (desk.elsewhere, "elsewhere"),
        (desk.unstamped, "unstamped"),
    ]
    .into_iter()
    .filter_map(|(lies, name)| lies.then_some(name))
    .collect()
}

both!(a_sheet_lies_on_the_desk_at_each_of_its_stops, road);

async fn road(world: World) {
    assert_eq!(on_the_desk(&world).await, [""; 0]);
    let file_id = world.store("march.csv", &pupils(2), vec![]).await;
    assert_eq!(on_the_desk(&world).await, ["to plan"]);
    world.plan(file_id).await;
    assert_eq!(on_the_desk(&world).await, ["ready"]);
    let attempt = world.next_attempt().await;
    assert_eq!(on_the_desk(&world).await, [""; 0]);
    let lost = Settlement::Unknown {
        message: "cut".into(),
    };
    world.settle(&attempt, lost).await;
    assert_eq!(on_the_desk(&world).await, ["in doubt"]);
    let all: RowSet = (1..=2).collect();
    let adopted = world
        .ledger
        .adopt(&world.lease, attempt.chunk_id, "77", &all);
    assert_eq!(adopted.await.unwrap(), Adopted::Yes);
    assert_eq!(on_the_desk(&world).await, ["to ask"]);
    world.say_of_all(attempt.chunk_id, RowState::Paid).await;
    assert!(on_the_desk(&world).await.contains(&"unstamped"));
    world.verified().await;
}

both!(
    what_a_person_asks_and_a_row_that_waits_lie_on_the_desk,
    asked
);

async fn asked(world: World) {
    let decision = asking("reconcile", "{}", "bursar");
    let asked = world.ledger.decision_ask(&decision).await.unwrap();
    assert_eq!(on_the_desk(&world).await, ["decisions"]);
    let done = came_of(DecisionState::Done, "{}");
    world.ledger.decision_answer(asked, &done).await.unwrap();
    assert_eq!(on_the_desk(&world).await, [""; 0]);

    // The same bill twice: the second waits for the first, which is on its way.
    world.drop_in("march.csv", &pupils(1)).await;
    world.send_taken("78").await;
    let mut changed = pupils(1);
    changed[0].amount += 100;
    world.drop_in("march again.csv", &changed).await;
    assert_eq!(on_the_desk(&world).await, ["to ask", "waiting"]);
}

both!(no_account_no_desk, nobody);

async fn nobody(world: World) {
    let none = world.ledger.desk("nobody").await;
    assert!(matches!(none, Err(LedgerError::Missing(_))));
}
