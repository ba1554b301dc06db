//! Which of the hub's requests is a chunk whose answer was lost: decided from whole readings
//! alone, and only where there is one answer both ways.

use std::collections::{BTreeMap, HashSet};

use asaanbill_core::Payment;
use ingest_ledger::{BillRow, RowSet};

use super::likeness::{Likeness, Unclaimed};
use crate::gateway::{Doubt, InTheWay, LookUp, Match};

/// A request that no chunk owns, as it was read.
pub(super) struct Candidate {
    pub(super) request_id: String,
    /// The chunks it is not too old for.
    pub(super) may_be: HashSet<i64>,
    pub(super) contents: Contents,
}

/// What could be read of a request.
pub(super) enum Contents {
    /// All of its payments.
    Whole {
        /// Whether the hub has worked it off.
        processed: bool,
        /// Those of payers in doubt.
        payments: Vec<Listed>,
        /// How many others it holds.
        others: u64,
        /// Whether one of those names no payer, and so may be anybody's.
        nameless: bool,
    },
    /// The hub lists it, but does not show it, or not in a way that can be read.
    Hidden(String),
}

impl Contents {
    /// What is kept of a request that was read whole: many may be read in one look, and most hold
    /// nothing of ours.
    pub(super) fn whole(
        processed: bool,
        payments: &[Payment],
        in_doubt: &HashSet<&str>,
    ) -> Contents {
        let mut kept = Vec::new();
        let mut nameless = false;
        for payment in payments {
            let payer = payment.identifier.as_deref().map(str::trim);
            nameless |= payer.is_none_or(str::is_empty);
            if let Some(payer) = payer.filter(|payer| in_doubt.contains(payer)) {
                kept.push(Listed {
                    payer: payer.to_owned(),
                    likeness: Likeness::of_payment(payment),
                    is_known: payment.status.is_known(),
                });
            }
        }
        Contents::Whole {
            processed,
            others: (payments.len() - kept.len()) as u64,
            payments: kept,
            nameless,
        }
    }
}

/// A payment of a payer in doubt.
pub(super) struct Listed {
    payer: String,
    /// If the hub said all four values.
    likeness: Option<Likeness>,
    /// Whether its status is one that the guide names.
    is_known: bool,
}

/// The payers of these chunks, as requests are searched for them.
pub(super) fn payers(doubts: &[Doubt]) -> HashSet<&str> {
    doubts
        .iter()
        .flat_map(|doubt| doubt.bills.iter().chain(&doubt.settled))
        .map(|bill| bill.identifier.trim())
        .collect()
}

/// Finds the chunks in doubt among the candidates.
pub(super) fn find(doubts: &[Doubt], candidates: &[Candidate]) -> LookUp {
    let mut fits: Vec<Match> = Vec::new();
    let mut in_the_way = Vec::new();
    for doubt in doubts {
        let payers: HashSet<&str> = doubt.bills.iter().map(|b| b.identifier.trim()).collect();
        for candidate in candidates {
            if !candidate.may_be.contains(&doubt.chunk_id) {
                continue;
            }
            let obstacle = |why: String| InTheWay {
                chunk_id: doubt.chunk_id,
                request_id: candidate.request_id.clone(),
                why,
                is_unread: false,
            };
            match &candidate.contents {
                Contents::Hidden(why) => in_the_way.push(InTheWay {
                    is_unread: true,
                    ..obstacle(format!("it can't be read whole: {why}"))
                }),
                Contents::Whole {
                    processed,
                    payments,
                    others,
                    nameless,
                } => {
                    if let Some(rows) = rows_held(doubt, payments, *others) {
                        fits.push(Match {
                            chunk_id: doubt.chunk_id,
                            request_id: candidate.request_id.clone(),
                            rows,
                        });
                    }
                    if !processed {
                        in_the_way.push(obstacle("the hub has not worked it off yet".to_owned()));
                    } else if let Some(theirs) = payments
                        .iter()
                        .find(|payment| payers.contains(payment.payer.as_str()))
                    {
                        in_the_way.push(obstacle(format!(
                            "it bills {}, as this chunk does",
                            theirs.payer
                        )));
                    } else if *nameless {
                        in_the_way.push(InTheWay {
                            is_unread: true,
                            ..obstacle("it holds a payment that names no payer".to_owned())
                        });
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
/// is not among the answer. Nor is one that was settled before: it only is no stranger.
fn rows_held(doubt: &Doubt, payments: &[Listed], others: u64) -> Option<RowSet> {
    if others > 0 {
        return None;
    }
    let likenesses = |bills: &[BillRow]| -> Vec<(u32, Likeness)> {
        let like = |bill: &BillRow| (bill.row_no, Likeness::of_bill(bill));
        bills.iter().map(like).collect()
    };
    let mut unclaimed = Unclaimed::of(likenesses(&doubt.bills));
    let mut settled = Unclaimed::of(likenesses(&doubt.settled));
    let mut rows: Vec<(u32, bool)> = Vec::new();
    for payment in payments {
        let likeness = payment.likeness.as_ref()?;
        match unclaimed.claim(likeness) {
            Some(row_no) => rows.push((row_no, payment.is_known)),
            None => drop(settled.claim(likeness)?),
        }
    }
    let fits = !rows.is_empty() && rows.len() * 2 >= doubt.bills.len();
    fits.then(|| {
        rows.into_iter()
            .filter(|(_, billed)| *billed)
            .map(|(row_no, _)| row_no)
            .collect()
    })
}

#[cfg(test)]
mod tests;
