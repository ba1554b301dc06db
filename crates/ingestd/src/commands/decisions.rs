//! `decisions`: what people asked for, and what came of it: who, when, by which process, on what
//! evidence.

use std::fmt::Display;

use ingest_ledger::{Decision, DecisionFilter, Ledger};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::printing::{counted, many, moment};
use super::terminal::Terminal;
use crate::cli::DecisionsArgs;
use crate::decisions::{Answer, Evidence, ListSeen, RequestSeen};
use crate::exit::{Exit, Failure};

/// Decisions asked for at a time.
const PAGE: u32 = 200;

const COLUMNS: &[&str] = &[
    "decision_id",
    "account",
    "asked",
    "asked_by",
    "asked_from",
    "asked_at",
    "state",
    "done_at",
    "done_by",
    "evidence",
    "outcome",
];

/// A decision, as JSON prints it.
#[derive(Debug, Serialize)]
pub struct DecisionLine {
    decision_id: i64,
    account: String,
    kind: String,
    /// What was asked, exactly.
    asked: Value,
    /// The command as it was typed.
    command: Option<String>,
    asked_by: String,
    asked_from: Option<String>,
    asked_at: chrono::DateTime<chrono::Utc>,
    state: &'static str,
    done_at: Option<chrono::DateTime<chrono::Utc>>,
    done_by: Option<String>,
    answer: Option<Answer>,
    evidence: Option<Evidence>,
}

impl DecisionLine {
    fn of(decision: Decision) -> DecisionLine {
        // Whatever an older program stored is shown as far as it can be read.
        fn read<T: DeserializeOwned>(text: Option<&str>) -> Option<T> {
            serde_json::from_str(text?).ok()
        }
        DecisionLine {
            asked: read(Some(&decision.ask_json)).unwrap_or(Value::Null),
            answer: read(decision.answer_json.as_deref()),
            evidence: read(decision.evidence_json.as_deref()),
            decision_id: decision.decision_id,
            account: decision.account,
            kind: decision.kind,
            command: decision.command,
            asked_by: decision.asked_by,
            asked_from: decision.asked_from,
            asked_at: decision.asked_at,
            state: decision.state.as_str(),
            done_at: decision.done_at,
            done_by: decision.done_by,
        }
    }

    /// The command as it was typed; of one that an older program stored, what it asked for.
    fn command(&self) -> String {
        match &self.command {
            Some(command) => command.clone(),
            None => self.asked.to_string(),
        }
    }

    fn outcome(&self) -> String {
        let Some(answer) = &self.answer else {
            return String::new();
        };
        let refused = answer.refused.iter().map(|why| format!("refused: {why}"));
        let done = answer.done.iter().chain(&answer.left).cloned();
        refused.chain(done).collect::<Vec<_>>().join("; ")
    }

    fn evidence(&self) -> String {
        let Some(seen) = &self.evidence else {
            return String::new();
        };
        let mut sentences = seen.stood.clone();
        sentences.extend(seen.lists.iter().map(list_seen));
        sentences.extend(seen.requests.iter().map(request_seen));
        if seen.more_requests > 0 {
            sentences.push(format!(
                "{} read",
                counted(seen.more_requests, "more request", "more requests")
            ));
        }
        sentences.extend(
            seen.just_read
                .iter()
                .map(|what| format!("{what}: read just before")),
        );
        sentences.join("; ")
    }

    /// In a line: `7 by amina@desk, 2026-03-01 10:00:00 (done): ingestd approve 4: …`.
    fn in_a_line(&self) -> String {
        let mut line = format!(
            "{} by {}, {} ({}): {}",
            self.decision_id,
            self.asked_by,
            moment(Some(self.asked_at)),
            self.state,
            self.command()
        );
        let outcome = self.outcome();
        if !outcome.is_empty() {
            line.push_str(": ");
            line.push_str(&outcome);
        }
        line
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.decision_id.to_string(),
            self.account.clone(),
            self.command(),
            self.asked_by.clone(),
            self.asked_from.clone().unwrap_or_default(),
            moment(Some(self.asked_at)),
            self.state.to_owned(),
            moment(self.done_at),
            self.done_by.clone().unwrap_or_default(),
            self.evidence(),
            self.outcome(),
        ]
    }
}

