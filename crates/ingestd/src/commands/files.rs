//! `files` and `file`: what was taken, with counts by state.

use ingest_ledger::{FileFilter, FileLine, FileState, Ledger};
use serde::Serialize;

use super::decisions::{DecisionLine, about_file};
use super::printing::{Paper, cell, moment};
use super::terminal::Terminal;
use crate::cli::{FilesArgs, Format};
use crate::exit::{Exit, Failure};

/// Files asked for at a time.
const PAGE: u32 = 200;

const COLUMNS: &[&str] = &[
    "file_id",
    "file_name",
    "account",
    "state",
    "rows",
    "counts",
    "taken_at",
    "settled_at",
    "message",
];

/// Hands on every file that fits, the newest first, until there is no more or `limit` is reached.
///
/// # Errors
/// The database, or what `each` answers.
pub async fn files(
    ledger: &Ledger,
    filter: &FileFilter,
    limit: Option<u32>,
    each: &mut dyn FnMut(&FileLine) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut left = limit.unwrap_or(u32::MAX);
    let mut filter = filter.clone();
    while left > 0 {
        filter.limit = left.min(PAGE);
        let page = ledger.files(&filter).await?;
        for file in &page {
            each(file)?;
        }
        left -= page.len().try_into().unwrap_or(left).min(left);
        match page.last() {
            Some(last) if page.len() == filter.limit as usize => filter.before = Some(last.file_id),
            _ => break,
        }
    }
    Ok(())
}

/// One file.
///
/// # Errors
/// Exit 2: there is none of that number. Exit 5: the database.
pub async fn file(ledger: &Ledger, file_id: i64) -> Result<FileLine, Failure> {
    ledger.file(file_id).await?.ok_or_else(|| {
        Failure::usage(format!("there is no file {file_id}")).help("`ingestd files` lists them")
    })
}

pub(super) async fn command(terminal: &Terminal, args: FilesArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    if let Some(account) = &args.account {
        config.account(account)?;
    }
    let state = args
        .state
        .map(|state| state.parse::<FileState>())
        .transpose();
    let state = state.map_err(|error| Failure::usage(error.to_string()))?;
    let filter = FileFilter {
        account: args.account,
        state,
        ..FileFilter::default()
    };
    let mut paper = terminal.paper();
    let mut list = paper.list(COLUMNS)?;
    files(&ledger, &filter, args.limit, &mut |file| {
        list.push(file, || cells(file))
    })
    .await?;
    if list.finish()? == 0 {
        terminal.note("no file was taken yet that fits");
    }
    paper.finish()?;
    ledger.close().await;
    Ok(Exit::Done)
}

pub(super) async fn one(terminal: &Terminal, file_id: i64) -> Result<Exit, Failure> {
    let (_, ledger) = terminal.config_and_ledger().await?;
    let line = file(&ledger, file_id).await?;
    let (decisions, told) = about_file(&ledger, file_id).await?;
    let mut paper = terminal.paper();
    print(&mut paper, &line, &decisions, &told)?;
    paper.finish()?;
    ledger.close().await;
    Ok(Exit::Done)
}

/// A file, and what people decided about it.
#[derive(Serialize)]
struct Decided<'a> {
    #[serde(flatten)]
    file: &'a FileLine,
    decisions: &'a [DecisionLine],
}

/// One file, all of it; `decided`: what people decided about it, a line each.
fn print(
    paper: &mut Paper<'_>,
    file: &FileLine,
    decisions: &[DecisionLine],
    decided: &[String],
) -> Result<(), Failure> {
    match paper.format() {
        Format::Json => paper.json(&Decided { file, decisions }),
        Format::Csv => {
            let mut list = paper.list(COLUMNS)?;
            list.push(file, || cells(file))?;
            list.finish().map(|_| ())
        }
        Format::Table => {
            let mut facts = vec![
                ("file", format!("{} {}", file.file_id, file.file_name)),
                ("account", file.account.clone()),
                ("state", file.state.to_string()),
                ("rows", file.rows.to_string()),
                ("counts", counts(file)),
                (
                    "not here",
                    super::archive::not_here(file).unwrap_or_default(),
                ),
                ("taken", moment(Some(file.taken_at))),
                ("settled", moment(file.settled_at)),
                ("sha256", file.sha256.clone()),
            ];
            facts.extend(
                file.duplicate_of
                    .map(|of| ("the same bytes as", format!("file {of}"))),
            );
            facts.extend(file.hold_reason.clone().map(|why| ("waits", why)));
            facts.extend(file.message.clone().map(|message| ("message", message)));
            facts.extend(decided.iter().map(|line| ("decided", line.clone())));
            for (name, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
                paper.line(&format!("{name:>18}  {}", super::printing::shown(fact)))?;
            }
            Ok(())
        }
    }
}

/// `billed 11990, invalid 10`.
pub(super) fn counts(file: &FileLine) -> String {
    let counts: Vec<String> = file
        .counts
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(state, n)| format!("{state} {n}"))
        .collect();
    counts.join(", ")
}

fn cells(file: &FileLine) -> Vec<String> {
    vec![
        file.file_id.to_string(),
        file.file_name.clone(),
        file.account.clone(),
        file.state.to_string(),
        file.rows.to_string(),
        counts(file),
        moment(Some(file.taken_at)),
        moment(file.settled_at),
        cell(file.message.clone()),
    ]
}
