//! Lines of `row_state`: a row's own facts, read and written thousands at a time. The short
//! lists (held, failed, paid without a time) follow by themselves.

use crate::db::{Tx, Val, args, sql, word};
use crate::errors::Result;
use crate::row_set::RowSet;
use crate::states::{Engine, HoldKind, RowState};
use crate::step::Step;
use crate::{row_id, row_of};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use sqlx::FromRow;
use sqlx::postgres::PgRow;
use std::collections::{BTreeMap, HashSet};

/// In doubt, though the hub had confirmed it before it vanished: no number of readings decides,
/// only a person.
pub(crate) const CONFIRMED: i64 = -1;
/// In doubt, and the newest reading of its request lists it, without a word that proves a bill.
pub(crate) const LISTED: i64 = -2;
/// Both: the hub had confirmed it before it vanished, and lists it again without such a word.
pub(crate) const CONFIRMED_LISTED: i64 = -4;
/// Accepted because a person said that its own request holds it.
pub(crate) const SAID: i64 = -3;

/// Lines in one statement.
const LINES_MAX: usize = 5_000;

/// What a row has of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowLine {
    pub(crate) row_id: i64,
    /// Its chunk, if that is not the one on the grid.
    pub(crate) chunk_id: Option<i64>,
    /// `None`: it follows its chunk.
    pub(crate) state: Option<RowState>,
    pub(crate) psid: Option<String>,
    pub(crate) payment_id: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) problems_json: Option<String>,
    pub(crate) hold_kind: Option<HoldKind>,
    pub(crate) waits_for: Option<i64>,
    /// The unpaid bill that the hub discards for this one.
    pub(crate) replaces: Option<i64>,
    pub(crate) waived: Vec<HoldKind>,
    /// Readings of a worked-off request that lacked it, or one of [`CONFIRMED`], [`LISTED`],
    /// [`CONFIRMED_LISTED`] and [`SAID`].
    pub(crate) absent: i64,
    pub(crate) sent_at: Option<DateTime<Utc>>,
    pub(crate) paid_at: Option<DateTime<Utc>>,
    /// As it is stored: which short lists it is on.
    was: Option<RowState>,
    was_kind: Option<HoldKind>,
}

const COLUMNS: &str = "row_id, chunk_id, state, psid, payment_id, message, problems_json, \
    hold_kind, waits_for, waived, absent, sent_at, paid_at, replaces";

/// [`COLUMNS`].
type Stored = (
    i64,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
    i64,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<i64>,
);

impl RowLine {
    /// A row without a line yet.
    pub(crate) fn new(row_id: i64) -> RowLine {
        RowLine {
            row_id,
            chunk_id: None,
            state: None,
            psid: None,
            payment_id: None,
            message: None,
            problems_json: None,
            hold_kind: None,
            waits_for: None,
            replaces: None,
            waived: Vec::new(),
            absent: 0,
            sent_at: None,
            paid_at: None,
            was: None,
            was_kind: None,
        }
    }

    pub(crate) fn row_no(&self) -> u32 {
        row_of(self.row_id).1
    }

    /// Gives it a state of its own.
    pub(crate) fn own(&mut self, state: RowState, message: Option<String>) {
        self.state = Some(state);
        if state != RowState::Held {
            self.hold_kind = None;
            self.waits_for = None;
        }
        if message.is_some() {
            self.message = message;
        }
    }

    /// Holds it.
    pub(crate) fn hold(&mut self, kind: HoldKind, message: String, waits_for: Option<i64>) {
        self.own(RowState::Held, Some(message));
        self.hold_kind = Some(kind);
        self.waits_for = waits_for;
    }

    #[rustfmt::skip]
    fn read(stored: Stored) -> Result<RowLine> {
        let (
            row_id, chunk_id, state, psid, payment_id, message, problems_json,
            hold_kind, waits_for, waived, absent, sent_at, paid_at, replaces,
        ) = stored;
        let state = state.as_deref().map(word).transpose()?;
        let hold_kind = hold_kind.as_deref().map(word).transpose()?;
        Ok(RowLine {
            row_id, chunk_id, state, psid, payment_id, message, problems_json,
            hold_kind, waits_for, replaces,
            waived: kinds_from(waived.as_deref())?,
            absent, sent_at, paid_at,
            was: state,
            was_kind: hold_kind,
        })
    }

