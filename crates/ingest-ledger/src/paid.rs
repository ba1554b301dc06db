//! When rows were paid: a bulk request's status does not say, so each payment is asked about.

use crate::db::args;
use crate::errors::Result;
use crate::open::Ledger;
use crate::{row_id, row_of};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// How long after the first, second … time that the hub did not know, it is asked again.
const ASKED_AGAIN_S: [u64; 5] = [60, 600, 3_600, 6 * 3_600, 24 * 3_600];

/// A paid row whose time of payment is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unstamped {
    /// The file.
    pub file_id: i64,
    /// Its place in it.
    pub row_no: u32,
    /// The payer.
    pub identifier: String,
    /// The hub's number for the payment.
    pub payment_id: Option<String>,
    /// Its PSID.
    pub psid: Option<String>,
}

impl Ledger {
    /// Paid rows without a time, as far as it is time to ask about them.
    pub async fn unstamped(&self, account: &str, limit: u32) -> Result<Vec<Unstamped>> {
        let mut tx = self.db.read().await?;
        let now = tx.now().await?;
        let lines = tx
            .rows(
                "select u.row_id, r.identifier, s.payment_id, s.psid from unstamped_rows u
                 join rows r on r.row_id = u.row_id join row_state s on s.row_id = u.row_id
                 where u.account = $1 and (u.next_at is null or u.next_at <= $3) order by u.row_id limit $2",
                args![account, limit, now],
            )
            .await?;
        lines
            .iter()
            .map(|line| {
                let (file_id, row_no) = row_of(line.int(0)?);
                Ok(Unstamped {
                    file_id,
                    row_no,
                    identifier: line.text(1)?,
                    payment_id: line.get(2)?,
                    psid: line.get(3)?,
                })
            })
            .collect()
    }

    /// When a row was paid; `None`: the hub can't say yet. It is asked again, ever more rarely,
    /// and after a few days no more.
    pub async fn paid_stamp(
        &self,
        file_id: i64,
        row_no: u32,
        paid_at: Option<DateTime<Utc>>,
    ) -> Result<()> {
        let mut step = self.step_of_file(file_id).await?;
        let id = row_id(file_id, row_no);
        if paid_at.is_none() {
            let tries =
                "update unstamped_rows set tries = tries + 1 where row_id = $1 returning tries";
            let line = step.tx.row(tries, args![id]).await?;
            let tries = line.map_or(Ok(0), |line| line.int(0))?;
            let again = usize::try_from(tries - 1)
                .ok()
                .and_then(|n| ASKED_AGAIN_S.get(n));
            if let Some(&seconds) = again {
                let next = "update unstamped_rows set next_at = $2 where row_id = $1";
                let at = step.now + Duration::from_secs(seconds);
                step.tx.exec(next, args![id, at]).await?;
                return step.finish().await;
            }
        }
        step.tx
            .exec(
                "update row_state set paid_at = $2 where row_id = $1 and state = 'paid' and paid_at is null",
                args![id, paid_at],
            )
            .await?;
        step.tx
            .exec("delete from unstamped_rows where row_id = $1", args![id])
            .await?;
        step.touch(file_id);
        step.finish().await
    }
}
