//! A run in which nothing goes wrong: nothing may be held, in doubt or refused, at any moment of it.

use std::collections::BTreeMap;
use std::time::Instant;

use super::Table;
use super::table::seconds;
use crate::postgres::Database;
use crate::sheets_in::{Bill, bills, csv, xlsx};
use crate::world::World;

/// So many accounts share the rows.
const ACCOUNTS: [&str; 3] = ["north", "south", "west"];

/// Two months' sheets of the same payers, and the second month's sheet saved again as a workbook: `n`
/// rows each.
///
/// # Panics
/// If a row was ever held, unknown or refused; or if any list tells another story.
pub async fn run(database: Database, n: usize) -> Table {
    let world = World::with_accounts(database, &ACCOUNTS);
    let began = Instant::now();
    let share = n.div_ceil(ACCOUNTS.len());
    let of = |account: &str, month: u32| -> Vec<Bill> {
        let mut rows = bills(&format!("{account}-"), share);
        for bill in &mut rows {
            bill.due_date = bill.due_date.replacen("-03-", &format!("-{month:02}-"), 1);
        }
        rows
    };
    for account in ACCOUNTS {
        world.drop_sheet_for(account, "march.csv", &csv(&of(account, 3)));
    }
    world.run_once().await.ended_with(0);
    for account in ACCOUNTS {
        world.drop_sheet_for(account, "april.csv", &csv(&of(account, 4)));
    }
    world.run_once().await.ended_with(0);
    for account in ACCOUNTS {
        world.drop_sheet_for(account, "april again.xlsx", &xlsx(&of(account, 4)));
    }
    world.run_once().await.ended_with(0);

    let mut ever: BTreeMap<String, usize> = BTreeMap::new();
    for change in world.changes_after(0).await {
        *ever.entry(change.state).or_default() += 1;
    }
    let times = |state: &str| ever.get(state).copied().unwrap_or(0);
    for state in ["held", "unknown", "rejected", "errored", "invalid"] {
        assert_eq!(times(state), 0, "{state} without a fault: {ever:?}");
    }
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for row in world.results().await {
        *states.entry(row.state).or_default() += 1;
    }
    let all = share * ACCOUNTS.len();
    let expected = [("billed", all), ("discarded", all), ("skipped", all)];
    let expected = expected.map(|(state, n)| (state.to_owned(), n));
    assert_eq!(states, expected.into());
    for account in ACCOUNTS {
        world.hub_and_views_agree(account).await;
    }
    world.verified().await;

    let mut table = Table::default();
    table.line("rows", all * 3);
    table.line("… held at any moment", times("held"));
    table.line("… unknown at any moment", times("unknown"));
    for (state, n) in states {
        table.line(format!("… {state} in the end"), n);
    }
    table.line("took", seconds(began.elapsed()));
    table
}