    fn waived_text(&self) -> Option<String> {
        kinds_text(&self.waived)
    }
}

/// `changed,later`
pub(crate) fn kinds_text(kinds: &[HoldKind]) -> Option<String> {
    let words: Vec<&str> = kinds.iter().map(|k| k.as_str()).collect();
    (!words.is_empty()).then(|| words.join(","))
}

/// Reads [`kinds_text`] back.
pub(crate) fn kinds_from(text: Option<&str>) -> Result<Vec<HoldKind>> {
    text.unwrap_or_default()
        .split(',')
        .filter(|kind| !kind.is_empty())
        .map(word)
        .collect()
}

/// What a table or a view has of some rows of a file, in no order; `id` tells a line's row id.
pub(crate) async fn rows_among<T>(
    tx: &mut Tx,
    columns: &str,
    table: &str,
    (file_id, rows): (i64, &RowSet),
    id: impl Fn(&T) -> i64,
) -> Result<Vec<T>>
where
    T: DeserializeOwned + for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let mut found = Vec::new();
    for part in Part::all_of(tx, "row_id", file_id, rows) {
        let rest = format!("from {table} where {}", part.condition);
        let lines: Vec<T> = tx.tuples(columns, &rest, part.values).await?;
        let is_one = |line: &T| !part.has_others || rows.contains(row_of(id(line)).1);
        found.extend(lines.into_iter().filter(is_one));
    }
    Ok(found)
}

/// How a statement finds some rows of a file.
pub(crate) struct Part {
    /// On the row id's column.
    pub(crate) condition: String,
    pub(crate) values: Vec<Val>,
    /// It finds rows besides, which lie between them.
    pub(crate) has_others: bool,
}

impl Part {
    /// The same rows, and no others between them.
    pub(crate) fn exactly(tx: &Tx, key: &str, file_id: i64, rows: &RowSet) -> Vec<Part> {
        let by_number = |piece: RowSet| {
            let ids: Vec<i64> = piece.iter().map(|n| row_id(file_id, n)).collect();
            Part {
                condition: tx.is_in(key, 1),
                values: args![ids],
                has_others: false,
            }
        };
        let pieces = rows.pieces(LINES_MAX as u64).into_iter();
        pieces.map(by_number).collect()
    }

    /// A few thousand rows each: by range where they lie near one another, else by number.
    pub(crate) fn all_of(tx: &Tx, key: &str, file_id: i64, rows: &RowSet) -> Vec<Part> {
        let range = |first, last, has_others| Part {
            condition: format!("{key} >= $1 and {key} <= $2"),
            values: args![row_id(file_id, first), row_id(file_id, last)],
            has_others,
        };
        let mut parts = Vec::new();
        for piece in rows.pieces(LINES_MAX as u64) {
            let (Some(first), Some(last)) = (piece.first(), piece.last()) else {
                continue;
            };
            let span = u64::from(last) - u64::from(first) + 1;
            if span <= 2 * piece.len() {
                parts.push(range(first, last, span > piece.len()));
            } else if piece.ranges().len() <= 4 {
                parts.extend(piece.ranges().iter().map(|&(a, b)| range(a, b, false)));
            } else {
                let ids: Vec<i64> = piece.iter().map(|n| row_id(file_id, n)).collect();
                parts.push(Part {
                    condition: tx.is_in(key, 1),
                    values: args![ids],
                    has_others: false,
                });
            }
        }
        parts
    }
}

/// The rows of a file that a statement names, however many: page by page, after `$1`, before
/// `$2`, `$3` at a time.
pub(crate) async fn row_nos(tx: &mut Tx, text: &'static str, file_id: i64) -> Result<RowSet> {
    let (mut after, end) = (row_id(file_id, 0), row_id(file_id + 1, 0));
    let mut rows = RowSet::new();
    loop {
        let page = tx.rows(text, args![after, end, LINES_MAX as i64]).await?;
        let Some(last) = page.last() else {
            return Ok(rows);
        };
        after = last.int(0)?;
        for line in &page {
            rows.insert(row_of(line.int(0)?).1);
        }
    }
}

