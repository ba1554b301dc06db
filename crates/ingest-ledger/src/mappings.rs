//! How an account's sheets were read: which heading served which field. A sheet that is read
//! otherwise than those before it may be a slip of whoever made it, or of ours, and every amount of
//! it would be another column's: it waits for a person, and is remembered once they have approved.

use crate::db::{Tx, args};
use crate::errors::{LedgerError, Result};
use crate::open::Ledger;
use crate::states::HoldKind;
use crate::step::Step;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A heading that served a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedColumn {
    /// As written.
    pub heading: String,
    /// By what it is known again: two headings of one form are the same.
    pub known_as: String,
    /// The account's configuration names it: a person has said so, and nothing departs from that.
    #[serde(skip)]
    pub configured: bool,
}

/// How one table of a file was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableMapping {
    /// The sheet.
    pub sheet: String,
    /// By field. Where a column stands, and what else the table has, is of no account.
    pub columns: BTreeMap<String, MappedColumn>,
}

/// Tables of one file that are compared; what comes after them is a mess for other reasons.
const TABLES_MAX: usize = 50;
/// Differences that are told.
const TOLD_MAX: usize = 3;

/// A mapping that is remembered, with the file that brought it.
struct Known {
    columns: BTreeMap<String, MappedColumn>,
    file_id: i64,
    file_name: String,
}

/// Tables of a file that are read as no earlier one was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departures(Vec<Departure>);

/// In what one of them departs from the earlier one that it is most like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// The sheet.
    pub sheet: String,
    /// The earlier file.
    pub file_id: i64,
    /// Its name.
    pub file_name: String,
    /// Field by field.
    pub differences: Vec<Difference>,
}

/// A field that another heading serves than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field.
    pub field: String,
    /// The heading that served it; `None` if none did.
    pub before: Option<String>,
    /// The one that does now.
    pub now: Option<String>,
}

impl Departures {
    /// Those that are told of.
    pub fn told(&self) -> impl Iterator<Item = &Departure> {
        self.0.iter().take(TOLD_MAX)
    }
}

impl fmt::Display for Departures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, departure) in self.told().enumerate() {
            let semicolon = if at == 0 { "" } else { "; " };
            let differences: Vec<String> = departure
                .differences
                .iter()
                .map(ToString::to_string)
                .collect();
            write!(
                f,
                "{semicolon}the sheet `{}` is not read as file {}, {} was: {}",
                departure.sheet,
                departure.file_id,
                departure.file_name,
                differences.join("; ")
            )?;
        }
        f.write_str(
            ". Look whether that is right (`ingestd map` shows each column): if it is, approve the file, and such sheets are read so from then on; if not, cancel it and correct its headings",
        )
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.field.replace('_', " ");
        match (&self.before, &self.now) {
            (Some(before), Some(now)) => write!(f, "the {said} was “{before}” and is “{now}” now"),
            (Some(before), None) => {
                write!(f, "the {said} was “{before}”, and no column is it now")
            }
            (None, now) => write!(
                f,
                "the {said} is “{}” now, and no column was it before",
                now.as_deref().unwrap_or_default()
            ),
        }
    }
}

impl Ledger {
    /// Why a file of these tables would wait for a person if it were taken now, if it would: its
    /// headings serve other fields than those of the account's earlier sheets. Changes nothing.
    pub async fn mapping_departs(
        &self,
        account: &str,
        tables: &[TableMapping],
    ) -> Result<Option<Departures>> {
        let known = known(&mut self.db.read().await?, account).await?;
        Ok(departs(&known, tables))
    }
}

impl Ledger {
    /// How the account's sheets are read that came last, of those that nothing departs from: the
    /// heading of each field, and what was seen of that file's sheets; `None`: nothing is
    /// remembered of it.
    pub async fn mapping_known(
        &self,
        account: &str,
    ) -> Result<Option<(BTreeMap<String, String>, Option<String>)>> {
        let mut tx = self.db.read().await?;
        let sql = "select m.mapping, f.sheets_json from sheet_mappings m
            join files f on f.file_id = m.file_id
            where m.account = $1 and m.known_at is not null
            order by m.file_id desc, m.mapping_no limit 1";
        let Some(line) = tx.row(sql, args![account]).await? else {
            return Ok(None);
        };
        let columns = columns_of(&line.text(0)?)?;
        let headings = columns.into_iter();
        let headings = headings.map(|(field, column)| (field, column.heading));
        Ok(Some((headings.collect(), line.get(1)?)))
    }
}

fn columns_of(text: &str) -> Result<BTreeMap<String, MappedColumn>> {
    serde_json::from_str(text)
        .map_err(|error| LedgerError::corrupt(format!("a remembered mapping: {error}")))
}

