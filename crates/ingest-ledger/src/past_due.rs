//! Which rows are past due: too old to be sent, whatever else is true of them.

use crate::db::{Tx, args};
use crate::errors::Result;
use crate::plan::PlanRules;
use chrono::NaiveDate;

/// The first day for which a row of an account may be due, if there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PastDue(Option<NaiveDate>);

impl PastDue {
    /// Today where past due rows are not sent; else whatever was archived lies before the day, for the
    /// bills that such a row could meet are not here to be met.
    pub(crate) async fn of(tx: &mut Tx, account: &str, rules: &PlanRules) -> Result<PastDue> {
        if rules.past_due_reject {
            return Ok(PastDue(Some(rules.today)));
        }
        let text = "select max(before) from archives where account = $1 and rows_n > 0";
        let line = tx.row(text, args![account]).await?;
        line.map_or(Ok(None), |line| line.get(0)).map(PastDue)
    }

    /// Whether a row that is due on a day is one.
    pub(crate) fn has(self, due_date: NaiveDate) -> bool {
        self.0.is_some_and(|first| due_date < first)
    }
}
