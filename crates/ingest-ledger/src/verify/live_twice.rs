//! 2: no payer has two live bills for one due date, but one that is being replaced; a foreign bill
//! that was known when a row was sent counts as one.

use super::findings::{Findings, Place};
use crate::db::{Tx, args, sql};
use crate::errors::Result;
use crate::row_of;
use chrono::NaiveDate;
use std::collections::HashMap;

/// Payers whose bills are looked at in one statement.
const PAYERS_MAX: usize = 1_000;

/// Rows that are looked at in one statement.
const ROWS_MAX: usize = 5_000;

/// Sorts what lives by payer and day, all of it at once, and looks closer only at what stands twice:
/// the key of a payer may be another's, too, and a bill may be about to be replaced.
///
/// Where a row stands is told here as `row_facts` tells it, with nothing but what that needs. The rows
/// are gone through in the order in which they lie: SQLite would take them payer by payer, and look for
/// each of them in another place.
const TWICE: [&str; 2] = [
    "select r.payer_key, r.due_date from rows r",
    "left join row_state s on s.row_id = r.row_id
    left join chunks g on g.file_id = (r.row_id >> 24) and g.chunk_no = r.chunk_no
        and s.state is null and s.chunk_id is null
    left join chunks o on o.chunk_id = s.chunk_id and s.state is null
    where r.payer_key is not null and coalesce(s.state, case when r.chunk_no is null then 'invalid' end,
        g.state, o.state) in ('accepted', 'billed')
    group by r.payer_key, r.due_date having count(*) > 1",
];

/// Two live bills for one day.
pub(super) async fn live_twice(tx: &mut Tx, found: &mut Findings) -> Result<()> {
    let mut payers: Vec<i64> = Vec::new();
    let text = TWICE.join(tx.pick(" ", " not indexed "));
    tx.each(sql(text), |line| {
        payers.push(line.int(0)?);
        Ok(())
    })
    .await?;
    payers.sort_unstable();
    payers.dedup();
    for payers in payers.chunks(PAYERS_MAX) {
        bills_of(tx, payers.to_vec(), found).await?;
    }
    beside_foreign(tx, found).await?;
    paid_twice(tx, found).await
}

/// The live bills of some payers, each beside the one before it.
async fn bills_of(tx: &mut Tx, payers: Vec<i64>, found: &mut Findings) -> Result<()> {
    let text = format!(
        "select x.row_id, x.account, x.identifier, x.due_date, s.replaces from row_facts x
         left join row_state s on s.row_id = x.row_id
         where {} and x.state in ('accepted', 'billed') order by x.row_id",
        tx.is_in("x.payer_key", 1)
    );
    let mut before: HashMap<(String, String, Option<NaiveDate>), i64> = HashMap::new();
    for row in tx.rows(sql(text), args![payers]).await? {
        let (id, replaces): (i64, Option<i64>) = (row.int(0)?, row.get(4)?);
        let bill = (row.text(1)?, row.text(2)?, row.get(3)?);
        let Some(older) = before.get(&bill).copied() else {
            before.insert(bill, id);
            continue;
        };
        if replaces != Some(older) {
            let kind = "a payer has two live bills for one day";
            found.add(2, kind, Place::Row(id), || {
                let (file_id, row_no) = row_of(older);
                let (identifier, due) = (&bill.1, day(bill.2));
                format!("a second live bill for {identifier} due {due}, beside row {row_no} of file {file_id}")
            });
        }
        before.insert(bill, id);
    }
    Ok(())
}

fn day(date: Option<NaiveDate>) -> String {
    date.map_or("on no day".to_owned(), |date| date.to_string())
}

/// Live bills beside one that somebody else made, and that was known when they were sent.
async fn beside_foreign(tx: &mut Tx, found: &mut Findings) -> Result<()> {
    // Bills that others made are few: only rows of their payers and days are looked at.
    let near = "select distinct r.row_id from foreign_bills b cross join rows r
         where b.state in ('accepted', 'billed') and r.payer_key = b.payer_key
           and r.identifier = b.identifier and r.due_date = b.due_date";
    for rows in row_ids(tx, near).await?.chunks(ROWS_MAX) {
        let text = format!(
            "select x.row_id, b.request_id, b.identifier, b.due_date from row_facts x
             join foreign_bills b on b.payer_key = x.payer_key and b.account = x.account
               and b.identifier = x.identifier and b.due_date = x.due_date
             left join row_state s on s.row_id = x.row_id
             where {} and b.state in ('accepted', 'billed') and x.state in ('accepted', 'billed')
               and x.sent_at > b.stored_at and (s.replaces is null or s.replaces <> -b.foreign_id)
             order by x.row_id, b.foreign_id",
            tx.is_in("x.row_id", 1)
        );
        for line in tx.rows(sql(text), args![rows.to_vec()]).await? {
            let (request, identifier) = (line.text(1)?, line.text(2)?);
            let due: Option<NaiveDate> = line.get(3)?;
            let kind = "a payer has a live bill beside one that this database did not make";
            found.add(2, kind, Place::Row(line.int(0)?), || {
                format!(
                    "a second live bill for {identifier} due {}, beside one in request {request} at the hub, which this database did not make",
                    day(due)
                )
            });
        }
    }
    Ok(())
}

/// Bills that replaced one which was paid all the same.
async fn paid_twice(tx: &mut Tx, found: &mut Findings) -> Result<()> {
    // `paid` is always a row's own state, and those that replace have lines of their own, too.
    let near = "select s.row_id from row_state s cross join row_state p
         where s.replaces is not null and p.row_id = s.replaces and p.state = 'paid'";
    for rows in row_ids(tx, near).await?.chunks(ROWS_MAX) {
        let text = format!(
            "select n.row_id, s.replaces from row_facts n join row_state s on s.row_id = n.row_id
             join rows o on o.row_id = s.replaces and o.due_date = n.due_date
             where {} and n.state in ('accepted', 'billed', 'paid') order by n.row_id",
            tx.is_in("n.row_id", 1)
        );
        for line in tx.rows(sql(text), args![rows.to_vec()]).await? {
            let (file_id, row_no) = row_of(line.int(1)?);
            let kind = "a bill was paid while it was replaced";
            found.add(2, kind, Place::Row(line.int(0)?), || {
                format!(
                    "the bill that it replaced was paid meanwhile: row {row_no} of file {file_id}. The payer may pay twice"
                )
            });
        }
    }
    Ok(())
}

/// The rows that a statement finds, in their order.
async fn row_ids(tx: &mut Tx, text: &'static str) -> Result<Vec<i64>> {
    let mut ids = Vec::new();
    tx.each(text, |line| {
        ids.push(line.int(0)?);
        Ok(())
    })
    .await?;
    ids.sort_unstable();
    Ok(ids)
}