/// The rows of a file that are held for reasons of their own.
pub(crate) async fn held_rows(tx: &mut Tx, file_id: i64) -> Result<RowSet> {
    let text =
        "select row_id from held_rows where row_id > $1 and row_id < $2 order by row_id limit $3";
    row_nos(tx, text, file_id).await
}

/// The lines that these rows have; rows without one are left out.
pub(crate) async fn lines_of(
    tx: &mut Tx,
    file_id: i64,
    rows: &RowSet,
) -> Result<BTreeMap<u32, RowLine>> {
    let id = |line: &Stored| line.0;
    let found = rows_among(tx, COLUMNS, "row_state", (file_id, rows), id).await?;
    let lines = found.into_iter().map(RowLine::read);
    lines
        .map(|line| line.map(|line| (line.row_no(), line)))
        .collect()
}

/// The line of a row, made if it has none.
pub(crate) fn line_mut(
    lines: &mut BTreeMap<u32, RowLine>,
    file_id: i64,
    row_no: u32,
) -> &mut RowLine {
    lines
        .entry(row_no)
        .or_insert_with(|| RowLine::new(row_id(file_id, row_no)))
}

/// Writes lines, and keeps the short lists true.
pub(crate) async fn save_lines<'a, I>(step: &mut Step, lines: I) -> Result<()>
where
    I: IntoIterator<Item = &'a RowLine>,
{
    let lines: Vec<&RowLine> = lines.into_iter().collect();
    for part in lines.chunks(LINES_MAX) {
        upsert(step, part).await?;
    }
    let held = |state: Option<RowState>| state == Some(RowState::Held);
    let failed = |state: Option<RowState>| state.is_some_and(RowState::is_failed);
    let off_held: Vec<i64> = ids(&lines, |l| {
        held(l.was) && (!held(l.state) || l.was_kind != l.hold_kind)
    });
    let off_failed = ids(&lines, |l| failed(l.was) && l.was != l.state);
    let unstamped = ids(&lines, |l| {
        l.state == Some(RowState::Paid) && l.was != l.state && l.paid_at.is_none()
    });
    take_off(step, "held_rows", off_held).await?;
    take_off(step, "failed_rows", off_failed).await?;
    for kind in HoldKind::ALL {
        let on = ids(&lines, |l| {
            held(l.state)
                && l.hold_kind == Some(*kind)
                && (!held(l.was) || l.was_kind != l.hold_kind)
        });
        put_on(
            step,
            "held_rows (row_id, account, kind)",
            on,
            Some(kind.as_str()),
        )
        .await?;
    }
    for state in [RowState::Rejected, RowState::Errored] {
        let on = ids(&lines, |l| l.state == Some(state) && l.was != l.state);
        put_on(
            step,
            "failed_rows (row_id, account, state)",
            on,
            Some(state.as_str()),
        )
        .await?;
    }
    put_on(step, "unstamped_rows (row_id, account)", unstamped, None).await
}

fn ids(lines: &[&RowLine], test: impl Fn(&RowLine) -> bool) -> Vec<i64> {
    lines
        .iter()
        .filter(|line| test(line))
        .map(|line| line.row_id)
        .collect()
}

async fn take_off(step: &mut Step, table: &str, ids: Vec<i64>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let text = format!("delete from {table} where {}", step.tx.is_in("row_id", 1));
    step.tx.exec(sql(text), args![ids]).await?;
    Ok(())
}

async fn put_on(step: &mut Step, table: &str, ids: Vec<i64>, word: Option<&str>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let source = step
        .tx
        .pick("unnest($1::bigint[]) as x (value)", "json_each($1) as x");
    let (column, mut values) = match word {
        Some(_) => (", $3", args![ids, &step.account]),
        None => ("", args![ids, &step.account]),
    };
    values.extend(word.map(Val::from));
    let text = format!(
        "insert into {table} select x.value, $2{column} from {source} where true on conflict (row_id) do nothing"
    );
    step.tx.exec(sql(text), values).await?;
    Ok(())
}

