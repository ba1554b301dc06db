//! Rows as the lines of an archive, and back: everything that is stored of a row, by the names of its
//! columns, whatever columns there are.

use super::sums::Moved;
use crate::db::{Tx, args, sql};
use crate::errors::Result;
use crate::row_lines::Part;
use crate::row_set::RowSet;
use crate::states::{Engine, RowState};
use crate::step::Step;
use chrono::NaiveDate;

/// The tables that a row has lines in for as long as it is stored.
const TABLES: [&str; 2] = ["rows", "row_state"];

/// Lines put back at a time.
const LINES_AT_A_TIME: usize = 2_000;

/// Rows that may go: nothing can happen to them any more. `$3` is the day before which they are due. A
/// row that failed though a bill of it is there stays, and what was paid while it was replaced, and what
/// took the place of a bill that is still to be paid.
fn may_go() -> String {
    let finals: Vec<String> = RowState::ALL
        .iter()
        .filter(|state| state.is_final())
        .map(|state| format!("'{state}'"))
        .collect();
    let finals = finals.join(", ");
    format!(
        "(r.due_date is null or r.due_date < $3)
         and coalesce(s.state, case when r.chunk_no is null then 'invalid' end) in ({finals})
         and (s.psid is null or s.state in ('paid', 'discarded', 'errored'))
         and not exists (select 1 from unstamped_rows u where u.row_id = r.row_id)
         and not exists (select 1 from paid_replaced p where p.row_id = r.row_id)
         and not exists (select 1 from paid_replaced p where p.paid_row_id = r.row_id)
         and (coalesce(s.replaces, 0) <= 0
            or exists (select 1 from row_state k where k.row_id = s.replaces and k.state in ({finals}))
            or not exists (select 1 from rows k where k.row_id = s.replaces))"
    )
}

/// The range is said of both tables, or one of them could be gone through from its beginning.
const FROM: &str = "from rows r
    left join row_state s on s.row_id = r.row_id and s.row_id >= $1 and s.row_id <= $2
    where r.row_id >= $1 and r.row_id <= $2";

/// Whether a file has rows that may go.
pub(super) async fn any(tx: &mut Tx, file_id: i64, day: NaiveDate) -> Result<bool> {
    let text = format!("select 1 {FROM} and {} limit 1", may_go());
    let values = args![
        crate::row_id(file_id, 0),
        crate::row_id(file_id + 1, 0) - 1,
        day
    ];
    // PostgreSQL answers an int4: it is enough that there is a line.
    Ok(!tx.rows(sql(text), values).await?.is_empty())
}

/// The rows between two row ids that may go, in their order, a text each.
pub(super) async fn lines_among(
    tx: &mut Tx,
    (first, last): (i64, i64),
    day: NaiveDate,
) -> Result<Vec<String>> {
    let line = match tx.engine() {
        Engine::Postgres => "json_build_object('row', row_to_json(r),
            'state', case when s.row_id is not null then row_to_json(s) end)::text"
            .to_owned(),
        Engine::Sqlite => {
            let row = json_object(&columns(tx, TABLES[0]).await?, "r");
            let state = json_object(&columns(tx, TABLES[1]).await?, "s");
            format!(
                "json_object('row', {row}, 'state', json(case when s.row_id is not null then {state} end))"
            )
        }
    };
    let text = format!("select {line} {FROM} and {} order by r.row_id", may_go());
    let found = tx.rows(sql(text), args![first, last, day]).await?;
    found.iter().map(|line| line.text(0)).collect()
}

/// Takes rows out of every table that they have lines in.
pub(super) async fn forget(step: &mut Step, file_id: i64, moved: &[Moved]) -> Result<()> {
    let rows: RowSet = moved.iter().map(|row| row.row_no).collect();
    for part in Part::exactly(&step.tx, "row_id", file_id, &rows) {
        for table in ["failed_rows", TABLES[1], TABLES[0]] {
            let text = format!("delete from {table} where {}", part.condition);
            step.tx.exec(sql(text), part.values.clone()).await?;
        }
    }
    Ok(())
}

/// Puts rows back as their lines have them.
pub(super) async fn put_back(step: &mut Step, lines: &[String]) -> Result<()> {
    let mut inserts = Vec::new();
    for (table, key) in TABLES.iter().zip(["row", "state"]) {
        inserts.push(insert_of(&mut step.tx, table, key).await?);
    }
    let failed = format!(
        "insert into failed_rows (row_id, account, state)
         select s.row_id, $2, s.state from row_state s where s.state in ('rejected', 'errored') and {}",
        step.tx.pick(
            "s.row_id in (select (x.value -> 'row' ->> 'row_id')::bigint from json_array_elements($1::json) as x)",
            "s.row_id in (select json_extract(x.value, '$.row.row_id') from json_each($1) as x)",
        )
    );
    for lines in lines.chunks(LINES_AT_A_TIME) {
        let lines = format!("[{}]", lines.join(","));
        for insert in &inserts {
            step.tx
                .exec(sql(insert.clone()), args![lines.clone()])
                .await?;
        }
        let values = args![lines, step.account.clone()];
        step.tx.exec(sql(failed.clone()), values).await?;
    }
    Ok(())
}

/// How lines of a table come back from what the archive's lines have under a key.
async fn insert_of(tx: &mut Tx, table: &str, key: &str) -> Result<String> {
    if tx.engine() == Engine::Postgres {
        return Ok(format!(
            "insert into {table} select y.* from json_array_elements($1::json) as x
             cross join lateral json_populate_record(null::{table}, x.value -> '{key}') as y
             where x.value ->> '{key}' is not null"
        ));
    }
    let columns = columns(tx, table).await?;
    let values: Vec<String> = columns
        .iter()
        .map(|column| format!("json_extract(x.value, '$.{key}.{column}')"))
        .collect();
    Ok(format!(
        "insert into {table} ({}) select {} from json_each($1) as x
         where json_extract(x.value, '$.{key}') is not null",
        columns.join(", "),
        values.join(", ")
    ))
}

/// The columns that a table of SQLite has.
async fn columns(tx: &mut Tx, table: &str) -> Result<Vec<String>> {
    let text = "select name from pragma_table_info($1) order by cid";
    let found = tx.rows(text, args![table]).await?;
    found.iter().map(|line| line.text(0)).collect()
}

fn json_object(columns: &[String], of: &str) -> String {
    let pairs: Vec<String> = columns
        .iter()
        .map(|column| format!("'{column}', {of}.{column}"))
        .collect();
    format!("json_object({})", pairs.join(", "))
}
