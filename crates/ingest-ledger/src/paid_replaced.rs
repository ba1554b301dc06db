//! Bills that were paid while a newer bill for the same day replaced them: the payer may pay twice,
//! so a person must see it before that happens.

use crate::db::{args, sql};
use crate::errors::Result;
use crate::open::Ledger;
use crate::regroup::by_file;
use crate::row_lines::{line_mut, lines_of, save_lines};
use crate::row_of;
use crate::sentences::Sentence;
use crate::states::RowState;
use crate::step::Step;

/// A live bill whose forerunner was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidReplaced {
    /// Whose.
    pub account: String,
    /// The file of the newer bill.
    pub file_id: i64,
    /// Its name.
    pub file_name: String,
    /// The newer bill's row, as the sheet counts.
    pub row_number: i64,
    /// Where that row stands.
    pub state: RowState,
    /// Its PSID, if it has one.
    pub psid: Option<String>,
    /// The file of the bill that was paid.
    pub paid_file_name: String,
    /// That bill's row.
    pub paid_row_number: i64,
}

impl Ledger {
    /// Every bill that is still to be paid though the one that it replaced was paid. One leaves
    /// the list by itself when the hub says that it is paid or discarded.
    pub async fn paid_replaced(&self) -> Result<Vec<PaidReplaced>> {
        let mut tx = self.db.read().await?;
        let lines = tx
            .rows(
                "select n.account, n.file_id, n.file_name, n.row_number, n.state, n.psid, o.file_name, o.row_number
                 from paid_replaced p join row_facts n on n.row_id = p.row_id
                 join row_facts o on o.row_id = p.paid_row_id
                 where n.state in ('sending', 'unknown', 'accepted', 'billed') order by p.row_id",
                args![],
            )
            .await?;
        lines
            .iter()
            .map(|line| {
                Ok(PaidReplaced {
                    account: line.text(0)?,
                    file_id: line.int(1)?,
                    file_name: line.text(2)?,
                    row_number: line.int(3)?,
                    state: line.word(4)?,
                    psid: line.get(5)?,
                    paid_file_name: line.text(6)?,
                    paid_row_number: line.int(7)?,
                })
            })
            .collect()
    }
}

/// These rows are paid now: those that replace them at the hub say so, and are listed.
pub(crate) async fn note_replaced(step: &mut Step, paid: &[i64]) -> Result<()> {
    if paid.is_empty() {
        return Ok(());
    }
    let text = format!(
        "select s.row_id, s.replaces, o.file_name, o.row_number from row_state s
         join row_facts n on n.row_id = s.row_id join row_facts o on o.row_id = s.replaces
         where {} and n.due_date = o.due_date
           and n.state in ('sending', 'unknown', 'accepted', 'billed', 'paid')",
        step.tx.is_in("s.replaces", 1)
    );
    for line in step.tx.rows(sql(text), args![paid.to_vec()]).await? {
        let (row_id, paid_row_id) = (line.int(0)?, line.int(1)?);
        step.tx
            .exec(
                "insert into paid_replaced (row_id, paid_row_id) values ($1, $2) on conflict (row_id) do nothing",
                args![row_id, paid_row_id],
            )
            .await?;
        let says = Sentence::RowOf.with(&[&line.int(3)?.to_string(), &line.text(2)?]);
        let says = Sentence::PaidMeanwhile.with(&[&says]);
        for (file_id, rows) in by_file(&[row_id]) {
            let mut lines = lines_of(&mut step.tx, file_id, &rows).await?;
            let (_, row_no) = row_of(row_id);
            let line = line_mut(&mut lines, file_id, row_no);
            line.message = Some(says.clone());
            save_lines(step, lines.values()).await?;
            step.touch(file_id);
        }
    }
    Ok(())
}
