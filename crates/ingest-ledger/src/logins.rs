//! Which login an account has at which hub. What was billed before is known by account, and the
//! hub's numbers by login: so neither changes unsaid once something was billed.

use crate::chunk_lines::ChunkLine;
use crate::db::{Tx, args};
use crate::errors::{LedgerError, Result};
use crate::history::bills_of;
use crate::open::Ledger;
use crate::send::BillRow;

impl Ledger {
    /// Makes the account known, and keeps its login up to date while nothing was billed: a user
    /// name that was misspelt may be mended.
    ///
    /// # Errors
    /// [`LedgerError::KnownAs`]: the login has files under another name, and is refused that it never
    /// had here. [`LedgerError::OtherHub`]: the account has billed under another login; see
    /// [`Ledger::account_moved`].
    pub async fn account_put(&self, account: &str, login: &str) -> Result<()> {
        let mut tx = self.db.write().await?;
        if fits(&mut tx, account, login).await? {
            return tx.commit().await;
        }
        tx.exec(
            "insert into accounts (account, login) values ($1, $2) on conflict (account) do update set login = excluded.login",
            args![account, login],
        )
        .await?;
        tx.commit().await
    }

    /// Whether the account may have this login, without making it known.
    ///
    /// # Errors
    /// As [`Ledger::account_put`].
    pub async fn account_fits(&self, account: &str, login: &str) -> Result<()> {
        fits(&mut self.db.read().await?, account, login)
            .await
            .map(|_known| ())
    }

    /// What was sent in a request of this login, as far as it stands in the chunk that owns it; empty
    /// where none does.
    pub async fn bills_of_request(&self, login: &str, request_id: &str) -> Result<Vec<BillRow>> {
        let mut tx = self.db.read().await?;
        let rest = "where c.login = $1 and c.request_id = $2";
        let owners = ChunkLine::find(&mut tx, rest, args![login, request_id]).await?;
        let mut bills = Vec::new();
        for chunk in owners {
            bills.extend(bills_of(&mut tx, chunk.file_id, &chunk.members).await?);
        }
        Ok(bills)
    }

    /// The account's hub has another address, or calls the account by another name, and is the same
    /// hub: all that was billed there is known under the new login from now on, and the old one
    /// stays this account's.
    ///
    /// # Errors
    /// [`LedgerError::KnownAs`]: the new login has files under another name.
    /// [`LedgerError::Refused`]: a request is known under both, so they are two hubs.
    pub async fn account_moved(&self, account: &str, login: &str) -> Result<()> {
        let mut step = self.step(account).await?;
        let old = step.login.clone();
        if old == login {
            return Ok(());
        }
        not_known_as_another(&mut step.tx, account, login).await?;
        let moved = step
            .tx
            .exec(
                "update chunks set login = $3 where account = $1 and login = $2",
                args![account, &old, login],
            )
            .await;
        match moved {
            Err(error) if error.is_unique() => {
                return Err(LedgerError::Refused(format!(
                    "the account {account} has a bulk request of one number under `{old}` and under `{login}`: they are two hubs"
                )));
            }
            moved => moved?,
        };
        for text in [
            "update foreign_requests set login = $3 where account = $1 and login = $2",
            "update foreign_bills set login = $3 where account = $1 and login = $2",
        ] {
            step.tx.exec(text, args![account, &old, login]).await?;
        }
        // What was older than the first call there is so under either name.
        let text = "insert into older_requests (login, request_id, listed_at, after_attempt)
            select $2, request_id, listed_at, after_attempt from older_requests where login = $1
            on conflict do nothing";
        step.tx.exec(text, args![&old, login]).await?;
        let text = "delete from former_logins where login = $1";
        step.tx.exec(text, args![login]).await?;
        let text =
            "insert into former_logins (login, account) values ($1, $2) on conflict do nothing";
        step.tx.exec(text, args![&old, account]).await?;
        let text = "update accounts set login = $2 where account = $1";
        step.tx.exec(text, args![account, login]).await?;
        step.finish().await
    }
}

/// Has the account this login already? Refused where it must not have it.
async fn fits(tx: &mut Tx, account: &str, login: &str) -> Result<bool> {
    let known = tx
        .row(
            "select login from accounts where account = $1",
            args![account],
        )
        .await?
        .map(|line| line.text(0))
        .transpose()?;
    if known.as_deref() == Some(login) {
        return Ok(true);
    }
    not_known_as_another(tx, account, login).await?;
    if let Some(was) = known {
        // What is in doubt may be billed.
        let requests = tx
            .number(
                "select count(*) from chunks where account = $1 and (request_id is not null or state in ('sending', 'unknown'))",
                args![account],
            )
            .await?;
        if requests > 0 {
            return Err(LedgerError::OtherHub {
                account: account.to_owned(),
                was,
                now: login.to_owned(),
                requests: match requests {
                    1 => "1 bulk request was".to_owned(),
                    n => format!("{n} bulk requests were"),
                },
            });
        }
    }
    Ok(false)
}

async fn not_known_as_another(tx: &mut Tx, account: &str, login: &str) -> Result<()> {
    // The other account may have another login by now, and its bills be of this one.
    let other = tx
        .row(
            "select f.account, count(*) from files f
             where f.account <> $1 and (f.account in (select a.account from accounts a where a.login = $2)
                or f.account in (select o.account from former_logins o where o.login = $2)
                or f.file_id in (select c.file_id from chunks c
                    where c.login = $2 and c.account <> $1 and c.request_id is not null))
             group by f.account order by count(*) desc, f.account limit 1",
            args![account, login],
        )
        .await?;
    let Some(other) = other else { return Ok(()) };
    Err(LedgerError::KnownAs {
        account: account.to_owned(),
        known: other.text(0)?,
        files: match other.int(1)? {
            1 => "1 file".to_owned(),
            n => format!("{n} files"),
        },
    })
}
