//! What the commands that ask for a decision share: how they ask, how the answer is shown, and the
//! exit code it stands for.

use ingest_ledger::{FileLine, FileState, Ledger, ResultLine, RowFilter, RowState};
use serde::Serialize;

use super::printing::{Paper, shown};
use super::terminal::Terminal;
use crate::cli::{Format, NoWait};
use crate::config::Config;
use crate::decisions::{self, Answer, Ask, Came, RefusedBy, Wait};
use crate::exit::{Exit, Failure};
use crate::service;

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
    /// Why the command did not wait for all of it.
    #[serde(skip)]
    stands_still: Option<Failure>,
}

/// How long to wait: until it is done with all that follows or the patience is over, or until it is
/// decided.
pub(super) fn patience(waiting: &NoWait) -> Wait {
    if waiting.no_wait {
        Wait::Answer
    } else {
        Wait::Final(waiting.patience)
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
    end(vec![told])
}

/// Asks each account in turn: in JSON a list.
pub(super) async fn ask_each(
    terminal: &Terminal,
    config: &Config,
    ledger: &Ledger,
    asks: Vec<(String, Ask)>,
    wait: Wait,
) -> Result<Exit, Failure> {
    let (mut all, mut failed) = (Vec::new(), Vec::new());
    for (account, ask) in &asks {
        match asked(terminal, config, ledger, account, ask, wait).await {
            Ok(told) => all.push(told),
            // What a person stopped goes no further.
            Err(failure) if failure.sentence == service::STOPPED => return Err(failure),
            Err(failure) => failed.push((account.clone(), failure)),
        }
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
    match (asks.len(), failed.is_empty()) {
        (..=1, true) => end(all),
        _ => each_ends(all, failed),
    }
}

/// Each account has its own end: the worst exit code, and a sentence that names all that came to none.
fn each_ends(all: Vec<Told>, mut failed: Vec<(String, Failure)>) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    for told in all {
        let account = told.account.clone();
        match end(vec![told]) {
            Ok(one) => exit = exit.max(one),
            Err(failure) => failed.push((account, failure)),
        }
    }
    if failed.is_empty() {
        return Ok(exit);
    }
    failed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let (mut sentences, mut helps) = (Vec::new(), Vec::new());
    for (account, failure) in failed {
        exit = exit.max(failure.exit);
        let whose = format!("account {account}");
        sentences.push(match failure.sentence.starts_with(&whose) {
            true => failure.sentence,
            false => format!("{whose}: {}", failure.sentence),
        });
        helps.extend(failure.help.filter(|help| !helps.contains(help)));
    }
    let mut all = Failure::new(exit, sentences.join("; "));
    all.help = (!helps.is_empty()).then(|| helps.join("; "));
    Err(all)
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
    let came = decisions::ask_and_wait(config, ledger, account, ask, wait).await;
    bar.finish_and_clear();
    let Came {
        mut answer,
        stands_still,
    } = came?;
    let mut file_lines = Vec::new();
    for file_id in &answer.files {
        file_lines.extend(ledger.file(*file_id).await?);
    }
    if let (Ask::Submit { by_hand: true, .. }, Wait::Final(_)) = (ask, wait) {
        for file in &file_lines {
            say_of_one_bill(ledger, file, &mut answer).await?;
        }
    }
    // Failed rows that do not go again are as they were: a person's.
    let none_goes =
        matches!(ask, Ask::Retry { .. }) && answer.sets_nothing_going && !answer.left.is_empty();
    let exit = match none_goes {
        true => Exit::Attention,
        false => exit_of(ask, &file_lines, wait),
    };
    Ok(Told {
        account: account.to_owned(),
        asked: ask.kind(),
        answer,
        file_lines,
        exit,
        stands_still,
    })
}

/// What became of a bill made by hand, which has no sheet to say it: and what decides it, where it
/// waits for a person.
async fn say_of_one_bill(
    ledger: &Ledger,
    file: &FileLine,
    answer: &mut Answer,
) -> Result<(), Failure> {
    let its_rows = RowFilter {
        file_id: Some(file.file_id),
        limit: 1,
        ..RowFilter::default()
    };
    for row in ledger.rows(&its_rows).await? {
        let sentence = one_bill(&row);
        let billed = matches!(row.state, RowState::Billed | RowState::Paid);
        match billed && answer.left.is_empty() {
            true => answer.done.push(sentence),
            false => answer.left.push(sentence),
        }
        if matches!(row.state, RowState::Rejected | RowState::Errored) {
            answer.left.push(format!(
                "`ingestd retry --file {}` sends it again",
                file.file_id
            ));
        }
    }
    for waits in super::status::waiting(ledger, std::slice::from_ref(file)).await? {
        answer
            .left
            .push(format!("what decides it: {}", waits.command));
    }
    Ok(())
}

/// `it is held: waits for …`.
fn one_bill(row: &ResultLine) -> String {
    let mut sentence = format!("it is {}", row.state);
    if let Some(psid) = &row.psid {
        sentence.push_str(&format!(", PSID {psid}"));
    }
    if let Some(message) = row.message.as_deref().filter(|message| !message.is_empty()) {
        sentence.push_str(&format!(": {message}"));
    }
    sentence
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
    // What can't be read is said once, by how the command ends; a reconciliation is about all files.
    let waited_for =
        wait != Wait::Answer && answer.unreadable.is_none() && answer.requests.is_none();
    for file in told.file_lines.iter().filter(|_| waited_for) {
        let mut line = format!("file {} {}: {}", file.file_id, file.file_name, file.state);
        let counts = super::files::counts(file);
        if !counts.is_empty() {
            line.push_str(&format!(": {counts}"));
        }
        paper.line(&shown(&line))?;
    }
    Ok(())
}

/// The exit code of all, or the sentence of the first that was refused or came to a stop.
fn end(all: Vec<Told>) -> Result<Exit, Failure> {
    for told in &all {
        if let Some(why) = &told.answer.unreadable {
            return Err(Failure::file(why.clone()));
        }
        if let Some(why) = &told.answer.refused {
            let exit = match told.answer.refused_by {
                None => Exit::Attention,
                Some(RefusedBy::Hub) => Exit::Hub,
                Some(RefusedBy::Usage) => Exit::Usage,
            };
            return Err(Failure::new(exit, shown(why)));
        }
    }
    let exit = all.iter().map(|told| told.exit).max();
    match all.into_iter().find_map(|told| told.stands_still) {
        Some(why) => Err(why),
        None => Ok(exit.unwrap_or(Exit::Done)),
    }
}

/// The exit code of an answer. A row that is still on its way is nothing for a person; one that
/// failed, waits or is unknown is. Of a file just taken its invalid rows are too; of an older one
/// they were told of when it was taken.
fn exit_of(ask: &Ask, files: &[FileLine], wait: Wait) -> Exit {
    let fresh = matches!(ask, Ask::Submit { .. });
    let looked_at: &[RowState] = match (wait, fresh) {
        (Wait::Answer, _) => return Exit::Done,
        (Wait::Final(_), true) => &[
            RowState::Invalid,
            RowState::Rejected,
            RowState::Errored,
            RowState::Held,
            RowState::Unknown,
        ],
        (Wait::Final(_), false) => &[
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
