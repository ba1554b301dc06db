//! Reading the hub's requests, whole or not at all: the list of them, one with its payments, and
//! those that nobody owns, among which a chunk whose answer was lost may be.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use asaanbill_core::{BulkRequest, Page, Payment};
use asaanbill_http::{Client, PageAsk, ReadError};
use chrono::{DateTime, Utc};

use super::adopting::{self, Candidate, Contents, payers};
use super::age::{Earlier, OLDER_BY};
use super::asked;
use crate::gateway::{AskError, Doubt, LookUp};

/// A list of more pages than this is not believed.
const PAGES_MAX: u64 = 10_000;
/// How many entries the guide puts into a page where nobody asks for a size.
const USUAL_PAGE: u64 = 100;
/// So many requests that nobody owns are read in one look, the newest by number. Those beyond
/// are not passed over: they stand in the way of what only an absence proves.
const UNOWNED_MAX: usize = 1_000;

/// What is known of the hub's requests without reading them.
pub(super) struct Known<'a> {
    /// Those that chunks own.
    pub(super) owned: &'a HashSet<String>,
    /// By chunk, those whose numbers came back before the chunk was first sent.
    pub(super) taken_before: &'a HashMap<i64, HashSet<String>>,
    /// Those that were listed before our first call, and when.
    pub(super) listed_before: &'a HashMap<String, DateTime<Utc>>,
}

/// Looks for chunks in doubt among the requests that nobody owns.
///
/// One request that can't be read hides itself alone; the hub being away, refusing us or asking
/// to wait ends the look, and nothing is decided.
pub(super) async fn look(
    client: &Client,
    doubts: &[Doubt],
    known: &Known<'_>,
) -> Result<LookUp, AskError> {
    let requests = all_requests(client).await?;
    let earlier: Vec<(i64, Earlier)> = doubts
        .iter()
        .map(|doubt| {
            let taken_before = known.taken_before.get(&doubt.chunk_id);
            (doubt.chunk_id, Earlier::of(&requests, taken_before))
        })
        .collect();
    let may_be = |request: &BulkRequest| -> HashSet<i64> {
        if is_of_the_past(request, known.listed_before) {
            return HashSet::new();
        }
        earlier
            .iter()
            .filter(|(_, earlier)| !earlier.excludes(request))
            .map(|(chunk_id, _)| *chunk_id)
            .collect()
    };
    let mut unowned: Vec<(Option<i64>, HashSet<i64>)> = requests
        .iter()
        .filter(|request| {
            request
                .id
                .is_none_or(|id| !known.owned.contains(&id.to_string()))
        })
        .map(|request| (request.id, may_be(request)))
        .filter(|(_, may_be)| !may_be.is_empty())
        .collect();
    unowned.sort_by_key(|(id, _)| Reverse(*id));
    let beyond = unowned.split_off(unowned.len().min(UNOWNED_MAX));

    let in_doubt = payers(doubts);
    let mut candidates = Vec::new();
    for (id, may_be) in unowned {
        let request_id = told(id);
        let contents = contents_of(client, id, &in_doubt).await?;
        if matches!(contents, Contents::Hidden(_)) {
            tracing::warn!(
                request = %request_id,
                "a request that no chunk owns can't be read; the look goes on without it"
            );
        }
        candidates.push(Candidate {
            request_id,
            may_be,
            contents,
        });
    }
    if let Some((id, _)) = beyond.first() {
        let why = format!(
            "it is one of {} that no chunk owns and that were too many to be read at once",
            beyond.len()
        );
        candidates.push(Candidate {
            request_id: told(*id),
            may_be: doubts.iter().map(|doubt| doubt.chunk_id).collect(),
            contents: Contents::Hidden(why),
        });
    }
    Ok(LookUp {
        listed: requests
            .iter()
            .filter_map(|request| Some(request.id?.to_string()))
            .collect(),
        ..adopting::find(doubts, &candidates)
    })
}

