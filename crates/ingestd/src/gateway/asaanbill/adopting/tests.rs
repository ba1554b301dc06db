//! Which request is a chunk, and which only stands in the way.

#![allow(clippy::unwrap_used)]
use super::*;
use ingest_ledger::BillRow;

fn doubt(chunk_id: i64, identifiers: &[&str]) -> Doubt {
    Doubt {
        chunk_id,
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
        settled: Vec::new(),
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

/// A request that may be either of two chunks, of which `A`, `B` and `C` are the payers.
fn candidate(id: &str, contents: Contents) -> Candidate {
    Candidate {
        request_id: id.to_owned(),
        may_be: [1, 2].into(),
        contents,
    }
}

fn whole(payments: &[Payment]) -> Contents {
    Contents::whole(true, payments, &["A", "B", "C"].into())
}

fn request(id: &str, identifiers: &[&str]) -> Candidate {
    candidate(id, whole(&payments(identifiers, "1500.0")))
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
    let found = find(&[doubt(1, &["A", "B"])], &[candidate("7", whole(&listed))]).found;
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
    let other_amount = candidate("7", whole(&payments(&["A", "B"], "1400")));
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
fn of_a_request_no_more_is_kept_than_the_payers_in_doubt() {
    let mut listed = payments(&["A", " B ", "X", "Y"], "1500");
    listed.push(serde_json::from_value(serde_json::json!({"id": 9})).unwrap());
    let Contents::Whole {
        payments, others, ..
    } = whole(&listed)
    else {
        panic!("it was read whole");
    };
    let kept: Vec<&str> = payments.iter().map(|kept| kept.payer.as_str()).collect();
    assert_eq!((kept, others), (vec!["A", "B"], 3));
}

#[test]
fn a_payment_of_a_payer_in_another_doubt_is_foreign_here() {
    let doubts = [doubt(1, &["A", "B"]), doubt(2, &["C"])];
    let looked = find(&doubts, &[request("7", &["A", "B", "C"])]);
    assert!(looked.found.is_empty());
    assert_eq!(looked.in_the_way.len(), 2);
}

#[test]
fn a_request_that_is_too_old_for_a_chunk_is_nothing_to_it() {
    let old = Candidate {
        may_be: [2].into(),
        ..request("7", &["A", "B"])
    };
    let looked = find(&[doubt(1, &["A", "B"])], &[old]);
    assert!(looked.found.is_empty() && looked.in_the_way.is_empty());
}

#[test]
fn a_request_that_is_not_shown_hinders_no_match_and_stands_in_the_way_of_the_rest() {
    let hidden = candidate("8", Contents::Hidden("it answered 500".to_owned()));
    let looked = find(
        &[doubt(1, &["A", "B"]), doubt(2, &["C"])],
        &[hidden, request("7", &["A", "B"])],
    );
    assert_eq!(looked.found.len(), 1);
    assert_eq!(looked.found[0].chunk_id, 1);
    assert!(
        looked
            .in_the_way
            .iter()
            .any(|way| (way.chunk_id, way.request_id.as_str()) == (2, "8"))
    );
}

#[test]
fn a_request_not_worked_off_or_not_shown_stands_in_the_way_of_everything() {
    let open = candidate("7", Contents::whole(false, &[], &HashSet::new()));
    let hidden = candidate("8", Contents::Hidden("404".to_owned()));
    let looked = find(&[doubt(1, &["A"])], &[open, hidden]);
    assert!(looked.found.is_empty());
    assert_eq!(looked.in_the_way.len(), 2);
}

#[test]
fn a_payment_that_names_no_payer_may_be_anybodys() {
    let mut nameless = payments(&["", "X"], "1500.0");
    nameless[1].identifier = None;
    for payments in [&nameless[..1], &nameless[1..]] {
        let looked = find(&[doubt(1, &["A"])], &[candidate("7", whole(payments))]);
        assert!(looked.found.is_empty());
        let [way] = &looked.in_the_way[..] else {
            panic!("it stands in the way: {looked:?}")
        };
        assert!(way.is_unread, "nothing is known of whom it bills");
    }
    let others = request("7", &["X"]);
    assert_eq!(find(&[doubt(1, &["A"])], &[others]).in_the_way, []);
}

#[test]
fn a_request_that_also_lists_rows_that_were_refused_by_name_is_the_chunk() {
    let mut partly = doubt(1, &["A", "B", "C"]);
    partly.settled = vec![partly.bills.remove(1)];
    let all = request("7", &["A", "B", "C"]);
    let found = find(std::slice::from_ref(&partly), &[all]).found;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].rows, [1, 3].into_iter().collect());
    // The refused one alone proves nothing, and one more than was sent is a stranger.
    for identifiers in [&["B"][..], &["A", "B", "B", "C"]] {
        let other = request("8", identifiers);
        let found = find(std::slice::from_ref(&partly), &[other]).found;
        assert_eq!(found, [], "{identifiers:?}");
    }
}