/// That a reading was counted is nothing that anybody is shown: it does not move `updated_at`, to
/// which decisions are bound.
const UPSERT_END: &str = "on conflict (row_id) do update set chunk_id = excluded.chunk_id, \
    state = excluded.state, psid = excluded.psid, payment_id = excluded.payment_id, \
    message = excluded.message, problems_json = excluded.problems_json, \
    hold_kind = excluded.hold_kind, waits_for = excluded.waits_for, waived = excluded.waived, \
    absent = excluded.absent, sent_at = excluded.sent_at, paid_at = excluded.paid_at, replaces = excluded.replaces, \
    updated_at = case when row_state.absent <> excluded.absent \
        and row_state.state is not distinct from excluded.state \
        and row_state.message is not distinct from excluded.message \
        and row_state.psid is not distinct from excluded.psid \
        and row_state.payment_id is not distinct from excluded.payment_id \
        then row_state.updated_at else excluded.updated_at end";

async fn upsert(step: &mut Step, lines: &[&RowLine]) -> Result<()> {
    let into = format!("row_state ({COLUMNS}, updated_at)");
    let now = step.now;
    match step.tx.engine() {
        Engine::Sqlite => {
            let values = lines.iter().map(|line| values_of(line, now));
            step.tx.upsert_lines(&into, values, UPSERT_END).await
        }
        Engine::Postgres => {
            let (stored, new) = by_what_is_stored(step, lines).await?;
            upsert_columns(step, &stored).await?;
            let values = new.iter().map(|line| values_of(line, now));
            step.tx.add_lines(&into, values).await
        }
    }
}

/// Lines that rows have already, and lines of rows that have none. Nearly all are new when the hub first
/// says something of a chunk, and a new one costs PostgreSQL half as much as one that may be there.
async fn by_what_is_stored<'a>(
    step: &mut Step,
    lines: &[&'a RowLine],
) -> Result<(Vec<&'a RowLine>, Vec<&'a RowLine>)> {
    let ids: Vec<i64> = lines.iter().map(|line| line.row_id).collect();
    let text = "select row_id from row_state where row_id = any($1)";
    let found = step.tx.rows(text, args![ids]).await?;
    let stored: HashSet<i64> = found
        .iter()
        .map(|line| line.int(0))
        .collect::<Result<_>>()?;
    Ok(lines.iter().partition(|line| stored.contains(&line.row_id)))
}

/// A line as it is stored, in the order of [`COLUMNS`], and when.
fn values_of(line: &RowLine, now: DateTime<Utc>) -> [Val; 15] {
    [
        line.row_id.into(),
        line.chunk_id.into(),
        line.state.map(|state| state.as_str()).into(),
        (&line.psid).into(),
        (&line.payment_id).into(),
        (&line.message).into(),
        (&line.problems_json).into(),
        line.hold_kind.map(|kind| kind.as_str()).into(),
        line.waits_for.into(),
        line.waived_text().into(),
        line.absent.into(),
        line.sent_at.into(),
        line.paid_at.into(),
        line.replaces.into(),
        now.into(),
    ]
}

async fn upsert_columns(step: &mut Step, lines: &[&RowLine]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let column = |take: fn(&RowLine) -> Option<String>| -> Val {
        Val::Texts(lines.iter().map(|l| take(l)).collect())
    };
    let text = format!(
        "insert into row_state ({COLUMNS}, updated_at)
         select x.*, $15::timestamptz from unnest($1::bigint[], $2::bigint[], $3::text[],
            $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
            $10::text[], $11::bigint[], $12::timestamptz[], $13::timestamptz[], $14::bigint[]) as x {UPSERT_END}"
    );
    let values = vec![
        Val::Ints(lines.iter().map(|l| l.row_id).collect()),
        Val::MaybeInts(lines.iter().map(|l| l.chunk_id).collect()),
        column(|l| l.state.map(|s| s.as_str().to_owned())),
        column(|l| l.psid.clone()),
        column(|l| l.payment_id.clone()),
        column(|l| l.message.clone()),
        column(|l| l.problems_json.clone()),
        column(|l| l.hold_kind.map(|k| k.as_str().to_owned())),
        Val::MaybeInts(lines.iter().map(|l| l.waits_for).collect()),
        column(RowLine::waived_text),
        Val::Ints(lines.iter().map(|l| l.absent).collect()),
        Val::Times(lines.iter().map(|l| l.sent_at).collect()),
        Val::Times(lines.iter().map(|l| l.paid_at).collect()),
        Val::MaybeInts(lines.iter().map(|l| l.replaces).collect()),
        Val::from(step.now),
    ];
    step.tx.exec(sql(text), values).await?;
    Ok(())
}