/// Compares a file's tables with those of earlier sheets, and remembers what is new: at once if
/// nothing holds the file, else when a person lets it go. What holds the file then.
pub(crate) async fn compare(
    step: &mut Step,
    file_id: i64,
    tables: &[TableMapping],
    hold: Option<(HoldKind, String)>,
    said: Option<fn(&Departures) -> String>,
) -> Result<Option<(HoldKind, String)>> {
    let account = step.account.clone();
    let known = known(&mut step.tx, &account).await?;
    let departs = departs(&known, tables).map(|departures| match said {
        Some(said) => said(&departures),
        None => departures.to_string(),
    });
    let hold = held_by(hold, departs);
    let known_at = hold.is_none().then_some(step.now);
    let mut seen = BTreeSet::new();
    for table in tables.iter().take(TABLES_MAX) {
        if known
            .iter()
            .any(|known| differences(known, table).is_empty())
        {
            continue;
        }
        let text = serde_json::to_string(&table.columns).map_err(|error| {
            LedgerError::corrupt(format!("a mapping can't be written: {error}"))
        })?;
        // No database text holds a NUL.
        let text = text.replace("\\u0000", "\\ufffd");
        if seen.insert(text.clone()) {
            step.tx
                .exec(
                    "insert into sheet_mappings (file_id, mapping_no, account, mapping, known_at) values ($1, $2, $3, $4, $5)
                     on conflict do nothing",
                    args![file_id, seen.len() as i64, &account, text, known_at],
                )
                .await?;
        }
    }
    Ok(hold)
}

/// A person has let the file go as it was read.
pub(crate) async fn approved(step: &mut Step, file_id: i64) -> Result<()> {
    let sql = "update sheet_mappings set known_at = $2 where file_id = $1 and known_at is null";
    step.tx.exec(sql, args![file_id, step.now]).await?;
    Ok(())
}

/// A hold, and the reason that the file departs from earlier ones. An account's own rule to ask is
/// the weaker of two reasons.
pub fn held_by(
    hold: Option<(HoldKind, String)>,
    departs: Option<String>,
) -> Option<(HoldKind, String)> {
    match (hold, departs) {
        (hold, None) => hold,
        (None, Some(why)) => Some((HoldKind::File, why)),
        (Some((HoldKind::Approval, rule)), Some(why)) => {
            Some((HoldKind::File, format!("{why}; {rule}")))
        }
        (Some((kind, other)), Some(why)) => Some((kind, format!("{other}; {why}"))),
    }
}

/// What is remembered of an account, the newest first.
async fn known(tx: &mut Tx, account: &str) -> Result<Vec<Known>> {
    let sql = "select m.mapping, f.file_id, f.file_name from sheet_mappings m
        join files f on f.file_id = m.file_id
        where m.account = $1 and m.known_at is not null order by m.file_id desc, m.mapping_no";
    let lines = tx.rows(sql, args![account]).await?;
    let read = |line: &crate::db::Line| {
        Ok(Known {
            columns: columns_of(&line.text(0)?)?,
            file_id: line.int(1)?,
            file_name: line.text(2)?,
        })
    };
    lines.iter().map(read).collect()
}

/// The tables that are read as no remembered one was.
fn departs(known: &[Known], tables: &[TableMapping]) -> Option<Departures> {
    let mut told: Vec<Departure> = Vec::new();
    for table in tables.iter().take(TABLES_MAX) {
        let compared = known.iter().map(|known| (differences(known, table), known));
        let nearest = compared.min_by_key(|(differences, _)| differences.len());
        let Some((differences, known)) = nearest.filter(|(found, _)| !found.is_empty()) else {
            continue;
        };
        if told.iter().all(|other| other.differences != differences) {
            told.push(Departure {
                sheet: table.sheet.clone(),
                file_id: known.file_id,
                file_name: known.file_name.clone(),
                differences,
            });
        }
    }
    (!told.is_empty()).then_some(Departures(told))
}

/// In what a table differs from one that is remembered.
fn differences(known: &Known, table: &TableMapping) -> Vec<Difference> {
    let fields: BTreeSet<&String> = known.columns.keys().chain(table.columns.keys()).collect();
    let differs = |field: &&String| {
        let (before, now) = (known.columns.get(*field), table.columns.get(*field));
        let same = match (before, now) {
            (_, Some(now)) if now.configured => true,
            (Some(before), Some(now)) => before.known_as == now.known_as,
            (None, None) => true,
            _ => false,
        };
        (!same).then(|| Difference {
            field: (*field).clone(),
            before: before.map(|column| column.heading.clone()),
            now: now.map(|column| column.heading.clone()),
        })
    };
    fields.iter().filter_map(differs).collect()
}
