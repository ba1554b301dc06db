//! What the commands that ask for a decision share: how they ask, how the answer is shown, and the
//! exit code it stands for.

use ingest_ledger::{FileLine, FileState, Ledger, RowState};
use serde::Serialize;

use super::printing::{Paper, shown};
use super::terminal::Terminal;
use crate::cli::{Format, NoWait};
use crate::config::Config;
use crate::decisions::{self, Answer, Ask, Wait};
use crate::exit::{Exit, Failure};

const COLUMNS: [&str; 4] = ["account", "asked", "outcome", "sentence"];

/// An answer with the files it is about, as they stand now.
#[derive(Debug, Serialize)]
struct Told {
    account: String,
    asked: &'static str,
    #[serde(flatten)]
    answer: Answer,
    file_lines: Vec<FileLine>,
    #[serde(skip)]
    exit: Exit,
}

/// How long to wait: until it is done with all that follows, or until it is decided.
pub(super) fn patience(waiting: &NoWait) -> Wait {
    if waiting.no_wait {
        Wait::Answer
    } else {
        Wait::Final
    }
}

/// Asks one account, waits, and shows what came of it: in JSON one object.
pub(super) async fn ask(
    terminal: &Terminal,
    config: &Config,
    ledger: &Ledger,
    account: &str,
    ask: Ask,
    wait: Wait,
) -> Result<Exit, Failure> {
    let told = asked(terminal, config, ledger, account, &ask, wait).await?;
    let mut paper = terminal.paper();
    match paper.format() {
        Format::Json => paper.json(&told)?,
        Format::Csv => {
            paper.csv(&COLUMNS)?;
            show(&mut paper, &told, wait)?;
        }
        Format::Table => show(&mut paper, &told, wait)?,
    }
    paper.finish()?;
    end(&[told])
}

/// Asks each account in turn: in JSON a list.
pub(super) async fn ask_each(
    terminal: &Terminal,
    config: &Config,
    ledger: &Ledger,
    asks: Vec<(String, Ask)>,
    wait: Wait,
) -> Result<Exit, Failure> {
    let mut all = Vec::new();
    for (account, ask) in &asks {
        all.push(asked(terminal, config, ledger, account, ask, wait).await?);
    }
    let mut paper = terminal.paper();
    match paper.format() {
        Format::Json => paper.json(&all)?,
        format => {
            if format == Format::Csv {
                paper.csv(&COLUMNS)?;
            }
            for told in &all {
                show(&mut paper, told, wait)?;
            }
        }
    }
    paper.finish()?;
    end(&all)
}

async fn asked(
    terminal: &Terminal,
    config: &Config,
    ledger: &Ledger,
    account: &str,
    ask: &Ask,
    wait: Wait,
) -> Result<Told, Failure> {
    let bar = terminal.waiting(&format!(
        "{account}: waiting for what comes of `{}`",
        ask.kind()
    ));
    let answer = decisions::ask_and_wait(config, ledger, account, ask, wait).await;
    bar.finish_and_clear();
    let answer = answer?;
    let mut file_lines = Vec::new();
    for file_id in &answer.files {
        file_lines.extend(ledger.file(*file_id).await?);
    }
    let exit = exit_of(ask, &file_lines, wait);
    Ok(Told {
        account: account.to_owned(),
        asked: ask.kind(),
        answer,
        file_lines,
        exit,
    })
}

fn show(paper: &mut Paper<'_>, told: &Told, wait: Wait) -> Result<(), Failure> {
    let answer = &told.answer;
    if paper.format() == Format::Csv {
        let refused = answer.refused.iter().map(|sentence| ("refused", sentence));
        let done = answer.done.iter().map(|sentence| ("done", sentence));
        let left = answer.left.iter().map(|sentence| ("left", sentence));
        for (outcome, sentence) in done.chain(left).chain(refused) {
            paper.csv(&[&told.account, told.asked, outcome, sentence])?;
        }
        return Ok(());
    }
    for sentence in answer.done.iter().chain(&answer.left) {
        paper.line(&shown(sentence))?;
    }
    for file in told.file_lines.iter().filter(|_| wait == Wait::Final) {
        let counts = super::files::counts(file);
        paper.line(&shown(&format!(
            "file {} {}: {}: {counts}",
            file.file_id, file.file_name, file.state
        )))?;
    }
    Ok(())
}

/// The exit code of all, or the sentence of the first refusal.
fn end(all: &[Told]) -> Result<Exit, Failure> {
    for told in all {
        if let Some(why) = &told.answer.unreadable {
            return Err(Failure::file(why.clone()));
        }
        if let Some(why) = &told.answer.refused {
            return Err(Failure::new(Exit::Attention, why.clone()));
        }
    }
    Ok(all.iter().map(|told| told.exit).max().unwrap_or(Exit::Done))
}

/// The exit code of an answer. A row that is still on its way is nothing for a person; one that
/// failed, waits or is unknown is. Of a file just taken its invalid rows are too; of an older one
/// they were told of when it was taken.
fn exit_of(ask: &Ask, files: &[FileLine], wait: Wait) -> Exit {
    let fresh = matches!(ask, Ask::Submit { .. });
    let looked_at: &[RowState] = match (wait, fresh) {
        (Wait::Answer, _) => return Exit::Done,
        (Wait::Final, true) => &[
            RowState::Invalid,
            RowState::Rejected,
            RowState::Errored,
            RowState::Held,
            RowState::Unknown,
        ],
        (Wait::Final, false) => &[
            RowState::Rejected,
            RowState::Errored,
            RowState::Held,
            RowState::Unknown,
        ],
    };
    let any = files.iter().any(|file| {
        file.state == FileState::Held
            || looked_at
                .iter()
                .any(|state| file.counts.get(state).is_some_and(|n| *n > 0))
    });
    if any { Exit::Attention } else { Exit::Done }
}