/// Was it there before our first call, and old by then? One of the last day is looked at all the
/// same: a payer who was billed elsewhere yesterday is worth a person's look.
fn is_of_the_past(request: &BulkRequest, listed_before: &HashMap<String, DateTime<Utc>>) -> bool {
    let created_at = request.created_at.as_ref().and_then(|time| time.utc);
    match (listed_before.get(&told(request.id)), created_at) {
        (Some(listed_at), Some(created_at)) => {
            listed_at.signed_duration_since(created_at) > OLDER_BY
        }
        _ => false,
    }
}

/// The numbers of the requests that the hub lists, as far as some pages tell: of one who has called
/// the hub before with another program there may be any number.
pub(super) async fn listed(client: &Client) -> Result<HashSet<String>, AskError> {
    const PAGES: usize = 50;
    let mut numbers = HashSet::new();
    let mut rest = Rest::default();
    let mut ask = PageAsk::first();
    let mut read = 0;
    for _ in 0..PAGES {
        let mut page = match client.bulk_requests(ask).await {
            Ok(page) => page,
            Err(error) if read == 0 => return Err(asked(error)),
            // What was read is true; the rest is looked at when an answer is lost.
            Err(_) => break,
        };
        let promises_more = rest.follows(&mut page, Some(ask.page_size), read);
        let before = numbers.len();
        let ids = page.content.iter().filter_map(|request| request.id);
        numbers.extend(ids.map(|id| id.to_string()));
        if !promises_more || numbers.len() == before {
            break;
        }
        read += page.content.len();
        ask = ask.next();
    }
    Ok(numbers)
}

/// The number of every request that the hub lists.
pub(super) async fn every_number(client: &Client) -> Result<Vec<String>, AskError> {
    let requests = all_requests(client).await?;
    let numbers: Option<Vec<i64>> = requests.iter().map(|request| request.id).collect();
    let numbers = numbers.ok_or_else(|| {
        AskError::Unreadable("it lists a bulk request without a number".to_owned())
    })?;
    Ok(numbers.iter().map(i64::to_string).collect())
}

fn told(id: Option<i64>) -> String {
    id.map_or_else(|| "without a number".to_owned(), |id| id.to_string())
}

/// What a request holds, or why that can't be said.
async fn contents_of(
    client: &Client,
    id: Option<i64>,
    in_doubt: &HashSet<&str>,
) -> Result<Contents, AskError> {
    let Some(id) = id else {
        let why = "the hub lists it without a number to ask for";
        return Ok(Contents::Hidden(why.to_owned()));
    };
    match request(client, id).await {
        Ok((processed, payments)) => Ok(Contents::whole(processed, &payments, in_doubt)),
        Err(AskError::Hidden(why) | AskError::NotFound(why)) => Ok(Contents::Hidden(why)),
        Err(error) => Err(error),
    }
}

/// One request with all of its payments, and whether the hub has worked it off. Where it can't be
/// had the hub is asked for something else: only if it answers is that the one request's trouble.
pub(super) async fn request(client: &Client, id: i64) -> Result<(bool, Vec<Payment>), AskError> {
    let error = match request_whole(client, id).await {
        Ok(whole) => return Ok(whole),
        Err(Unread::Miscounted(why)) => return Err(AskError::Hidden(why)),
        Err(Unread::Failed(error)) => error,
    };
    match error {
        ReadError::NotFound { message } => Err(AskError::NotFound(message)),
        // A refusal of one request is not a refusal of the account.
        ReadError::Forbidden { message } => {
            Err(AskError::NotFound(format!("it may not be read: {message}")))
        }
        // An answer of no use, a 5xx, none in time or no connection.
        ReadError::Refused { .. }
        | ReadError::Unreadable { .. }
        | ReadError::Unreachable { .. } => {
            let anything = PageAsk::first().of_size(1);
            client.bulk_requests(anything).await.map_err(asked)?;
            Err(AskError::Hidden(error.to_string()))
        }
        error => Err(asked(error)),
    }
}

