//! The database's clock, as an account's steps see it: it never goes back between them.
//!
//! A clock that ran ahead and was put right leaves times behind that lie in the future: waits that
//! last an hour or a year, a dead process's lease that lives on, rows "held since you asked" that
//! were held long before. The first step that sees less than an earlier step saw puts all of them
//! right at once, under the account's lock, so that nothing else has to know of it.

use crate::db::{Tx, args, sql};
use crate::errors::Result;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;

/// By less than this a clock that goes back stands still instead: clocks are trimmed all the time.
const TRIMMED_BY: TimeDelta = TimeDelta::seconds(1);

/// What an account's step goes by, and what it leaves for the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// This is the time.
    Goes(DateTime<Utc>),
    /// It was set back, from the first to the second.
    SetBack(DateTime<Utc>, DateTime<Utc>),
}

/// The time of a step: `shown` by the database, `seen` by an earlier step of the account.
pub(crate) fn clock(seen: Option<DateTime<Utc>>, shown: DateTime<Utc>) -> Clock {
    match seen {
        Some(seen) if seen - shown > TRIMMED_BY => Clock::SetBack(seen, shown),
        Some(seen) if seen >= shown => Clock::Goes(seen + TimeDelta::milliseconds(1)),
        _ => Clock::Goes(shown),
    }
}

/// Is the time of this step worth being remembered? Not each one: a step costs a write as it is.
pub(crate) fn is_news(seen: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    seen.is_none_or(|seen| now - seen >= TRIMMED_BY)
}

/// Does the account still have times of a clock that was set back, and no step since?
pub(crate) fn is_behind(seen: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    matches!(clock(seen, now), Clock::SetBack(..))
}

/// Waits last as long as they had to go when the account was last seen to; what happened in the
/// future happened now. Of a decision that is still open only what was there well before it counts
/// as shown.
///
/// Reads every row's own line of the account once: clocks are seldom set back.
pub(crate) async fn put_right(
    tx: &mut Tx,
    account: &str,
    seen: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    tracing::warn!(
        account,
        by_s = (seen - now).num_seconds(),
        "the database's clock was set back; what waited for it goes on"
    );
    let by = seen - now;
    let of_account = "account = $1";
    let of_its_files = "(row_id >> 24) in (select file_id from files where account = $1)";
    for (table, whose, waits, happened) in [
        ("accounts", of_account, ACCOUNT_WAITS, &["paused_at"][..]),
        ("chunks", of_account, CHUNK_WAITS, CHUNK_TIMES),
        ("unstamped_rows", of_account, &["next_at"], &[]),
        ("called_requests", of_account, &["called_at"], &[]),
        (
            "callbacks",
            of_account,
            &[],
            &["received_at", "processed_at"],
        ),
        ("unseen_requests", of_account, &[], &["since"]),
        (
            "foreign_requests",
            of_account,
            &["next_ask_at"],
            &["read_at"],
        ),
        (
            "foreign_bills",
            of_account,
            &[],
            &["stored_at", "updated_at"],
        ),
        ("files", of_account, &[], FILE_TIMES),
        ("row_state", of_its_files, &[], &["updated_at", "sent_at"]),
    ] {
        let text = no_later_than_now(tx, table, whose, (waits, happened), by);
        tx.exec(text, args![account, now]).await?;
    }
    // Calls keep their distance from one another: all that were made ahead are as much earlier.
    let intended_at = earlier(tx, "intended_at", by);
    let deadline_at = earlier(tx, "deadline_at", by);
    let text = format!(
        "update attempts set intended_at = {intended_at}, deadline_at = {deadline_at} where account = $1 and intended_at > $2"
    );
    tx.exec(sql(text), args![account, now]).await?;
    // Whether a file changed since its sheet was written can't be told any more: it is written again.
    let seen_at = earlier(tx, "results_seen_at", by);
    let text = format!(
        "update files set results_seen_at = {seen_at} where account = $1 and results_seen_at > $2"
    );
    tx.exec(sql(text), args![account, now]).await?;
    let asked_at = earlier(tx, "asked_at", by + TRIMMED_BY);
    let text = format!(
        "update decisions set asked_at = {asked_at} where account = $1 and done_at is null"
    );
    tx.exec(sql(text), args![account]).await?;
    remember(tx, account, now).await
}

const ACCOUNT_WAITS: &[&str] = &[
    "lease_until",
    "pause_retry_at",
    "next_write_at",
    "next_read_at",
];
const CHUNK_WAITS: &[&str] = &["not_before", "next_look_at", "next_ask_at"];
const CHUNK_TIMES: &[&str] = &["planned_at", "changed_at", "sent_at", "answered_at"];
const FILE_TIMES: &[&str] = &[
    "taken_at",
    "stored_at",
    "planned_at",
    "settled_at",
    "cancelled_at",
    "changed_at",
    "results_written_at",
];

/// The statement that does so for one table (`$1` is the account, `$2` now): waits are earlier by
/// as much as the clock was set back, what happened did so now.
fn no_later_than_now(
    tx: &Tx,
    table: &str,
    whose: &str,
    (waits, happened): (&[&str], &[&str]),
    by: TimeDelta,
) -> AssertSqlSafe<String> {
    let later_of = tx.pick("greatest", "max");
    let new = |column: &&str, time: String| {
        format!("{column} = case when {column} > $2 then {time} else {column} end")
    };
    let mut set: Vec<String> = Vec::new();
    for column in waits {
        let time = format!("{later_of}($2, {})", earlier(tx, column, by));
        set.push(new(column, time));
    }
    set.extend(happened.iter().map(|column| new(column, "$2".to_owned())));
    let both = waits.iter().chain(happened);
    let ahead: Vec<String> = both.map(|column| format!("{column} > $2")).collect();
    sql(format!(
        "update {table} set {} where {whose} and ({})",
        set.join(", "),
        ahead.join(" or ")
    ))
}

/// What the next step compares its time with.
pub(crate) async fn remember(tx: &mut Tx, account: &str, now: DateTime<Utc>) -> Result<()> {
    let text = "update accounts set clock_at = $2 where account = $1";
    tx.exec(text, args![account, now]).await?;
    Ok(())
}

/// A column's time, so much earlier.
fn earlier(tx: &Tx, column: &str, by: TimeDelta) -> String {
    let seconds = format!(
        "{}.{:03} seconds",
        by.num_seconds(),
        by.subsec_nanos().abs() / 1_000_000
    );
    tx.pick(
        format!("{column} - interval '{seconds}'"),
        format!("strftime('%Y-%m-%dT%H:%M:%fZ', {column}, '-{seconds}')"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_that_is_trimmed_stands_still_and_one_that_is_set_back_is_told() {
        let shown = at("2035-01-01T10:00:00.500Z");
        assert_eq!(clock(None, shown), Clock::Goes(shown));
        let before = at("2035-01-01T10:00:00.499Z");
        assert_eq!(clock(Some(before), shown), Clock::Goes(shown));
        let trimmed = at("2035-01-01T10:00:01.500Z");
        assert_eq!(
            clock(Some(trimmed), shown),
            Clock::Goes(at("2035-01-01T10:00:01.501Z"))
        );
        let ahead = at("2035-01-01T10:00:01.501Z");
        assert_eq!(clock(Some(ahead), shown), Clock::SetBack(ahead, shown));
        assert!(is_behind(Some(ahead), shown) && !is_behind(Some(trimmed), shown));
    }
}