/// `the hub's list at 10:00:00 UTC: 12 requests; 31 may hold it`.
fn list_seen(list: &ListSeen) -> String {
    let at = list.read_at.format("%H:%M:%S UTC");
    if let Some(why) = &list.unread {
        return format!("the hub's list at {at}: not read ({why})");
    }
    let mut sentence = format!(
        "the hub's list at {at}, read whole: {}",
        many(list.requests, "request")
    );
    if !list.found.is_empty() {
        sentence.push_str(&format!(", found {}", list.found.join(", ")));
    }
    for one in &list.in_the_way {
        sentence.push_str(&format!(", in the way {one}"));
    }
    sentence
}

/// `request 29 at 10:00:00 UTC, worked off: billed 3, not shown 1`.
fn request_seen(request: &RequestSeen) -> String {
    let (id, at) = (&request.request_id, request.read_at.format("%H:%M:%S UTC"));
    if let Some(why) = &request.unread {
        return format!("request {id} at {at}: not read ({why})");
    }
    let number = |n: u64, word: &dyn Display| (n > 0).then(|| format!("{word} {n}"));
    let counts: Vec<String> = request
        .rows
        .iter()
        .filter_map(|(state, n)| number(*n, state))
        .chain(number(request.not_shown, &"not shown"))
        .chain(number(request.others, &"of others"))
        .collect();
    let worked_off = match request.processed {
        true => "worked off",
        false => "not worked off yet",
    };
    match counts.is_empty() {
        true => format!("request {id} at {at}, {worked_off}"),
        false => format!("request {id} at {at}, {worked_off}: {}", counts.join(", ")),
    }
}

/// Hands on every decision that fits, the newest first, until there is no more or `last` is reached.
///
/// # Errors
/// The database, or what `each` answers.
pub async fn decisions(
    ledger: &Ledger,
    filter: &DecisionFilter,
    last: Option<u32>,
    each: &mut (dyn FnMut(DecisionLine) -> Result<(), Failure> + Send),
) -> Result<(), Failure> {
    let mut left = last.unwrap_or(u32::MAX);
    let mut filter = filter.clone();
    while left > 0 {
        filter.limit = left.min(PAGE);
        let page = ledger.decisions(&filter).await?;
        let n = u32::try_from(page.len()).unwrap_or(left).min(left);
        let oldest = page.last().map(|decision| decision.decision_id);
        for decision in page {
            each(DecisionLine::of(decision))?;
        }
        left -= n;
        if n < filter.limit {
            break;
        }
        filter.before = oldest;
    }
    Ok(())
}

/// What was decided about a file, the newest first: as JSON has it, and each in a line.
pub(super) async fn about_file(
    ledger: &Ledger,
    file_id: i64,
) -> Result<(Vec<DecisionLine>, Vec<String>), Failure> {
    let filter = DecisionFilter {
        file_id: Some(file_id),
        ..DecisionFilter::default()
    };
    let mut about = Vec::new();
    let each = &mut |line| {
        about.push(line);
        Ok(())
    };
    decisions(ledger, &filter, None, each).await?;
    let lines = about.iter().map(DecisionLine::in_a_line).collect();
    Ok((about, lines))
}

pub(super) async fn command(terminal: &Terminal, args: DecisionsArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    if let Some(account) = &args.account {
        config.account(account)?;
    }
    if let Some(file_id) = args.file {
        super::files::file(&ledger, file_id).await?;
    }
    let filter = DecisionFilter {
        account: args.account,
        file_id: args.file,
        ..DecisionFilter::default()
    };
    let mut paper = terminal.paper();
    let mut list = paper.list(COLUMNS)?;
    decisions(&ledger, &filter, args.last, &mut |line| {
        list.push(&line, || line.cells())
    })
    .await?;
    if list.finish()? == 0 {
        terminal.note("nothing was decided yet that fits");
    }
    paper.finish()?;
    ledger.close().await;
    Ok(Exit::Done)
}
