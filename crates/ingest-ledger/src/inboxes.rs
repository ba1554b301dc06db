//! Which inboxes were marked as this ledger's. The mark lies in the folder itself, so a folder that
//! is gone can't say that it was there: this does.

use crate::db::args;
use crate::errors::Result;
use crate::open::Ledger;

impl Ledger {
    /// Whether the folder of this path was marked as the account's inbox before. Another path is
    /// another inbox, and services on two machines may know one share by two paths.
    pub async fn inbox_was_marked(&self, account: &str, inbox: &str) -> Result<bool> {
        let sql = "select count(*) from marked_inboxes where account = $1 and inbox = $2";
        let mut tx = self.db.read().await?;
        Ok(tx.number(sql, args![account, inbox]).await? > 0)
    }

    /// Remembers that it is marked.
    pub async fn inbox_marked(&self, account: &str, inbox: &str) -> Result<()> {
        if self.inbox_was_marked(account, inbox).await? {
            return Ok(());
        }
        let mut tx = self.db.write().await?;
        let sql =
            "insert into marked_inboxes (account, inbox) values ($1, $2) on conflict do nothing";
        tx.exec(sql, args![account, inbox]).await?;
        tx.commit().await
    }
}