/// Every page of the list of requests, newest or oldest first as the hub likes.
async fn all_requests(client: &Client) -> Result<Vec<BulkRequest>, AskError> {
    let mut requests: Vec<BulkRequest> = Vec::new();
    let mut seen = HashSet::new();
    let mut rest = Rest::default();
    let mut ask = PageAsk::first();
    for _ in 0..PAGES_MAX {
        let mut page = client.bulk_requests(ask).await.map_err(asked)?;
        let read = requests.len();
        let promises_more = rest.follows(&mut page, Some(ask.page_size), read);
        for request in page.content {
            match request.id {
                // One that moved to the next page while we read is not counted twice.
                Some(id) if !seen.insert(id) => {}
                _ => requests.push(request),
            }
        }
        if !promises_more {
            return Ok(requests);
        }
        if requests.len() == read {
            return Err(AskError::Unreadable(
                "its list of requests promises more than it carries".to_owned(),
            ));
        }
        ask = ask.next();
    }
    Err(AskError::Unreadable(
        "its list of requests does not end".to_owned(),
    ))
}

/// Why a request could not be read whole.
#[derive(Debug)]
pub(super) enum Unread {
    /// The hub answered about it, and what it said does not add up.
    Miscounted(String),
    /// The client's call failed.
    Failed(ReadError),
}

impl From<ReadError> for Unread {
    fn from(error: ReadError) -> Unread {
        Unread::Failed(error)
    }
}

async fn request_whole(client: &Client, id: i64) -> Result<(bool, Vec<Payment>), Unread> {
    let mut payments: Vec<Payment> = Vec::new();
    let mut ids = HashSet::new();
    let mut rest = Rest::default();
    let mut detail = client.bulk_request(id).await?;
    // The guide gives this call no pages: none is asked for, and a hub that makes them all the
    // same goes on in the size it began with.
    let mut wanted = None;
    let begun_with = u32::try_from(detail.payments.content.len()).unwrap_or(u32::MAX);
    let mut ask = PageAsk::first().of_size(begun_with.max(1));
    for _ in 0..PAGES_MAX {
        if detail.id.is_some_and(|told| told != id) {
            return Err(Unread::Miscounted(format!(
                "asked about request {id}, it answered about another"
            )));
        }
        let read = payments.len();
        let promises_more = rest.follows(&mut detail.payments, wanted, read);
        for payment in detail.payments.content {
            match payment.id {
                Some(id) if !ids.insert(id) => {}
                _ => payments.push(payment),
            }
        }
        let processed = detail.status.is_processed();
        if !promises_more {
            return Ok((processed, payments));
        }
        if payments.len() == read {
            return Err(Unread::Miscounted(format!(
                "request {id} promises more payments than it carries"
            )));
        }
        ask = ask.next();
        wanted = Some(ask.page_size);
        detail = client.bulk_request_page(id, ask).await?;
    }
    Err(Unread::Miscounted(format!(
        "the payments of request {id} do not end"
    )))
}

/// What the pages read so far say of the rest: a page without a word of it does not take back
/// what an earlier one promised.
#[derive(Default)]
struct Rest {
    total: Option<u64>,
    total_pages: Option<u64>,
    not_the_last: bool,
}

impl Rest {
    /// Whether more must follow this page, before which `read` entries were read. Without a size
    /// that was asked for or told, as many as the guide's lists have in a page may be one.
    fn follows<T>(&mut self, page: &mut Page<T>, asked: Option<u32>, read: usize) -> bool {
        let entries = page.content.len() as u64;
        page.page_size = match (asked.map(u64::from), page.page_size) {
            (Some(asked), told) => Some(told.map_or(asked, |told| told.min(asked))),
            (None, None) => Some(USUAL_PAGE).filter(|usual| *usual == entries),
            (None, told) => told,
        };
        self.total = page.total.or(self.total);
        self.total_pages = page.total_pages.or(self.total_pages);
        (page.total, page.total_pages) = (self.total, self.total_pages);
        let broken_off = self.not_the_last && entries == 0 && page.is_last != Some(true);
        self.not_the_last = page.is_last == Some(false);
        broken_off || page.promises_more(read as u64 + entries)
    }
}

#[cfg(test)]
mod tests;
