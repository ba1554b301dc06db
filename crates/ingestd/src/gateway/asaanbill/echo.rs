//! What an add-bulk echo proves about the rows that were sent (guide, section 3).
//!
//! A row settles by position where all four values agree, else as one of a set of equals. An
//! echo that names another row, or leaves ours out, proves nothing about it: such rows are
//! read from the bulk request later, never guessed.

use std::collections::{BTreeMap, HashMap};

use asaanbill_core::{EchoRow, EchoStatus};
use ingest_ledger::planted::Bug;
use ingest_ledger::{BillRow, RowSet};

use super::likeness::Likeness;

/// What an echo says of the rows that were sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct EchoVerdict {
    /// Rows the hub accepted, by row number in the file.
    pub(super) accepted: Vec<u32>,
    /// Rows it refused, with its words.
    pub(super) refused: Vec<(u32, String)>,
    /// Rows it says nothing certain about.
    pub(super) unproven: RowSet,
}

/// Holds an echo against the rows that were sent, in the order they were sent.
pub(super) fn settle(bills: &[BillRow], echo: &[EchoRow]) -> EchoVerdict {
    let heard: Vec<Option<Likeness>> = echo
        .iter()
        .map(|row| {
            Likeness::heard(
                row.identifier.as_deref(),
                &row.amount,
                &row.amount_after_due_date,
                &row.due_date,
            )
        })
        .collect();
    let mut verdicts: BTreeMap<u32, &EchoStatus> = BTreeMap::new();
    let mut left_bills: HashMap<Likeness, Vec<u32>> = HashMap::new();
    let mut left_echo: HashMap<&Likeness, Vec<&EchoStatus>> = HashMap::new();
    for (at, bill) in bills.iter().enumerate() {
        let likeness = Likeness::of_bill(bill);
        let in_place = heard.get(at).and_then(Option::as_ref);
        let believed = Bug::EchoByPositionAlone.is_planted() && in_place.is_some();
        if in_place == Some(&likeness) || believed {
            verdicts.insert(bill.row_no, &echo[at].status);
        } else {
            left_bills.entry(likeness).or_default().push(bill.row_no);
        }
    }
    for (at, likeness) in heard.iter().enumerate() {
        let in_place = bills
            .get(at)
            .is_some_and(|bill| verdicts.contains_key(&bill.row_no));
        if let (false, Some(likeness)) = (in_place, likeness) {
            left_echo
                .entry(likeness)
                .or_default()
                .push(&echo[at].status);
        }
    }
    let mut verdict = EchoVerdict::default();
    let mut unproven = Vec::new();
    for (likeness, rows) in &left_bills {
        match left_echo.get(likeness) {
            // As many answers as rows, and all alike: which is whose makes no difference.
            Some(statuses)
                if statuses.len() == rows.len()
                    && statuses.iter().all(|status| *status == statuses[0]) =>
            {
                verdicts.extend(rows.iter().map(|row| (*row, statuses[0])));
            }
            _ => unproven.extend_from_slice(rows),
        }
    }
    for (row_no, status) in verdicts {
        match status {
            EchoStatus::Accepted => verdict.accepted.push(row_no),
            EchoStatus::Refused(words) => verdict.refused.push((row_no, words.clone())),
            EchoStatus::Unsaid => unproven.push(row_no),
        }
    }
    verdict.unproven = unproven.into_iter().collect();
    verdict
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn bill(row_no: u32, identifier: &str, amount: i64) -> BillRow {
        BillRow {
            row_no,
            row_number: i64::from(row_no) + 1,
            sheet: "Sheet".to_owned(),
            title: "T".to_owned(),
            identifier: identifier.to_owned(),
            amount,
            due_date: "2035-08-31".parse().unwrap(),
            amount_after_due_date: amount,
        }
    }

    fn echo(identifier: &str, rupees: &str, due_date: &str, status: &str) -> EchoRow {
        serde_json::from_value(serde_json::json!({
            "title": "T", "identifier": identifier, "amount": rupees, "dueDate": due_date,
            "amountAfterDueDate": rupees, "status": status,
        }))
        .unwrap()
    }

    fn set(rows: &[u32]) -> RowSet {
        rows.iter().copied().collect()
    }

    #[test]
    fn rows_in_place_settle_by_their_own_status() {
        let bills = [bill(1, "A", 150_000), bill(2, "B", 160_000)];
        let rows = [
            echo("A", "1500", "2035-08-31", "PROCESSED"),
            echo("B", "1600", "31-08-2035", "identifier is blocked"),
        ];
        let verdict = settle(&bills, &rows);
        assert_eq!(verdict.accepted, [1]);
        assert_eq!(verdict.refused, [(2, "identifier is blocked".to_owned())]);
        assert!(verdict.unproven.is_empty());
    }

    #[test]
    fn a_shuffled_echo_settles_every_row_by_what_it_is() {
        let bills = [bill(1, "A", 150_000), bill(2, "B", 160_000)];
        let rows = [
            echo("B", "1600", "2035-08-31", "no"),
            echo("A", "1500", "2035-08-31", "PROCESSED"),
        ];
        let verdict = settle(&bills, &rows);
        assert_eq!(verdict.accepted, [1]);
        assert_eq!(verdict.refused, [(2, "no".to_owned())]);
    }

    #[test]
    fn an_echo_of_other_dates_fewer_rows_or_strangers_proves_nothing() {
        let bills = [
            bill(1, "A", 150_000),
            bill(2, "B", 160_000),
            bill(3, "C", 100),
        ];
        let rows = [
            echo("A", "1500", "2034-01-31", "PROCESSED"),
            echo("STRANGER", "1600", "2035-08-31", "PROCESSED"),
        ];
        let verdict = settle(&bills, &rows);
        assert!(verdict.accepted.is_empty() && verdict.refused.is_empty());
        assert_eq!(verdict.unproven, set(&[1, 2, 3]));
    }

    #[test]
    fn equal_rows_with_unequal_answers_are_not_told_apart() {
        let bills = [bill(1, "A", 100), bill(2, "A", 100)];
        let rows = [
            echo("Z", "1", "2035-08-31", "PROCESSED"),
            echo("Z", "1", "2035-08-31", "PROCESSED"),
            echo("A", "1", "2035-08-31", "PROCESSED"),
            echo("A", "1", "2035-08-31", "refused"),
        ];
        assert_eq!(settle(&bills, &rows).unproven, set(&[1, 2]));
    }

    proptest! {
        #[test]
        fn every_row_is_settled_once_or_unproven(
            sent in proptest::collection::vec((0_u8..6, 1_i64..4), 0..12),
            heard in proptest::collection::vec((0_u8..7, 1_i64..4, any::<bool>()), 0..14),
        ) {
            let bills: Vec<BillRow> = sent.iter().enumerate()
                .map(|(at, (who, amount))| bill(at as u32 + 1, &format!("P{who}"), amount * 100))
                .collect();
            let rows: Vec<EchoRow> = heard.iter()
                .map(|(who, amount, good)| echo(&format!("P{who}"), &amount.to_string(), "2035-08-31",
                    if *good { "PROCESSED" } else { "no" }))
                .collect();
            let verdict = settle(&bills, &rows);
            let mut named: Vec<u32> = verdict.accepted.iter().copied()
                .chain(verdict.refused.iter().map(|(row, _)| *row))
                .chain(verdict.unproven.iter())
                .collect();
            named.sort_unstable();
            prop_assert_eq!(named, (1..=bills.len() as u32).collect::<Vec<_>>());
            // Nothing is called accepted without an accepting answer of exactly its likeness.
            for row_no in &verdict.accepted {
                let bill = &bills[*row_no as usize - 1];
                prop_assert!(rows.iter().any(|row| row.status.is_accepted()
                    && row.identifier.as_deref() == Some(&bill.identifier)
                    && row.amount.value.unwrap().paisa() == bill.amount));
            }
        }
    }
}
