//! What was measured, as a table for people and as JSON for programs.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::contest::{Bound, Found, Outcome, Ran};
use crate::figures::{Ratio, median, short, spread};
use crate::ground::Ground;
use crate::machine::Machine;

/// What every process is measured in besides.
const CPU: &str = "cpu_micros";

/// One contest in Markdown: a line a runner, then a line a goal, then what else is to be said.
pub(crate) fn table(outcome: &Outcome) -> String {
    let mut lines = vec![
        format!("\n### {}\n", outcome.name),
        format!("{}\n", outcome.about),
    ];
    let first = outcome.runs.first().map_or("", |(name, _)| name);
    lines.push(format!(
        "| runner | rows/s | spread | {first} beside it | took | processor | peak | says |"
    ));
    lines.push("|---|---|---|---|---|---|---|---|".to_owned());
    for (name, runs) in outcome.runs.iter().filter(|(_, runs)| !runs.is_empty()) {
        let rates: Vec<u64> = runs.iter().map(Ran::per_second).collect();
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        let beside = outcome.first_beside(runs).map(|ratio| format!("{ratio} ×"));
        lines.push(format!(
            "| {name} | {} | {} % | {} | {} | {} | {} | {} |",
            short(median(rates.clone())),
            spread(&rates).0 / 10,
            or_dash(beside.filter(|_| name != first)),
            seconds(median_micros(runs)),
            or_dash(median_cpu(runs).map(seconds)),
            or_dash(median_peak(runs).map(megabytes)),
            says(runs)
        ));
    }
    if !outcome.found.is_empty() {
        lines.push("\n| goal | of | asked | found | |\n|---|---|---|---|---|".to_owned());
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
                "| {} | {} | {word} {} | {} | {verdict} |",
                found.what,
                match &found.beside {
                    Some(beside) => format!("{} / {beside}", found.ours),
                    None => found.ours.clone(),
                },
                shown(found, bound),
                value.unwrap_or_else(|| "–".to_owned())
            )
        }));
    }
    lines.extend(outcome.notes.iter().map(|note| format!("\n{note}")));
    lines.join("\n")
}

fn shown(found: &Found, value: u64) -> String {
    match found.is_ratio() {
        true => format!("{} ×", Ratio(value)),
        false => value.to_string(),
    }
}

fn median_micros(runs: &[Ran]) -> u64 {
    median(runs.iter().map(|ran| ran.micros).collect())
}

/// Of the whole process, its start included.
fn median_cpu(runs: &[Ran]) -> Option<u64> {
    of_those_there(runs.iter().filter_map(|ran| ran.said.get(CPU).copied()))
}

fn median_peak(runs: &[Ran]) -> Option<u64> {
    of_those_there(runs.iter().filter_map(|ran| ran.peak_kb))
}

fn of_those_there(values: impl Iterator<Item = u64>) -> Option<u64> {
    let values: Vec<u64> = values.collect();
    (!values.is_empty()).then(|| median(values))
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

/// Writes all of it: medians, spreads and ratios, and each run by itself.
pub(crate) fn write_json(
    path: &Path,
    ground: &Ground,
    machine: &Machine,
    outcomes: &[Outcome],
) -> Result<()> {
    let all = json!({
        "machine": machine.as_json(), "rows": ground.rows, "times": ground.times, "seed": ground.seed,
        "history": ground.history, "contests": outcomes.iter().map(contest).collect::<Vec<_>>(),
    });
    std::fs::write(path, format!("{all:#}\n"))
        .with_context(|| format!("{} can't be written", path.display()))
}

fn contest(outcome: &Outcome) -> Value {
    let run = |ran: &Ran| json!({"rows": ran.rows, "micros": ran.micros, "rows_per_second": ran.per_second(), "peak_kb": ran.peak_kb, "said": ran.said});
    let found = |found: &Found| {
        let (word, bound) = match found.bound {
            Bound::AtLeast(bound) => ("at_least", bound),
            Bound::AtMost(bound) => ("at_most", bound),
        };
        let unit = if found.is_ratio() {
            "thousandths"
        } else {
            "plain"
        };
        json!({
            "what": found.what, "ours": found.ours, "beside": found.beside, word: bound, "unit": unit,
            "found": found.value, "reached": found.reached(),
        })
    };
    let runner = |(name, runs): &(String, Vec<Ran>)| {
        let rates: Vec<u64> = runs.iter().map(Ran::per_second).collect();
        json!({
            "name": name,
            "median_rows_per_second": of_those_there(rates.iter().copied()),
            "spread_thousandths": (!rates.is_empty()).then(|| spread(&rates).0),
            "first_beside_it_thousandths": outcome.first_beside(runs).map(|ratio| ratio.0),
            "median_micros": (!runs.is_empty()).then(|| median_micros(runs)),
            "median_cpu_micros": median_cpu(runs),
            "median_peak_kb": median_peak(runs),
            "runs": runs.iter().map(run).collect::<Vec<_>>(),
        })
    };
    json!({
        "name": outcome.name, "about": outcome.about, "notes": outcome.notes,
        "runners": outcome.runs.iter().map(runner).collect::<Vec<_>>(),
        "goals": outcome.found.iter().map(found).collect::<Vec<_>>(),
    })
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
        let bare = Ran {
            micros: 50_000,
            peak_kb: None,
            said: [].into(),
            ..ran.clone()
        };
        let outcome = Outcome {
            name: "check-csv".to_owned(),
            about: "A sheet.".to_owned(),
            runs: vec![
                ("ours".to_owned(), vec![ran.clone()]),
                ("bare loop".to_owned(), vec![bare]),
            ],
            found: vec![Found {
                what: "speed",
                ours: "ours".to_owned(),
                beside: Some("bare loop".to_owned()),
                bound: Bound::AtLeast(350),
                value: Some(300),
            }],
            notes: vec!["polars is not here".to_owned()],
        };
        let table = table(&outcome);
        assert!(
            table.contains(
                "| ours | 4.00 M | 0 % | – | 250.0 ms | 310.0 ms | 45.6 MB | valid 980000 |"
            ),
            "{table}"
        );
        assert!(
            table.contains("| bare loop | 20.00 M | 0 % | 0.20 × | 50.0 ms | – | – |  |"),
            "{table}"
        );
        assert!(
            table.contains("| speed | ours / bare loop | ≥ 0.35 × | 0.30 × | **not reached** |"),
            "{table}"
        );
        assert!(table.ends_with("polars is not here"), "{table}");

        let json = contest(&outcome);
        let bare = &json["runners"][1];
        assert_eq!(bare["median_rows_per_second"], 20_000_000);
        assert_eq!(bare["first_beside_it_thousandths"], 200);
        assert_eq!(json["goals"][0]["reached"], false);
    }
}
