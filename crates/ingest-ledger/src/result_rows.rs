//! A file's rows for its result and fix sheets, page by page: what `bill_results` says of them.

use crate::db::{args, word};
use crate::errors::Result;
use crate::open::Ledger;
use crate::states::RowState;
use crate::{row_id, row_of};

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
    /// What there is to say, the sheet's problems with their cells included.
    pub message: Option<String>,
    /// The problems alone.
    pub problems_json: Option<String>,
}

/// Which rows of a file a sheet about it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultRows {
    /// All, for a result sheet.
    All,
    /// Those that are invalid, rejected or errored, for a fix sheet.
    ToFix,
}

const PICKS: &str = "row_id, sheet, row_number, state, psid, message, problems_json || ''";

/// [`PICKS`].
type Picked = (
    i64,
    String,
    i64,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
);

impl Ledger {
    /// The rows of a file for a sheet about it, after `after_row_no`, in order.
    pub async fn result_rows(
        &self,
        file_id: i64,
        which: ResultRows,
        after_row_no: u32,
        limit: u32,
    ) -> Result<Vec<ResultRow>> {
        let mut tx = self.db.read().await?;
        // By the range of row ids alone: with file_id as well, SQLite would begin every page at
        // the file's first row.
        let which = match which {
            ResultRows::All => "",
            ResultRows::ToFix => "and state in ('invalid', 'rejected', 'errored')",
        };
        let page = format!(
            "from (select * from bill_results where row_id > $1 and row_id < $2 {which} order by row_id limit $3) as x"
        );
        let values = args![row_id(file_id, after_row_no), row_id(file_id + 1, 0), limit];
        let mut found: Vec<Picked> = tx.tuples(PICKS, &page, values).await?;
        found.sort_by_key(|row| row.0);
        found
            .into_iter()
            .map(|(id, sheet, row_number, state, psid, message, problems)| {
                Ok(ResultRow {
                    row_no: row_of(id).1,
                    row_id: id,
                    sheet,
                    row_number,
                    state: word(&state)?,
                    psid,
                    message,
                    problems_json: problems,
                })
            })
            .collect()
    }
}
