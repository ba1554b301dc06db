//! `reconcile`: the hub is asked now about everything of an account, or of a file, that is not
//! final. One request a step, so that sending goes on beside it; what was found lost is looked for
//! first. A process that dies in the middle leaves the decision unanswered: it begins anew. Who
//! asked for the same before it began (a timer, say, that is quicker than the hub's rate) has the
//! same answer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ingest_ledger::{AskLine, Decision, LedgerError, RowState};

use super::carry::own_file;
use super::evidence::{Evidence, gathered};
use super::{Answer, Ask, answered};
use crate::account::Served;
use crate::commands::{counted, many};
use crate::gateway::AskError;
use crate::lookup;
use crate::outcomes::{self, Asked};
use crate::road::Step;

/// The hub is given up when so many requests in a row could not be read.
const UNREAD_MAX: u32 = 3;
/// Requests out of sight that are named one by one.
const UNSEEN_NAMED_MAX: usize = 20;

/// A reconciliation under way.
pub struct Reconciling {
    /// The decisions that it answers, ascending.
    decisions: Vec<Decision>,
    left: VecDeque<AskLine>,
    files: BTreeSet<i64>,
    /// Requests that were read whole.
    requests: u64,
    /// Calls whose answer was lost that were looked for, and those of them that were found.
    looked_for: u64,
    found: u64,
    changed: u64,
    moved: BTreeMap<RowState, u64>,
    /// Requests that are out of sight, and the first of them with what the hub said.
    unseen: u64,
    unseen_named: Vec<String>,
    unread: u64,
    unread_in_a_row: u32,
    /// What the hub said, or why it could not be asked, the last time it was not read.
    trouble: Option<String>,
    /// What was seen so far.
    evidence: Evidence,
}

/// Asks about the next request of a reconciliation that was asked for, if one was.
pub(super) async fn step(served: &Served) -> Result<Step, LedgerError> {
    let mut under_way = served.reconciling.lock().await;
    let work = match under_way.take() {
        Some(work) => Ok(work),
        None => {
            let (account, kind) = (&served.account.name, super::RECONCILE);
            let waiting = served.ledger.decisions_waiting(account, kind).await?;
            let Some(first) = waiting.first() else {
                return Ok(Step::Idle(None));
            };
            let asked = first.ask_json.clone();
            let same = waiting.into_iter().filter(|other| other.ask_json == asked);
            let (begun, seen) = gathered(begin(served, &asked, same.collect())).await;
            let mut begun = begun?;
            noted(&mut begun, seen);
            begun
        }
    };
    let end = match work {
        Ok(work) => {
            let (gone_on, seen) = gathered(work.go_on(served)).await;
            let mut gone_on = gone_on?;
            noted(&mut gone_on, seen);
            gone_on
        }
        Err(end) => Err(end),
    };
    match end {
        Ok(work) => *under_way = Some(work),
        Err(End {
            decisions,
            answer,
            evidence,
        }) => {
            for decision in &decisions {
                answered(served, decision, &answer, &evidence).await?;
            }
        }
    }
    Ok(Step::Did)
}

/// A reconciliation that is over.
struct End {
    decisions: Vec<Decision>,
    answer: Answer,
    evidence: Box<Evidence>,
}

impl End {
    /// Nothing was asked.
    fn of(decisions: Vec<Decision>, answer: Answer) -> End {
        End {
            decisions,
            answer,
            evidence: Box::default(),
        }
    }
}

/// With what was seen just now.
fn noted(work: &mut Result<Reconciling, End>, seen: Evidence) {
    match work {
        Ok(work) => work.evidence.and(seen),
        Err(end) => end.evidence.and(seen),
    }
}

