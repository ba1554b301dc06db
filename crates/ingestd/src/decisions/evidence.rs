//! What a decision rested on: what stood when it was carried out, and what the hub showed meanwhile.
//!
//! Whoever carries a decision out does so within [`gathered`]; whatever of the hub is read there, by
//! whichever step, is noted by the gateway itself, so that no reading can be forgotten.

use std::cell::RefCell;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use ingest_ledger::{ChunkFilter, FileLine, HubBill, Ledger, LedgerError};
use serde::{Deserialize, Serialize};

use super::Ask;
use crate::gateway::{AskError, LookUp, RequestReading};

/// Requests, lists, and requests in the way of one that are kept one by one.
const NAMED_MAX: usize = 100;

/// What was seen when something was decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// How what it is about stood before, a sentence each.
    pub stood: Vec<String>,
    /// Requests of the hub that were asked about.
    pub requests: Vec<RequestSeen>,
    /// Further ones, that are not named.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_requests: u64,
    /// Readings of the hub's whole list of requests.
    pub lists: Vec<ListSeen>,
    /// What had been read so shortly before that it was not read again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub just_read: Vec<String>,
}

/// One request, as the hub showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestSeen {
    /// The hub's number.
    pub request_id: String,
    /// When.
    pub read_at: DateTime<Utc>,
    /// Whether the hub had worked it off.
    pub processed: bool,
    /// Our rows in it, by the state that the hub's word stands for (`unproven`: a word that stands
    /// for none).
    pub rows: BTreeMap<String, u64>,
    /// Rows that were asked about and that it did not show.
    pub not_shown: u64,
    /// Payments of others in it.
    pub others: u64,
    /// Why it could not be read, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

/// The hub's list of requests, read whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSeen {
    /// When.
    pub read_at: DateTime<Utc>,
    /// How many requests it held.
    pub requests: u64,
    /// Those that were found to be a chunk of ours.
    pub found: Vec<String>,
    /// Those that might hold what was in doubt, each with why.
    pub in_the_way: Vec<String>,
    /// Why it could not be read, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

tokio::task_local! {
    static SEEN: RefCell<Evidence>;
}

/// Does something, and notes what of the hub is read meanwhile.
pub async fn gathered<T>(work: impl Future<Output = T>) -> (T, Evidence) {
    SEEN.scope(RefCell::default(), async {
        let came = work.await;
        (came, SEEN.with(RefCell::take))
    })
    .await
}

/// Notes it where a decision is being carried out; otherwise nobody wants to know.
fn note(into: impl FnOnce(&mut Evidence)) {
    // An error says that no decision is being carried out.
    let _ = SEEN.try_with(|seen| into(&mut seen.borrow_mut()));
}

/// A request was asked about.
pub(crate) fn request_read(request_id: &str, read: Result<&RequestReading, &AskError>) {
    note(|seen| {
        seen.add_request(request_id, read.err(), |request| {
            let Ok(reading) = read else { return };
            request.processed = reading.processed;
            request.not_shown = reading.absent.len();
            request.others = reading.foreign;
            for row in &reading.rows {
                let state = row.state.map_or("unproven", |state| state.as_str());
                *request.rows.entry(state.to_owned()).or_default() += 1;
            }
        });
    });
}

/// A request that no chunk owns was read, for all of its bills.
pub(crate) fn bills_read(request_id: &str, read: Result<&[HubBill], &AskError>) {
    note(|seen| {
        seen.add_request(request_id, read.err(), |request| {
            request.others = read.map_or(0, |bills| bills.len() as u64);
        });
    });
}

/// The hub's list was read, and held against what is in doubt.
pub(crate) fn list_read(looked: Result<&LookUp, &AskError>) {
    note(|seen| {
        let mut list = ListSeen {
            read_at: Utc::now(),
            requests: 0,
            found: Vec::new(),
            in_the_way: Vec::new(),
            unread: looked.err().map(ToString::to_string),
        };
        if let Ok(looked) = looked {
            list.requests = looked.listed.len() as u64;
            let found = looked.found.iter().take(NAMED_MAX);
            list.found = found.map(|found| found.request_id.clone()).collect();
            let in_the_way = looked.in_the_way.iter().take(NAMED_MAX);
            list.in_the_way = in_the_way
                .map(|one| format!("{}: {}", one.request_id, one.why))
                .collect();
        }
        seen.add_list(list);
    });
}

/// The hub's list was read whole, for its numbers alone.
pub(crate) fn numbers_read(requests: u64) {
    note(|seen| {
        seen.add_list(ListSeen {
            read_at: Utc::now(),
            requests,
            found: Vec::new(),
            in_the_way: Vec::new(),
            unread: None,
        });
    });
}

/// This was read so shortly before that it is not read again.
pub(crate) fn just_read(what: impl FnOnce() -> String) {
    note(|seen| {
        if seen.just_read.len() < NAMED_MAX {
            seen.just_read.push(what());
        }
    });
}

