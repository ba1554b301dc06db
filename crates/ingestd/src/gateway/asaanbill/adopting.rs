//! Which of the hub's requests is a chunk whose answer was lost: decided from whole readings
//! alone, and only where there is one answer both ways.

use std::collections::{BTreeMap, HashSet};

use asaanbill_core::Payment;
use chrono::{DateTime, TimeDelta, Utc};
use ingest_ledger::RowSet;

use super::likeness::{Likeness, Unclaimed};
use crate::gateway::{Doubt, InTheWay, LookUp, Match};

/// A request that no chunk owns, as it was read.
pub(super) struct Candidate {
    pub(super) request_id: String,
    /// When the hub says it was made, if that can be read.
    pub(super) created_at: Option<DateTime<Utc>>,
    pub(super) contents: Contents,
}

/// What could be read of a request.
pub(super) enum Contents {
    /// All of its payments.
    Whole {
        /// Whether the hub has worked it off.
        processed: bool,
        /// Every payment it holds.
        payments: Vec<Payment>,
    },
    /// The hub lists it, but does not show it.
    Hidden(String),
}

/// How long before its attempt a request may have been made and still be the chunk's: clocks
/// and zones differ by less.
pub(super) const EARLIER_MAX: TimeDelta = TimeDelta::days(1);

/// Whether a request's time alone excludes it for an attempt.
pub(super) fn too_old(created_at: Option<DateTime<Utc>>, attempt_at: DateTime<Utc>) -> bool {
    created_at.is_some_and(|created_at| created_at < attempt_at - EARLIER_MAX)
}

/// Finds the chunks in doubt among the candidates.
pub(super) fn find(doubts: &[Doubt], candidates: &[Candidate]) -> LookUp {
    let mut fits: Vec<Match> = Vec::new();
    let mut in_the_way = Vec::new();
    for doubt in doubts {
        let identifiers: HashSet<&str> = doubt
            .bills
            .iter()
            .map(|bill| bill.identifier.trim())
            .collect();
        for candidate in candidates {
            if too_old(candidate.created_at, doubt.attempt_at) {
                continue;
            }
            let obstacle = |why: String| InTheWay {
                chunk_id: doubt.chunk_id,
                request_id: candidate.request_id.clone(),
                why,
            };
            match &candidate.contents {
                Contents::Hidden(why) => {
                    in_the_way.push(obstacle(format!("it can't be read whole: {why}")));
                }
                Contents::Whole {
                    processed,
                    payments,
                } => {
                    if let Some(rows) = rows_held(doubt, payments) {
                        fits.push(Match {
                            chunk_id: doubt.chunk_id,
                            request_id: candidate.request_id.clone(),
                            rows,
                        });
                    }
                    if !processed {
                        in_the_way.push(obstacle("the hub has not worked it off yet".to_owned()));
                    } else if let Some(identifier) = payments.iter().find_map(|payment| {
                        let identifier = payment.identifier.as_deref()?.trim();
                        identifiers.contains(identifier).then_some(identifier)
                    }) {
                        in_the_way.push(obstacle(format!(
                            "it bills {identifier}, as this chunk does"
                        )));
                    }
                }
            }
        }
    }
    let mut per_chunk: BTreeMap<i64, usize> = BTreeMap::new();
    let mut per_request: BTreeMap<String, usize> = BTreeMap::new();
    for fit in &fits {
        *per_chunk.entry(fit.chunk_id).or_default() += 1;
        *per_request.entry(fit.request_id.clone()).or_default() += 1;
    }
    fits.retain(|fit| per_chunk[&fit.chunk_id] == 1 && per_request[&fit.request_id] == 1);
    LookUp {
        found: fits,
        in_the_way,
        listed: HashSet::new(),
    }
}

