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
    file: String,
}

impl Ledger {
    /// Why a file of these tables would wait for a person if it were taken now, if it would: its
    /// headings serve other fields than those of the account's earlier sheets. Changes nothing.
    pub async fn mapping_departs(
        &self,
        account: &str,
        tables: &[TableMapping],
    ) -> Result<Option<String>> {
        let known = known(&mut self.db.read().await?, account).await?;
        Ok(departs(&known, tables))
    }
}

/// Compares a file's tables with those of earlier sheets, and remembers what is new: at once if
/// nothing holds the file, else when a person lets it go. What holds the file then.
pub(crate) async fn compare(
    step: &mut Step,
    file_id: i64,
    tables: &[TableMapping],
    hold: Option<(HoldKind, String)>,
) -> Result<Option<(HoldKind, String)>> {
    let account = step.account.clone();
    let known = known(&mut step.tx, &account).await?;
    let hold = held_by(hold, departs(&known, tables));
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
        let columns = serde_json::from_str(&line.text(0)?)
            .map_err(|error| LedgerError::corrupt(format!("a remembered mapping: {error}")))?;
        Ok(Known {
            columns,
            file: format!("file {}, {}", line.int(1)?, line.text(2)?),
        })
    };
    lines.iter().map(read).collect()
}

/// Why tables wait that are read as no remembered one was.
fn departs(known: &[Known], tables: &[TableMapping]) -> Option<String> {
    let mut told: Vec<(&str, &str, Vec<String>)> = Vec::new();
    for table in tables.iter().take(TABLES_MAX) {
        let compared = known.iter().map(|known| (differences(known, table), known));
        let nearest = compared.min_by_key(|(differences, _)| differences.len());
        let Some((differences, known)) = nearest.filter(|(found, _)| !found.is_empty()) else {
            continue;
        };
        if told.iter().all(|(.., said)| *said != differences) {
            told.push((&table.sheet, &known.file, differences));
        }
    }
    if told.is_empty() {
        return None;
    }
    let said = told
        .iter()
        .take(TOLD_MAX)
        .map(|(sheet, file, differences)| {
            format!(
                "the sheet `{sheet}` is not read as {file} was: {}",
                differences.join("; ")
            )
        });
    let said: Vec<String> = said.collect();
    Some(format!(
        "{}. Look whether that is right (`ingestd map` shows each column): if it is, approve the file, and such sheets are read so from then on; if not, cancel it and correct its headings",
        said.join("; ")
    ))
}

/// In what a table differs from one that is remembered.
fn differences(known: &Known, table: &TableMapping) -> Vec<String> {
    let fields: BTreeSet<&String> = known.columns.keys().chain(table.columns.keys()).collect();
    let differs = |field: &&String| {
        let said = field.replace('_', " ");
        match (known.columns.get(*field), table.columns.get(*field)) {
            (_, Some(now)) if now.configured => None,
            (Some(before), Some(now)) if before.known_as != now.known_as => Some(format!(
                "the {said} was “{}” and is “{}” now",
                before.heading, now.heading
            )),
            (Some(before), None) => Some(format!(
                "the {said} was “{}”, and no column is it now",
                before.heading
            )),
            (None, Some(now)) => Some(format!(
                "the {said} is “{}” now, and no column was it before",
                now.heading
            )),
            _ => None,
        }
    };
    fields.iter().filter_map(differs).collect()
}
