//! Schools and what they drop: sheets of the next month, the same sheet again, saved once more,
//! corrected, with mistakes. Every sheet is remembered as the school means it.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{Days, Months, NaiveDate};

use crate::calls::rupees;
use crate::hub::SentBill;
use crate::world::World;

/// One school: its account and user, its pupils, its sheets so far.
pub(crate) struct School {
    pub(crate) account: String,
    pupils: Vec<String>,
    month: u32,
    amounts: i64,
    pub(crate) sheets: Vec<Sheet>,
}

/// A sheet that was dropped.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// Its rows in order; `None`: a row that must not be sent.
    pub(crate) rows: Vec<Row>,
}

/// A row of a sheet.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) identifier: String,
    pub(crate) amount: i64,
    pub(crate) due: NaiveDate,
    pub(crate) late: Option<i64>,
    /// Written so that it is no bill.
    pub(crate) broken: bool,
}

impl Row {
    /// As the hub must be sent it.
    pub(crate) fn bill(&self) -> SentBill {
        SentBill {
            identifier: self.identifier.clone(),
            amount: rupees(self.amount),
            due_date: self.due.format("%Y-%m-%d").to_string(),
            late: rupees(self.late.unwrap_or(self.amount)),
        }
    }
}

impl School {
    pub(crate) fn new(account: String, world: &World) -> School {
        let pupils = 2 + world.below(6);
        School {
            pupils: (1..=pupils)
                .map(|n| format!("{}-{n:03}", account.to_uppercase()))
                .collect(),
            account,
            month: 0,
            amounts: 1_000,
            sheets: Vec::new(),
        }
    }

    /// Any pupil.
    pub(crate) fn pupil(&self, world: &World) -> String {
        let at = world.below(self.pupils.len() as u64);
        self.pupils[usize::try_from(at).unwrap_or(0)].clone()
    }

    /// Drops a sheet into the inbox, as people do.
    pub(crate) fn drop_one(&mut self, inbox: &Path, world: &World) -> anyhow::Result<()> {
        let old = world.below(self.sheets.len().max(1) as u64);
        let old = self.sheets.get(usize::try_from(old)?).cloned();
        let (what, rows) = match (world.below(10), old) {
            (0, Some(old)) => {
                // The very same bytes under another name.
                return self.put(inbox, world, "the same again", old.rows, Some(old.bytes));
            }
            (1, Some(old)) => ("saved once more", old.rows.into_iter().rev().collect()),
            (2, Some(old)) => ("with other amounts", self.changed(old.rows, world)),
            (3, Some(old)) => ("with one row more", self.one_more(old.rows, world)),
            (4, _) => ("with mistakes", self.with_mistakes(world)),
            _ => ("of the next month", self.next_month(world)),
        };
        self.put(inbox, world, what, rows, None)
    }

    fn amount(&mut self, world: &World) -> i64 {
        // No two bills are alike, so that each at the hub is told from every other.
        self.amounts += 1;
        self.amounts * 100 + if world.below(5) == 0 { 50 } else { 0 }
    }

    fn row(&mut self, identifier: String, due: NaiveDate, world: &World) -> Row {
        let amount = self.amount(world);
        Row {
            identifier,
            amount,
            due,
            late: (world.below(2) == 0).then_some(amount + 10_000),
            broken: false,
        }
    }

    fn due(&self) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(2035, 2, 10).unwrap_or_default();
        first + Months::new(self.month)
    }

    fn next_month(&mut self, world: &World) -> Vec<Row> {
        self.month += 1;
        let due = self.due();
        let pupils = self.pupils.clone();
        pupils
            .into_iter()
            .filter(|_| world.below(5) > 0)
            .map(|pupil| self.row(pupil, due, world))
            .collect()
    }

    fn changed(&mut self, rows: Vec<Row>, world: &World) -> Vec<Row> {
        rows.into_iter()
            .map(|row| match world.below(3) {
                0 => self.row(row.identifier, row.due, world),
                _ => row,
            })
            .collect()
    }

    fn one_more(&mut self, mut rows: Vec<Row>, world: &World) -> Vec<Row> {
        let there: BTreeSet<&String> = rows.iter().map(|row| &row.identifier).collect();
        let missing = self
            .pupils
            .iter()
            .find(|pupil| !there.contains(pupil))
            .cloned();
        let due = rows.first().map_or(self.due(), |row| row.due) + Days::new(0);
        if let Some(pupil) = missing {
            rows.push(self.row(pupil, due, world));
        }
        rows
    }

    fn with_mistakes(&mut self, world: &World) -> Vec<Row> {
        let mut rows = self.next_month(world);
        if let Some(first) = rows.first_mut() {
            first.broken = true;
        }
        rows
    }

    fn put(
        &mut self,
        inbox: &Path,
        world: &World,
        what: &str,
        rows: Vec<Row>,
        bytes: Option<Vec<u8>>,
    ) -> anyhow::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let name = format!("fees-{}.csv", self.sheets.len() + 1);
        let bytes = bytes.unwrap_or_else(|| as_csv(&rows, self.sheets.len()));
        world.tell(|| format!("{} drops {name}, {what}: {} rows", self.account, rows.len()));
        let draft = inbox.join(format!("{name}.tmp"));
        std::fs::write(&draft, &bytes)?;
        std::fs::rename(&draft, inbox.join(&name))?;
        self.sheets.push(Sheet { name, bytes, rows });
        Ok(())
    }
}

fn as_csv(rows: &[Row], number: usize) -> Vec<u8> {
    let mut text =
        String::from("Student Name,Registration No,Amount,Due Date,Amount After Due Date\n");
    for row in rows {
        let amount = match row.broken {
            true => "fifty".to_owned(),
            false => rupees(row.amount),
        };
        let late = row.late.map(rupees).unwrap_or_default();
        text.push_str(&format!(
            "Pupil {},{},{amount},{},{late}\n",
            row.identifier, row.identifier, row.due
        ));
    }
    // Two sheets with the same rows are two files: people save them anew.
    text.push_str(&" \n".repeat(number));
    text.into_bytes()
}
