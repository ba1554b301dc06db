//! Rows stored: the ledger's own step, batch by batch, beside `psql \copy` of the same rows in one go
//! into a table of the same columns with four indexes.

use anyhow::Result;

use crate::child;
use crate::contest::{Bound, Figure, Goal, Outcome, Ran, Runner, hold};
use crate::database::{self, Database, Engine};
use crate::ground::Ground;
use crate::parts::copy_file;

/// The table as it would be with an index for each way it is asked.
const BESIDE: &str = "
    create table rows_beside (
        row_id bigint primary key, file_id bigint not null, row_number bigint not null, chunk_no bigint,
        amount bigint, amount_after_due_date bigint, payer_key bigint, corrects bigint, due_date date,
        sheet text not null, title text not null, identifier text not null, raw_json text, problems_json text
    );
    create index on rows_beside (file_id, row_id);
    create index on rows_beside (identifier);
    create index on rows_beside (payer_key)";

pub(super) fn run(ground: &Ground) -> Result<Vec<Outcome>> {
    let file = ground.scratch.path().join("rows.csv");
    copy_file(&file, ground.rows)?;
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
    runners.push(Runner::new("psql \\copy", || {
        let database = Database::fresh(ground, Engine::Postgres)?;
        database::run(database.url(), BESIDE)?;
        let mut command = ground.psql()?;
        let copy = format!(
            "\\copy rows_beside from '{}' with (format csv)",
            file.display()
        );
        command.args([
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            database.url(),
            "-c",
            &copy,
        ]);
        let mut ran = child::run(command, ground.scratch.path(), &[0])?;
        ran.rows = ground.rows.into();
        Ok(ran)
    }));
    let goals = vec![Goal {
        what: "speed beside psql \\copy, four indexes",
        figure: Figure::Speed,
        ours: on(Engine::Postgres),
        beside: Some("psql \\copy".to_owned()),
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
