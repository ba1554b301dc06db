//! `check`: a sheet read and judged by every rule, duplicates found exactly, in the process that may
//! break and nothing else. Ours prints every problem as JSON; the references only count.

use std::path::Path;

use anyhow::{Context, Result};

use crate::child;
use crate::contest::{Bound, Figure, Goal, Outcome, Ran, Runner, hold};
use crate::ground::Ground;

const OURS: &str = "ingestd check";
/// Invalid rows are an exit code of their own.
const CODES: &[i32] = &[0, 1];

pub(super) fn csv(ground: &Ground) -> Result<Vec<Outcome>> {
    let sheet = ground.sheets().csv(ground.rows)?;
    let mut runners = vec![
        Runner::new(OURS, || check(ground, &sheet)),
        Runner::new("bare csv loop", || part(ground, "bare-csv", &sheet)),
    ];
    for (name, program) in [
        ("polars", "check_polars"),
        ("duckdb", "check_duckdb"),
        ("pandas", "check_pandas"),
        ("python csv", "check_csv"),
    ] {
        let sheet = &sheet;
        runners.push(Runner::new(name, move || beside(ground, program, sheet)));
    }
    let goals = vec![
        goal(
            "speed beside the bare csv loop",
            Figure::Speed,
            "bare csv loop",
            Bound::AtLeast(350),
        ),
        goal(
            "speed beside polars",
            Figure::Speed,
            "polars",
            Bound::AtLeast(3_000),
        ),
        goal(
            "memory beside polars",
            Figure::Peak,
            "polars",
            Bound::AtMost(300),
        ),
    ];
    let about = format!(
        "{} rows of five columns, about one in fifty invalid. Times of the Python programs are without their start and imports, ours is with everything.",
        ground.rows
    );
    Ok(vec![hold(
        "check-csv",
        about,
        ground.times,
        runners,
        goals,
    )?])
}

pub(super) fn xlsx(ground: &Ground) -> Result<Vec<Outcome>> {
    let sheet = ground.sheets().xlsx(ground.rows)?;
    let runners = vec![
        Runner::new(OURS, || check(ground, &sheet)),
        Runner::new("calamine streaming", || {
            part(ground, "calamine-streaming", &sheet)
        }),
        Runner::new("calamine range", || part(ground, "calamine-range", &sheet)),
        Runner::new("openpyxl", || beside(ground, "read_openpyxl", &sheet)),
    ];
    let goals = vec![
        goal(
            "speed beside calamine streaming",
            Figure::Speed,
            "calamine streaming",
            Bound::AtLeast(1_000),
        ),
        Goal {
            what: "memory (KB)",
            figure: Figure::Peak,
            ours: OURS.to_owned(),
            beside: None,
            bound: Bound::AtMost(150_000),
        },
    ];
    let about = format!(
        "{} rows in a workbook; the references read the cells and do nothing with them.",
        ground.rows
    );
    Ok(vec![hold(
        "check-xlsx",
        about,
        ground.times,
        runners,
        goals,
    )?])
}

fn goal(what: &'static str, figure: Figure, beside: &str, bound: Bound) -> Goal {
    Goal {
        what,
        figure,
        ours: OURS.to_owned(),
        beside: Some(beside.to_owned()),
        bound,
    }
}

fn check(ground: &Ground, sheet: &Path) -> Result<Ran> {
    let scratch = ground.scratch.path();
    let mut command = ground.ingestd();
    // Without a configuration: the rules are the defaults.
    command
        .current_dir(scratch)
        .arg("check")
        .arg(sheet)
        .args(["--format", "json"]);
    let mut ran = child::run(command, scratch, CODES)?;
    let text = std::fs::read_to_string(scratch.join("stdout"))?;
    ran.rows = counted(&text, "\"rows\": ")?;
    ran.said
        .insert("valid".to_owned(), counted(&text, "\"valid\": ")?);
    Ok(ran)
}

/// The number behind the first such name.
fn counted(text: &str, name: &str) -> Result<u64> {
    let (_, rest) = text
        .split_once(name)
        .with_context(|| format!("check says no {name}"))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Ok(digits.parse()?)
}

fn part(ground: &Ground, name: &str, sheet: &Path) -> Result<Ran> {
    let mut command = ground.part(name);
    command.arg(sheet);
    child::run(command, ground.scratch.path(), &[0])
}

fn beside(ground: &Ground, name: &str, sheet: &Path) -> Result<Ran> {
    let mut command = ground.beside(name)?;
    command.arg(sheet);
    child::run(command, ground.scratch.path(), &[0])
}