/// The rows of a chunk that a request bills, if all its payments are rows of the chunk, one to
/// one by all four values, and they are at least half of it. A payment whose status is in no list
/// (a refusal, in the hub's words) speaks for the match, and does not prove a bill: such a row
/// is not among the answer.
fn rows_held(doubt: &Doubt, payments: &[Payment]) -> Option<RowSet> {
    let mut unclaimed = Unclaimed::of(
        doubt
            .bills
            .iter()
            .map(|bill| (bill.row_no, Likeness::of_bill(bill))),
    );
    let rows: Option<Vec<(u32, bool)>> = payments
        .iter()
        .map(|payment| {
            let row_no = unclaimed.claim(&Likeness::of_payment(payment)?)?;
            Some((row_no, payment.status.is_known()))
        })
        .collect();
    let rows = rows?;
    let fits = !rows.is_empty() && rows.len() * 2 >= doubt.bills.len();
    fits.then(|| {
        rows.into_iter()
            .filter(|(_, billed)| *billed)
            .map(|(row_no, _)| row_no)
            .collect()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ingest_ledger::BillRow;

    fn doubt(chunk_id: i64, identifiers: &[&str]) -> Doubt {
        Doubt {
            chunk_id,
            attempt_at: "2035-01-10T10:00:00Z".parse().unwrap(),
            bills: identifiers
                .iter()
                .zip(1..)
                .map(|(identifier, row_no)| BillRow {
                    row_no,
                    row_number: i64::from(row_no) + 1,
                    sheet: String::new(),
                    title: "T".to_owned(),
                    identifier: (*identifier).to_owned(),
                    amount: 150_000,
                    due_date: "2035-08-31".parse().unwrap(),
                    amount_after_due_date: 160_000,
                })
                .collect(),
        }
    }

    fn payments(identifiers: &[&str], amount: &str) -> Vec<Payment> {
        identifiers
            .iter()
            .map(|identifier| {
                serde_json::from_value(serde_json::json!({
                    "id": 1, "identifier": identifier, "amount": amount,
                    "amountAfterDueDate": "1600.0", "dueDate": "31-08-2035", "status": "DRAFT",
                }))
                .unwrap()
            })
            .collect()
    }

    fn request(id: &str, identifiers: &[&str]) -> Candidate {
        Candidate {
            request_id: id.to_owned(),
            created_at: Some("2035-01-10T10:00:00Z".parse().unwrap()),
            contents: Contents::Whole {
                processed: true,
                payments: payments(identifiers, "1500.0"),
            },
        }
    }

    #[test]
    fn a_request_that_holds_at_least_half_of_a_chunk_and_nothing_else_is_the_chunk() {
        let found = find(&[doubt(1, &["A", "B", "C"])], &[request("7", &["C", "A"])]).found;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].chunk_id, found[0].request_id.as_str()), (1, "7"));
        assert_eq!(found[0].rows, [1, 3].into_iter().collect());
    }

    #[test]
    fn a_listed_refusal_speaks_for_the_match_and_proves_no_bill() {
        let mut listed = payments(&["A", "B"], "1500");
        listed[1].status = asaanbill_core::PaymentStatus::Other("not wanted".to_owned());
        let request = Candidate {
            contents: Contents::Whole {
                processed: true,
                payments: listed,
            },
            ..request("7", &[])
        };
        let found = find(&[doubt(1, &["A", "B"])], &[request]).found;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].rows, [1].into_iter().collect());
    }

    #[test]
    fn less_than_half_of_a_chunk_is_no_match_but_stands_in_the_way() {
        let looked = find(&[doubt(1, &["A", "B", "C"])], &[request("7", &["A"])]);
        assert!(looked.found.is_empty());
        assert_eq!(looked.in_the_way.len(), 1);
    }

    #[test]
    fn a_foreign_row_another_amount_or_one_row_twice_is_no_match() {
        let doubts = [doubt(1, &["A", "B"])];
        assert!(
            find(&doubts, &[request("7", &["A", "B", "X"])])
                .found
                .is_empty()
        );
        assert!(find(&doubts, &[request("7", &["A", "A"])]).found.is_empty());
        let other_amount = Candidate {
            contents: Contents::Whole {
                processed: true,
                payments: payments(&["A", "B"], "1400"),
            },
            ..request("7", &[])
        };
        let looked = find(&doubts, &[other_amount]);
        assert!(looked.found.is_empty());
        assert_eq!(
            looked.in_the_way.len(),
            1,
            "the same payers: not to be called absent"
        );
    }

    #[test]
    fn two_requests_that_fit_or_two_chunks_in_doubt_are_no_match() {
        let both = [request("7", &["A", "B"]), request("8", &["A", "B"])];
        assert!(find(&[doubt(1, &["A", "B"])], &both).found.is_empty());
        let doubts = [doubt(1, &["A", "B"]), doubt(2, &["A", "B"])];
        assert!(find(&doubts, &[request("7", &["A", "B"])]).found.is_empty());
    }

    #[test]
    fn a_time_excludes_a_request_only_if_it_can_be_read_and_is_a_day_older() {
        let old = Candidate {
            created_at: Some("2035-01-09T09:59:00Z".parse().unwrap()),
            ..request("7", &["A", "B"])
        };
        let looked = find(&[doubt(1, &["A", "B"])], &[old]);
        assert!(looked.found.is_empty() && looked.in_the_way.is_empty());
        let without_time = Candidate {
            created_at: None,
            ..request("7", &["A", "B"])
        };
        assert_eq!(
            find(&[doubt(1, &["A", "B"])], &[without_time]).found.len(),
            1
        );
    }

    #[test]
    fn a_request_not_worked_off_or_not_shown_stands_in_the_way_of_everything() {
        let open = Candidate {
            contents: Contents::Whole {
                processed: false,
                payments: Vec::new(),
            },
            ..request("7", &[])
        };
        let hidden = Candidate {
            contents: Contents::Hidden("404".to_owned()),
            ..request("8", &[])
        };
        let looked = find(&[doubt(1, &["A"])], &[open, hidden]);
        assert!(looked.found.is_empty());
        assert_eq!(looked.in_the_way.len(), 2);
    }
}
