//! The change feed: a reader who has seen change N never later finds a new one up to N.

use crate::both;
use crate::world::*;
use ingest_ledger::*;
use std::collections::BTreeMap;

both!(
    the_feed_tells_every_change_of_every_row_in_order,
    every_change
);

async fn every_change(world: World) {
    let mut bills = pupils(4);
    bills[1].valid = false;
    let file_id = world.drop_in("a.csv", &bills).await;
    let chunk = world.send_taken("1").await.chunk_id;
    world.say_of_all(chunk, RowState::Billed).await;
    let changes = world.ledger.changes_after(0, 1_000).await.unwrap();
    let numbers: Vec<i64> = changes.iter().map(|c| c.change_id).collect();
    assert_eq!(numbers, (1..=13).collect::<Vec<i64>>(), "no gaps");
    assert_eq!(world.ledger.newest_change().await.unwrap(), 13);
    let mut ways: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for change in &changes {
        assert_eq!(change.file_id, file_id);
        ways.entry(change.row_number)
            .or_default()
            .push(change.state.as_str());
    }
    assert_eq!(ways[&2], ["ready", "sending", "accepted", "billed"]);
    assert_eq!(ways[&3], ["invalid"]);
    assert_eq!(changes[12].psid.as_deref(), Some("1001P00004"));
    assert_eq!(changes[0].psid, None);
    let mut paged = Vec::new();
    while let Some(page) = Some(
        world
            .ledger
            .changes_after(paged.last().map_or(0, |c: &Change| c.change_id), 2)
            .await
            .unwrap(),
    )
    .filter(|page| !page.is_empty())
    {
        assert!(page.len() <= 2);
        paged.extend(page);
    }
    assert_eq!(paged, changes, "pages cut nothing");
}

both!(
    a_reader_beside_many_writers_never_finds_a_change_behind_it,
    many_writers
);

async fn many_writers(world: World) {
    let mut writers = Vec::new();
    for n in 0..4 {
        let account = format!("school-{n}");
        let ledger = world.ledger.clone();
        ledger.account_put(&account, &account).await.unwrap();
        let ttl = std::time::Duration::from_secs(600);
        let lease = ledger
            .lease_take(&account, "here", ttl)
            .await
            .unwrap()
            .unwrap();
        let writer = World {
            ledger,
            lease,
            raw: world.raw.clone(),
            url: world.url.clone(),
            folder: None,
        };
        writers.push(async move {
            for i in 0..8 {
                let name = format!("{n}-{i}.csv");
                let file_id = writer.store(&name, &pupils(5), Vec::new()).await;
                writer.plan(file_id).await;
            }
        });
    }
    let done = std::sync::atomic::AtomicBool::new(false);
    let reader = async {
        let mut seen: Vec<i64> = Vec::new();
        loop {
            let finished = done.load(std::sync::atomic::Ordering::SeqCst);
            let after = seen.last().copied().unwrap_or(0);
            let page = world.ledger.changes_after(after, 7).await.unwrap();
            seen.extend(page.iter().map(|c| c.change_id));
            if finished && page.is_empty() {
                return seen;
            }
        }
    };
    let writing = async {
        futures::future::join_all(writers).await;
        done.store(true, std::sync::atomic::Ordering::SeqCst);
    };
    let (seen, ()) = futures::join!(reader, writing);
    assert_eq!(seen, (1..=seen.len() as i64).collect::<Vec<i64>>());
    // The first sheet's rows become ready; the same pupils' later sheets wait for them as well.
    assert_eq!(
        seen.len() as i64,
        world.ledger.newest_change().await.unwrap()
    );
    assert!(seen.len() >= 4 * 8 * 5);
    world.verified().await;
}

#[tokio::test]
async fn postgresql_tells_its_listeners_when_to_look() {
    let world = World::postgres().await;
    let mut listener = sqlx::postgres::PgListener::connect(&world.url)
        .await
        .unwrap();
    listener.listen("ingestd_results").await.unwrap();
    world.drop_in("a.csv", &pupils(1)).await;
    let told = listener.recv().await.unwrap();
    assert_eq!((told.channel(), told.payload()), ("ingestd_results", ""));
    crate::raw::postgres_dropped(&world.url).await;
}