impl Evidence {
    fn add_request(
        &mut self,
        request_id: &str,
        unread: Option<&AskError>,
        fill: impl FnOnce(&mut RequestSeen),
    ) {
        if self.requests.len() >= NAMED_MAX {
            self.more_requests += 1;
            return;
        }
        let mut request = RequestSeen {
            request_id: request_id.to_owned(),
            read_at: Utc::now(),
            processed: false,
            rows: BTreeMap::new(),
            not_shown: 0,
            others: 0,
            unread: unread.map(ToString::to_string),
        };
        fill(&mut request);
        self.requests.push(request);
    }

    fn add_list(&mut self, list: ListSeen) {
        if self.lists.len() < NAMED_MAX {
            self.lists.push(list);
        }
    }

    /// With what was seen after it.
    pub(super) fn and(&mut self, later: Evidence) {
        let more = later.requests.len() + self.requests.len();
        self.more_requests += later.more_requests + more.saturating_sub(NAMED_MAX) as u64;
        self.stood.extend(later.stood);
        self.requests.extend(later.requests);
        self.requests.truncate(NAMED_MAX);
        self.lists.extend(later.lists);
        self.lists.truncate(NAMED_MAX);
        self.just_read.extend(later.just_read);
        self.just_read.truncate(NAMED_MAX);
    }

    /// As it is stored.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("evidence is plain texts and numbers")
    }
}

/// How what is asked about stands.
pub(super) async fn stands(ledger: &Ledger, ask: &Ask) -> Result<Vec<String>, LedgerError> {
    let mut stood = Vec::new();
    if let Ask::Resolve { chunk_id, .. } = ask {
        let filter = ChunkFilter {
            after: Some(chunk_id.saturating_sub(1)),
            limit: 1,
            ..ChunkFilter::default()
        };
        let chunks = ledger.chunks(&filter).await?;
        for chunk in chunks.iter().filter(|chunk| chunk.chunk_id == *chunk_id) {
            stood.push(format!(
                "chunk {chunk_id}: {}, rows {}, calls {}{}{}",
                chunk.state,
                chunk.row_count,
                chunk.attempts,
                said(
                    " at ",
                    chunk.sent_at.map(|at| at.format("%Y-%m-%d %H:%M:%S UTC"))
                ),
                said(", ", chunk.message.as_deref()),
            ));
        }
    }
    for file_id in files_of(ledger, ask).await? {
        if let Some(file) = ledger.file(file_id).await? {
            stood.push(file_stands(&file));
        }
    }
    Ok(stood)
}

/// The files that an ask names.
pub(super) async fn files_of(ledger: &Ledger, ask: &Ask) -> Result<Vec<i64>, LedgerError> {
    Ok(match ask {
        Ask::Submit { .. } | Ask::Restored {} => Vec::new(),
        Ask::Retry { file_id, .. } | Ask::Reconcile { file_id } => {
            file_id.iter().copied().collect()
        }
        Ask::Approve { file_id, .. } | Ask::Cancel { file_id } => vec![*file_id],
        Ask::Resolve { chunk_id, .. } => {
            let chunk = ledger.chunk(*chunk_id).await?;
            chunk.map(|chunk| chunk.file_id).into_iter().collect()
        }
    })
}

fn file_stands(file: &FileLine) -> String {
    let counts: Vec<String> = file
        .counts
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(state, n)| format!("{state} {n}"))
        .collect();
    format!(
        "file {} ({}): {}{}{}",
        file.file_id,
        file.file_name,
        file.state,
        said(": ", (!counts.is_empty()).then(|| counts.join(", "))),
        said(", held itself: ", file.hold_reason.as_deref()),
    )
}

/// Something that may be missing, with what introduces it.
fn said(before: &str, what: Option<impl std::fmt::Display>) -> String {
    what.map(|what| format!("{before}{what}"))
        .unwrap_or_default()
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use ingest_ledger::RowSet;

    fn reading() -> RequestReading {
        RequestReading {
            processed: true,
            rows: Vec::new(),
            absent: RowSet::range(1, 2),
            foreign: 3,
        }
    }

    #[tokio::test]
    async fn what_is_read_for_a_decision_is_its_evidence_and_nothing_else_is() {
        request_read("1", Ok(&reading()));
        let ((), seen) = gathered(async {
            request_read("2", Ok(&reading()));
            tokio::task::yield_now().await;
            request_read("3", Err(&AskError::NotFound("none".to_owned())));
            list_read(Ok(&LookUp::default()));
        })
        .await;
        request_read("4", Ok(&reading()));
        let named: Vec<&str> = seen
            .requests
            .iter()
            .map(|r| r.request_id.as_str())
            .collect();
        assert_eq!(named, ["2", "3"]);
        assert_eq!(
            (seen.requests[0].not_shown, seen.requests[0].others),
            (2, 3)
        );
        assert!(seen.requests[1].unread.is_some());
        assert_eq!(seen.lists.len(), 1);
    }

    #[tokio::test]
    async fn the_evidence_of_a_long_reconciliation_stays_short() {
        let mut all = Evidence::default();
        for _ in 0..3 {
            let ((), seen) = gathered(async {
                for _ in 0..70 {
                    request_read("1", Ok(&reading()));
                }
            })
            .await;
            all.and(seen);
        }
        assert_eq!((all.requests.len(), all.more_requests), (NAMED_MAX, 110));
    }
}
