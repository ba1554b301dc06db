//! What was measured, as a table for people and as JSON for programs.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::contest::{Bound, Found, Outcome, Ran};
use crate::figures::{Ratio, median, short, spread};
use crate::ground::Ground;

/// What every process is measured in besides.
const CPU: &str = "cpu_micros";

/// One contest in Markdown: a line a runner, then a line a goal, then what else is to be said.
pub(crate) fn table(outcome: &Outcome) -> String {
    let mut lines = vec![
        format!("\n### {}\n", outcome.name),
        format!("{}\n", outcome.about),
    ];
    lines.push("| runner | rows/s | spread | took | processor | peak | says |".to_owned());
    lines.push("|---|---|---|---|---|---|---|".to_owned());
    for (name, runs) in outcome.runs.iter().filter(|(_, runs)| !runs.is_empty()) {
        let rates: Vec<u64> = runs.iter().map(Ran::per_second).collect();
        let micros = median(runs.iter().map(|ran| ran.micros).collect());
        let peaks: Vec<u64> = runs.iter().filter_map(|ran| ran.peak_kb).collect();
        let peak = match peaks.is_empty() {
            true => "–".to_owned(),
            false => megabytes(median(peaks)),
        };
        lines.push(format!(
            "| {name} | {} | {} % | {} | {} | {peak} | {} |",
            short(median(rates.clone())),
            spread(&rates).0 / 10,
            seconds(micros),
            on_a_processor(runs),
            says(runs)
        ));
    }
    if !outcome.found.is_empty() {
        lines.push("\n| goal | asked | found | |\n|---|---|---|---|".to_owned());
        lines.extend(outcome.found.iter().map(|found| {
            let value = found.value.map(|value| shown(found, value));
            let verdict = match found.reached() {
                Some(true) => "reached",
                Some(false) => "**not reached**",
                None => "not measured",
            };
            let (word, bound) = match found.bound {
                Bound::AtLeast(bound) => ("≥", bound),
                Bound::AtMost(bound) => ("≤", bound),
            };
            format!(
                "| {} | {word} {} | {} | {verdict} |",
                found.what,
                shown(found, bound),
                value.unwrap_or_else(|| "–".to_owned())
            )
        }));
    }
    lines.extend(outcome.notes.iter().map(|note| format!("\n{note}")));
    lines.join("\n")
}

fn shown(found: &Found, value: u64) -> String {
    match found.is_ratio {
        true => format!("{} ×", Ratio(value)),
        false => value.to_string(),
    }
}

/// Of the whole process, its start included.
fn on_a_processor(runs: &[Ran]) -> String {
    let times = runs.iter().filter_map(|ran| ran.said.get(CPU).copied());
    let times: Vec<u64> = times.collect();
    match times.is_empty() {
        true => "–".to_owned(),
        false => seconds(median(times)),
    }
}

/// The medians of what runners said besides.
fn says(runs: &[Ran]) -> String {
    let Some(first) = runs.first() else {
        return String::new();
    };
    let names = first
        .said
        .keys()
        .filter(|name| *name != "wall_micros" && *name != CPU);
    let said = names.map(|name| {
        let values = runs.iter().filter_map(|ran| ran.said.get(name).copied());
        let value = median(values.collect());
        match name.strip_suffix("_micros") {
            Some(name) => format!("{} {}", name.replace('_', " "), seconds(value)),
            None => format!("{} {value}", name.replace('_', " ")),
        }
    });
    said.collect::<Vec<_>>().join(", ")
}

fn megabytes(kb: u64) -> String {
    match kb {
        small @ 0..100_000 => format!("{}.{} MB", small / 1000, small % 1000 / 100),
        large => format!("{} MB", large / 1000),
    }
}

fn seconds(micros: u64) -> String {
    match micros {
        small @ 0..1_000_000 => format!("{}.{} ms", small / 1000, small % 1000 / 100),
        large => format!("{}.{:02} s", large / 1_000_000, large % 1_000_000 / 10_000),
    }
}

/// Writes all of it, each run by itself.
pub(crate) fn write_json(path: &Path, ground: &Ground, outcomes: &[Outcome]) -> Result<()> {
    let run = |ran: &Ran| json!({"rows": ran.rows, "micros": ran.micros, "rows_per_second": ran.per_second(), "peak_kb": ran.peak_kb, "said": ran.said});
    let found = |found: &Found| {
        let (word, bound) = match found.bound {
            Bound::AtLeast(bound) => ("at_least", bound),
            Bound::AtMost(bound) => ("at_most", bound),
        };
        let unit = if found.is_ratio {
            "thousandths"
        } else {
            "plain"
        };
        json!({"what": found.what, word: bound, "unit": unit, "found": found.value, "reached": found.reached()})
    };
    let contests: Vec<Value> = outcomes
        .iter()
        .map(|outcome| {
            let runners: Vec<Value> = outcome
                .runs
                .iter()
                .map(|(name, runs)| json!({"name": name, "runs": runs.iter().map(run).collect::<Vec<_>>()}))
                .collect();
            json!({
                "name": outcome.name, "about": outcome.about, "notes": outcome.notes, "runners": runners,
                "goals": outcome.found.iter().map(found).collect::<Vec<_>>(),
            })
        })
        .collect();
    let all = json!({"rows": ground.rows, "times": ground.times, "seed": ground.seed, "contests": contests});
    std::fs::write(path, format!("{all:#}\n"))
        .with_context(|| format!("{} can't be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contest_is_a_table_that_says_what_was_not_reached() {
        let ran = Ran {
            rows: 1_000_000,
            micros: 250_000,
            peak_kb: Some(45_600),
            said: [("valid".to_owned(), 980_000), (CPU.to_owned(), 310_000)].into(),
        };
        let outcome = Outcome {
            name: "check-csv".to_owned(),
            about: "A sheet.".to_owned(),
            runs: vec![("ours".to_owned(), vec![ran])],
            found: vec![Found {
                what: "beside the bare loop",
                is_ratio: true,
                bound: Bound::AtLeast(350),
                value: Some(300),
            }],
            notes: vec!["polars is not here".to_owned()],
        };
        let table = table(&outcome);
        assert!(
            table
                .contains("| ours | 4.00 M | 0 % | 250.0 ms | 310.0 ms | 45.6 MB | valid 980000 |"),
            "{table}"
        );
        assert!(
            table.contains("| beside the bare loop | ≥ 0.35 × | 0.30 × | **not reached** |"),
            "{table}"
        );
        assert!(table.ends_with("polars is not here"), "{table}");
    }
}