/// What there is to ask about, because of these decisions that all ask for the same.
async fn begin(
    served: &Served,
    asked: &str,
    decisions: Vec<Decision>,
) -> Result<Result<Reconciling, End>, LedgerError> {
    let Ok(Ask::Reconcile { file_id }) = serde_json::from_str(asked) else {
        let answer = Answer::refused("this service does not know what was asked for");
        return Ok(Err(End::of(decisions, answer)));
    };
    if let Some(file_id) = file_id {
        match own_file(served, file_id).await {
            Err(LedgerError::Missing(why)) => {
                let answer = Answer::ambiguous(why);
                return Ok(Err(End::of(decisions, answer)));
            }
            file => drop(file?),
        }
    }
    let mut work = Reconciling {
        decisions,
        left: VecDeque::new(),
        files: BTreeSet::new(),
        requests: 0,
        looked_for: 0,
        found: 0,
        changed: 0,
        moved: BTreeMap::new(),
        unseen: 0,
        unseen_named: Vec::new(),
        unread: 0,
        unread_in_a_row: 0,
        trouble: None,
        evidence: Evidence::default(),
    };
    let ledger = &served.ledger;
    let doubts = ledger.unknown_chunks(&served.account.name).await?;
    let meant: BTreeMap<i64, i64> = doubts
        .iter()
        .map(|doubt| (doubt.chunk.chunk_id, doubt.chunk.file_id))
        .filter(|(_, file)| file_id.is_none_or(|file_id| file_id == *file))
        .collect();
    if !meant.is_empty() {
        work.looked_for = meant.len() as u64;
        work.files.extend(meant.values());
        match lookup::look(served, &doubts).await? {
            Ok(looked) => {
                let found = looked.found.iter();
                let found = found.filter(|found| meant.contains_key(&found.chunk_id));
                work.found = found.count() as u64;
            }
            Err(_) => {
                let why = served
                    .unreachable()
                    .unwrap_or_else(|| "the hub could not be read".to_owned());
                return Ok(Err(work.end(Some(why))));
            }
        }
    }
    // What was found just now is among them.
    work.left = ledger
        .open_asks(&served.account.name, file_id)
        .await?
        .into();
    work.files.extend(work.left.iter().map(|line| line.file_id));
    Ok(Ok(work))
}

impl Reconciling {
    /// Asks about the next request, if there is another.
    async fn go_on(mut self, served: &Served) -> Result<Result<Reconciling, End>, LedgerError> {
        let Some(line) = self.left.pop_front() else {
            let trouble = self.trouble.take();
            return Ok(Err(self.end(trouble)));
        };
        match outcomes::ask_now(served, &line).await? {
            Asked::Read(learnt) => {
                self.requests += 1;
                self.unread_in_a_row = 0;
                self.changed += learnt.changed;
                for (state, rows) in learnt.moved {
                    *self.moved.entry(state).or_default() += rows;
                }
            }
            Asked::OutOfSight(why) => {
                self.unseen += 1;
                if self.unseen_named.len() < UNSEEN_NAMED_MAX {
                    let request_id = line.request_id;
                    self.unseen_named.push(format!(
                        "request {request_id} is out of sight at the hub: {why}"
                    ));
                }
            }
            Asked::Unread(error) => {
                self.unread += 1;
                self.unread_in_a_row += 1;
                let why = error.to_string();
                if matches!(error, AskError::Refused(_)) || self.unread_in_a_row >= UNREAD_MAX {
                    return Ok(Err(self.end(Some(why))));
                }
                self.trouble = Some(why);
            }
        }
        Ok(Ok(self))
    }

    /// What it came to.
    fn end(self, trouble: Option<String>) -> End {
        let not_asked = self.unread + self.left.len() as u64;
        let mut answer = Answer {
            files: self.files.into_iter().collect(),
            requests: Some(self.requests),
            changed: Some(self.moved.clone()),
            sets_nothing_going: true,
            ..Answer::default()
        };
        let asked = many(self.requests, "request");
        answer.done.push(match (self.requests, self.changed) {
            (0, _) if self.unseen > 0 => {
                "the hub showed no request that it was asked about".to_owned()
            }
            (0, _) => "the hub was asked about no request".to_owned(),
            (_, 0) => format!("the hub was asked about {asked}: nothing changed"),
            (_, changed) => {
                let moved: Vec<String> = self
                    .moved
                    .iter()
                    .map(|(state, rows)| format!("{state} {rows}"))
                    .collect();
                let rows = counted(changed, "row moved on", "rows moved on");
                match moved.is_empty() {
                    true => format!("the hub was asked about {asked}: {rows}"),
                    false => format!(
                        "the hub was asked about {asked}: {rows} ({})",
                        moved.join(", ")
                    ),
                }
            }
        });
        if self.looked_for > 0 && trouble.is_none() {
            let calls = counted(
                self.looked_for,
                "call whose answer was lost was looked for",
                "calls whose answers were lost were looked for",
            );
            answer.done.push(format!("{calls}: {} found", self.found));
        }
        let unnamed = self.unseen - self.unseen_named.len() as u64;
        answer.left.extend(self.unseen_named);
        if unnamed > 0 {
            answer.left.push(format!(
                "and {}: `ingestd status` names them",
                many(unnamed, "more request")
            ));
        }
        if let Some(why) = trouble {
            let refused = match not_asked {
                0 => format!("the hub could not be asked: {why}"),
                n => format!(
                    "the hub could not be asked about {}: {why}",
                    many(n, "request")
                ),
            };
            answer = Answer {
                done: answer.done,
                left: answer.left,
                files: answer.files,
                requests: answer.requests,
                changed: answer.changed,
                ..Answer::refused_by_hub(refused)
            };
        }
        End {
            decisions: self.decisions,
            answer,
            evidence: Box::new(self.evidence),
        }
    }
}
