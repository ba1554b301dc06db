//! Rows stored: the ledger's own step, batch by batch, beside `psql \copy` of the same rows in one go
//! into a table of the same columns with four indexes, with its key alone, and with the indexes made
//! when all rows are in.

use anyhow::Result;

use crate::child;
use crate::contest::{Bound, Figure, Goal, Outcome, Ran, Runner, hold};
use crate::database::{self, Database, Engine};
use crate::ground::Ground;
use crate::parts::copy_file;

const FOUR_INDEXES: &str = "psql \\copy, four indexes";
const TABLE: &str = "
    create table rows_beside (
        row_id bigint primary key, file_id bigint not null, row_number bigint not null, chunk_no bigint,
        amount bigint, amount_after_due_date bigint, payer_key bigint, corrects bigint, due_date date,
        sheet text not null, title text not null, identifier text not null, raw_json text, problems_json text
    )";
/// With the key, an index for each way it is asked.
const INDEXES: &str = "
    create index on rows_beside (file_id, row_id);
    create index on rows_beside (identifier);
    create index on rows_beside (payer_key)";

pub(super) fn run(ground: &Ground) -> Result<Vec<Outcome>> {
    let file = ground.scratch.path().join("rows.csv");
    copy_file(&file, ground.rows)?;
    let copy = format!(
        "\\copy rows_beside from '{}' with (format csv)",
        file.display()
    );
    let ours = |engine: Engine| {
        move || -> Result<Ran> {
            let database = Database::fresh(ground, engine)?;
            let mut command = ground.part("store-rows");
            command.arg(database.url()).arg(ground.rows.to_string());
            let mut ran = child::run(command, ground.scratch.path(), &[0])?;
            // It holds all rows before it begins: its memory says nothing.
            ran.peak_kb = None;
            Ok(ran)
        }
    };
    let on = |engine: Engine| format!("ledger on {}", engine.name());
    let mut runners: Vec<Runner<'_>> = Engine::ALL
        .into_iter()
        .map(|engine| Runner::new(on(engine), ours(engine)))
        .collect();
    for (name, before, after) in [
        (FOUR_INDEXES, Some(INDEXES), None),
        ("psql \\copy, key only", None, None),
        ("psql \\copy, indexes after", None, Some(INDEXES)),
    ] {
        let copy = &copy;
        runners.push(Runner::new(name, move || {
            let database = Database::fresh(ground, Engine::Postgres)?;
            for sql in [Some(TABLE), before].into_iter().flatten() {
                database::run(database.url(), sql)?;
            }
            let mut command = ground.psql()?;
            command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", database.url()]);
            for statement in [Some(copy.as_str()), after].into_iter().flatten() {
                command.args(["-c", statement]);
            }
            let mut ran = child::run(command, ground.scratch.path(), &[0])?;
            ran.rows = ground.rows.into();
            Ok(ran)
        }));
    }
    let goals = vec![Goal {
        what: "speed beside psql \\copy, four indexes",
        figure: Figure::Speed,
        ours: on(Engine::Postgres),
        beside: Some(FOUR_INDEXES.to_owned()),
        bound: Bound::AtLeast(1_000),
    }];
    let about = format!(
        "{} rows, 5,000 in a transaction, every commit synced; `\\copy` is one transaction.",
        ground.rows
    );
    let outcome = hold("store-rows", about, ground.times, runners, goals);
    std::fs::remove_file(&file)?;
    Ok(vec![outcome?])
}
