//! The newest call of an account, as a marker outside the database names it: by it a database that
//! came back from a backup is told from the one that made the call.

use crate::db::args;
use crate::errors::{LedgerError, Result};
use crate::open::Ledger;
use std::collections::HashSet;

/// A call, by its attempt's number and by what it carried: two databases that went on from one backup
/// give one number to two calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestCall {
    /// The attempt.
    pub attempt_id: i64,
    /// Of its body.
    pub body_sha256: [u8; 32],
}

impl Ledger {
    /// The account's newest call whose intent is stored, if it ever had one.
    pub async fn newest_call(&self, account: &str) -> Result<Option<NewestCall>> {
        let sql = "select attempt_id, body_sha256 from attempts where account = $1 order by attempt_id desc limit 1";
        let line = self.db.read().await?.row(sql, args![account]).await?;
        line.map(|line| {
            let body: Vec<u8> = line.get(1)?;
            Ok(NewestCall {
                attempt_id: line.int(0)?,
                body_sha256: body
                    .try_into()
                    .map_err(|_| LedgerError::corrupt("a checksum of another length"))?,
            })
        })
        .transpose()
    }

    /// Is this very call stored here?
    ///
    /// Whichever account made it: an inbox may have been another one's before, of a trial say.
    pub async fn knows_call(&self, call: &NewestCall) -> Result<bool> {
        let sql = "select count(*) from attempts where attempt_id = $1 and body_sha256 = $2";
        let values = args![call.attempt_id, &call.body_sha256[..]];
        Ok(self.db.read().await?.number(sql, values).await? > 0)
    }

    /// Was a marker written for the account before? One that is gone then is no new one's place.
    pub async fn was_marked(&self, account: &str) -> Result<bool> {
        let sql = "select count(*) from accounts where account = $1 and marked_at is not null";
        Ok(self.db.read().await?.number(sql, args![account]).await? > 0)
    }

    /// Remembers that a marker is written.
    pub async fn call_marked(&self, account: &str) -> Result<()> {
        if self.was_marked(account).await? {
            return Ok(());
        }
        let mut tx = self.db.write().await?;
        let now = tx.now().await?;
        let sql = "update accounts set marked_at = $2 where account = $1 and marked_at is null";
        tx.exec(sql, args![account, now]).await?;
        tx.commit().await
    }

    /// What the hub listed before the first call of the login: none of it can be a forgotten call's.
    pub async fn requests_listed_first(&self, login: &str) -> Result<HashSet<String>> {
        let sql = "select request_id from older_requests where login = $1";
        let lines = self.db.read().await?.rows(sql, args![login]).await?;
        lines.iter().map(|line| line.text(0)).collect()
    }

    /// The hub's numbers that this login's calls may have, as far as they are known: owned ones, those
    /// that the hub listed before the first call, and foreign ones.
    pub async fn known_requests(&self, login: &str) -> Result<HashSet<String>> {
        let sql = "select request_id from chunks where login = $1 and request_id is not null
            union select request_id from older_requests where login = $1
            union select request_id from foreign_requests where login = $1";
        let lines = self.db.read().await?.rows(sql, args![login]).await?;
        lines.iter().map(|line| line.text(0)).collect()
    }
}
