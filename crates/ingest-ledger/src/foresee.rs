//! What would become of bills that are not taken yet: judged against the account's history exactly
//! as planning judges stored rows, and nothing is stored.

use crate::billed_before::{BillLine, Verdict, judge};
use crate::corrections::{CORRECTS_TWICE, Unfit, originals, waits_for_correction};
use crate::elsewhere::{HeldElsewhere, or_hold};
use crate::errors::Result;
use crate::history::{earlier_of, has_history};
use crate::open::Ledger;
use crate::row_id;
use crate::states::{ChangedBills, HoldKind, RowState};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A valid row of a sheet that is not taken yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBill<'a> {
    /// The sheet it stands in, if its file has rows in several.
    pub sheet: Option<&'a str>,
    /// Its number in the sheet.
    pub row_number: i64,
    /// What the payer reads.
    pub title: &'a str,
    /// The payer.
    pub identifier: &'a str,
    /// Paisa.
    pub amount: i64,
    /// Until when.
    pub due_date: NaiveDate,
    /// Paisa after that; the amount where the sheet has none.
    pub late: i64,
    /// The row (its row id) that this one is a correction of.
    pub corrects: Option<i64>,
}

/// A file number that no ledger comes to: bills that are not taken yet are newer than any row.
const NOT_TAKEN_YET: i64 = 1 << 38;
/// The word for the number of a file that is not taken yet.
const FILE_ID: &str = "FILE_ID";

impl Ledger {
    /// What each of these bills would meet if its sheet were taken now, in their order; a few
    /// thousand at a time are best. What stands in a message for the file's number, which it has
    /// not got yet, is `FILE_ID`.
    ///
    /// Past due dates and identifiers that stand twice in the sheet are the reader's to find, and
    /// what holds the file as a whole too. The hub is asked beforehand
    /// ([`Ledger::open_chunks_of_payers`] says about which requests; `elsewhere` is what it answered
    /// about [`Ledger::failed_of_payers`]). Nothing is stored.
    pub async fn foresee(
        &self,
        account: &str,
        changed: ChangedBills,
        elsewhere: &HeldElsewhere,
        bills: &[NewBill<'_>],
    ) -> Result<Vec<Verdict>> {
        let mut tx = self.db.read().await?;
        let originals = originals(
            &mut tx,
            account,
            bills.iter().filter_map(|bill| bill.corrects),
        )
        .await?;
        let questions: Vec<BillLine> = (1..)
            .zip(bills)
            .map(|(row_no, bill)| question(row_no, bill))
            .collect();
        let earlier = if has_history(&mut tx, account, NOT_TAKEN_YET).await? {
            earlier_of(&mut tx, account, &questions).await?
        } else {
            Default::default()
        };
        let none = Vec::new();
        let verdict = |(bill, question): (&NewBill<'_>, &BillLine)| {
            let unfit = bill.corrects.and_then(|row_id| unfit(row_id, &originals));
            if let Some(unfit) = unfit {
                return Verdict::Hold {
                    kind: HoldKind::Token,
                    message: unfit.sentence(FILE_ID),
                    waits_for: None,
                };
            }
            let history = earlier.get(&question.row_id).unwrap_or(&none);
            let verdict = judge(question, history, changed, &[]);
            or_hold(
                verdict,
                question,
                history,
                bill.corrects,
                elsewhere,
                (changed, &[]),
            )
        };
        Ok(bills.iter().zip(&questions).map(verdict).collect())
    }

    /// Has the account any row that a new one could meet?
    pub async fn has_billed_before(&self, account: &str) -> Result<bool> {
        has_history(&mut self.db.read().await?, account, NOT_TAKEN_YET).await
    }
}

/// A new bill as the judgement wants it.
fn question(row_no: u32, bill: &NewBill<'_>) -> BillLine {
    BillLine {
        row_id: row_id(NOT_TAKEN_YET, row_no),
        file_id: None,
        sheet: bill.sheet.map(str::to_owned),
        row_number: bill.row_number,
        title: bill.title.to_owned(),
        identifier: bill.identifier.to_owned(),
        amount: bill.amount,
        due_date: bill.due_date,
        late: bill.late,
    }
}

/// Why a bill can't take the place of the row that it corrects, if it can't.
fn unfit(row_id: i64, originals: &BTreeMap<i64, (RowState, bool)>) -> Option<Unfit> {
    if row_id == CORRECTS_TWICE {
        return Some(Unfit::Twice);
    }
    match originals.get(&row_id) {
        None => Some(Unfit::Unknown),
        Some((state, has_psid)) if waits_for_correction(*state, *has_psid) => None,
        Some((state, _)) => Some(Unfit::State(*state)),
    }
}
