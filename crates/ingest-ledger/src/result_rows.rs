//! A file's rows for its result and fix sheets, page by page.

use crate::db::args;
use crate::errors::Result;
use crate::open::Ledger;
use crate::states::RowState;
use crate::{row_id, row_of};
use chrono::NaiveDate;

/// A row for a result or fix sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRow {
    /// Its place in the file.
    pub row_no: u32,
    /// Its key: the hidden token of a fix sheet is made of it.
    pub row_id: i64,
    /// The sheet.
    pub sheet: String,
    /// Its number there.
    pub row_number: i64,
    /// Where it stands.
    pub state: RowState,
    /// Its PSID.
    pub psid: Option<String>,
    /// What there is to say, the sheet's problems included.
    pub message: Option<String>,
    /// The problems alone.
    pub problems_json: Option<String>,
    /// What was written in its cells, for invalid rows.
    pub raw_json: Option<String>,
    /// What the payer reads.
    pub title: String,
    /// The payer.
    pub identifier: String,
    /// Paisa.
    pub amount: Option<i64>,
    /// Until when.
    pub due_date: Option<NaiveDate>,
    /// Paisa after that, as the sheet had it.
    pub amount_after_due_date: Option<i64>,
}

impl Ledger {
    /// The rows of a file for its result sheet, after `after_row_no`, in order.
    pub async fn result_rows(
        &self,
        file_id: i64,
        after_row_no: u32,
        limit: u32,
    ) -> Result<Vec<ResultRow>> {
        let mut tx = self.db.read().await?;
        let lines = tx
            .rows(
                "select row_id, sheet, row_number, state, psid, own_message, problems_json, chunk_message, raw_json, title, identifier, amount, due_date, late_as_read
                 from row_facts where file_id = $1 and row_id > $2 order by row_id limit $3",
                args![file_id, row_id(file_id, after_row_no), limit],
            )
            .await?;
        lines
            .iter()
            .map(|line| {
                let id = line.int(0)?;
                let own: Option<String> = line.get(5)?;
                let problems_json: Option<String> = line.get(6)?;
                let message = match own {
                    Some(own) => Some(own),
                    None => problems_json.as_deref().and_then(in_words).or(line.get(7)?),
                };
                Ok(ResultRow {
                    row_no: row_of(id).1,
                    row_id: id,
                    sheet: line.text(1)?,
                    row_number: line.int(2)?,
                    state: line.word(3)?,
                    psid: line.get(4)?,
                    message,
                    problems_json,
                    raw_json: line.get(8)?,
                    title: line.text(9)?,
                    identifier: line.text(10)?,
                    amount: line.get(11)?,
                    due_date: line.get(12)?,
                    amount_after_due_date: line.get(13)?,
                })
            })
            .collect()
    }
}

/// Problems as one sentence, errors first: what the views say, too.
fn in_words(problems_json: &str) -> Option<String> {
    let problems: Vec<serde_json::Value> = serde_json::from_str(problems_json).ok()?;
    let word = |p: &serde_json::Value, key: &str| {
        p.get(key)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut said: Vec<(String, String)> = problems
        .iter()
        .map(|p| (word(p, "severity"), word(p, "problem")))
        .collect();
    said.sort_by(|a, b| a.0.cmp(&b.0));
    let words: Vec<String> = said.into_iter().map(|(_, problem)| problem).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_said_before_warnings() {
        let json = r#"[{"problem":"w","severity":"warning"},{"problem":"e","severity":"error"}]"#;
        assert_eq!(in_words(json).as_deref(), Some("e; w"));
    }
}
