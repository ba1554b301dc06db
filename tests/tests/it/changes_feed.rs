//! The change feed: a reader who polls sees every change of every row, once,
//! and never finds one behind its back.

use std::collections::BTreeMap;

use ingestd_tests::{bills, csv, on_each_engine_with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_polling_reader_sees_every_change_once_and_none_later_behind_its_back() {
    on_each_engine_with(&["north", "south", "east"], async |world| {
        // Three writers at once, in one process and one database.
        for (account, rows) in [("north", 900), ("south", 700), ("east", 500)] {
            world.set_of(account, "rows_per_request", "100");
            let mut fees = bills(account, rows);
            fees[3].amount = "no amount".to_owned();
            world.drop_sheet_for(account, "fees.csv", &csv(&fees));
        }
        let mut service = world.start_service();
        let mut seen = Vec::new();
        world
            .wait_until("every row is billed or invalid", async || {
                let last = seen
                    .last()
                    .map_or(0, |change: &ingestd_tests::Change| change.change_id);
                seen.extend(world.changes_after(last).await);
                let rows = world.results().await;
                rows.len() == 2100
                    && rows
                        .iter()
                        .all(|row| ["billed", "invalid"].contains(&row.state.as_str()))
            })
            .await;
        assert_eq!(service.ended(), None);
        assert_eq!(service.stop().await, 0);
        let last = seen.last().map_or(0, |change| change.change_id);
        seen.extend(world.changes_after(last).await);

        assert!(
            seen.is_sorted_by(|one, next| one.change_id < next.change_id),
            "ids increase"
        );
        let all = world.changes_after(0).await;
        assert_eq!(seen.len(), all.len(), "nothing appeared behind the reader");
        assert!(seen == all);

        let mut newest = BTreeMap::new();
        let mut path: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
        for change in &seen {
            newest.insert(change.row_id, change);
            path.entry(change.row_id).or_default().push(&change.state);
        }
        let rows = world.results().await;
        assert_eq!(newest.len(), rows.len(), "every row is in the feed");
        for row in &rows {
            let change = newest[&row.row_id];
            assert_eq!(
                (&change.state, &change.psid),
                (&row.state, &row.psid),
                "{row:?}"
            );
            assert_eq!(change.file_id, row.file_id);
            assert_eq!(change.row_number, i64::try_from(row.row_number).unwrap());
            let states = &path[&row.row_id];
            if row.state == "invalid" {
                assert_eq!(states, &["invalid"]);
            } else {
                assert_eq!(states, &["ready", "sending", "accepted", "billed"]);
            }
        }
    })
    .await;
}
