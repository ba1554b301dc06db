//! Hub, views and result sheets tell one story, row by row.

use std::collections::BTreeMap;

use asaanbill_sandbox::PaymentView;

use crate::sheets_in::Bill;
use crate::sheets_out::{Page, pages_of_csv, pages_of_xlsx};
use crate::views::Row;
use crate::world::World;

/// Rupees as anyone writes them (`1500`, `1500.5`, `1500.00`), in paisa.
///
/// # Panics
/// If it is no amount.
pub fn paisa(text: &str) -> i64 {
    let (rupees, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let part = format!("{part:0<2}");
    let exact = part.len() == 2 || part[2..].bytes().all(|byte| byte == b'0');
    assert!(exact, "{text} has more than two decimals");
    let whole: i64 = rupees
        .parse()
        .unwrap_or_else(|_| panic!("{text:?} is no amount"));
    let part: i64 = part[..2]
        .parse()
        .unwrap_or_else(|_| panic!("{text:?} is no amount"));
    whole * 100 + part
}

/// The state a row has whose payment has this status.
///
/// # Panics
/// If the guide has no such status.
pub fn state_of_status(status: &str) -> &'static str {
    match status {
        "DRAFT" | "IN_PROCESS" => "accepted",
        "APPROVED" => "billed",
        "PROCESSED" => "paid",
        "DISCARD" => "discarded",
        "ERRORED" => "errored",
        other => panic!("{other} is no status of the guide"),
    }
}

/// What makes a payment and a row the same.
type Key = (String, String, i64, i64, String, String);

fn key_of_payment(payment: &PaymentView) -> Key {
    (
        payment.identifier.clone(),
        payment.due_date.clone(),
        paisa(&payment.amount),
        paisa(&payment.amount_after_due_date),
        payment.title.clone(),
        payment.bulk_id.map(|id| id.to_string()).unwrap_or_default(),
    )
}

fn key_of_row(row: &Row) -> Key {
    (
        row.identifier.clone(),
        row.due_date.clone().unwrap_or_default(),
        row.amount.as_deref().map_or(-1, paisa),
        row.late.as_deref().map_or(-1, paisa),
        row.title.clone(),
        row.request.clone().unwrap_or_default(),
    )
}

fn is_at_hub(row: &Row) -> bool {
    ["accepted", "billed", "paid", "discarded", "errored"].contains(&row.state.as_str())
}

impl World {
    /// Insists that the rows of a file of the one account are stored as they were dropped: each once,
    /// at its place, with its own values; only what is no amount or no date is not there.
    ///
    /// # Panics
    /// With the first difference.
    pub async fn stored_as_dropped(&self, file_name: &str, dropped: &[Bill]) {
        let rows = self.rows_of(file_name).await;
        assert_eq!(rows.len(), dropped.len(), "each row is stored once");
        for ((row, bill), number) in rows.iter().zip(dropped).zip(2..) {
            assert_eq!(
                (row.row_number, &row.identifier, &row.title),
                (number, &bill.identifier, &bill.title),
                "{row:?}"
            );
            if row.state != "invalid" {
                assert_eq!(row.due_date.as_ref(), Some(&bill.due_date), "{row:?}");
                for (stored, came) in [(&row.amount, &bill.amount), (&row.late, &bill.late)] {
                    assert_eq!(stored.as_deref().map(paisa), Some(paisa(came)), "{row:?}");
                }
            }
        }
    }

    /// Insists that the payments of an account at the hub and its rows in
    /// `bill_results` are the same: one row a payment, the same values, bulk
    /// request, state and PSID. And that what the hub says is what it wrote
    /// into its journal.
    ///
    /// # Panics
    /// With the first difference.
    pub async fn hub_and_views_agree(&self, account: &str) {
        self.journal_says_the_same(account);
        let mut payments: BTreeMap<Key, Vec<PaymentView>> = BTreeMap::new();
        for payment in self.hub_payments_of(account) {
            payments
                .entry(key_of_payment(&payment))
                .or_default()
                .push(payment);
        }
        for row in self.rows_of_account(account).await {
            if !is_at_hub(&row) {
                assert_eq!(row.psid, None, "{} rows have no PSID: {row:?}", row.state);
                continue;
            }
            let same = payments.get_mut(&key_of_row(&row)).and_then(Vec::pop);
            let payment = same.unwrap_or_else(|| panic!("the hub has no payment for {row:?}"));
            assert_eq!(
                row.state,
                state_of_status(&payment.status),
                "{row:?} {payment:?}"
            );
            if ["billed", "paid"].contains(&row.state.as_str()) {
                assert_eq!(row.psid, payment.psid, "{row:?}");
            }
        }
        let left: Vec<_> = payments.values().flatten().collect();
        assert!(
            left.is_empty(),
            "the hub has payments that no row speaks of: {left:?}"
        );
    }

    /// Insists that a hub started anew on a copy of the journal would know the same payments.
    fn journal_says_the_same(&self, account: &str) {
        let keys = |payments: Vec<PaymentView>| {
            let keys = payments.iter().map(|one| (one.id, key_of_payment(one)));
            keys.collect::<BTreeMap<u64, Key>>()
        };
        assert_eq!(
            keys(self.journalled_payments_of(account)),
            keys(self.hub_payments_of(account)),
            "the hub's journal"
        );
    }

    /// Insists that no payer of an account has two bills for one due date at
    /// the hub, of any status.
    ///
    /// # Panics
    /// With the first that has.
    pub fn nobody_is_billed_twice(&self, account: &str) {
        let mut seen = BTreeMap::new();
        for payment in self.hub_payments_of(account) {
            let key = (payment.identifier.clone(), payment.due_date.clone());
            if let Some(earlier) = seen.insert(key, payment.clone()) {
                panic!("billed twice: {earlier:?} and {payment:?}");
            }
        }
    }

    /// Insists that the result sheets of a file of the one account say of each
    /// row what `bill_results` says, below the lines as they came.
    ///
    /// # Panics
    /// With the first difference.
    pub async fn result_sheets_agree(&self, file_name: &str, original: &[Vec<String>]) {
        let rows = self.rows_of(file_name).await;
        let book = pages_of_xlsx(&self.in_results(&format!("{file_name}.results.xlsx")));
        for page in &book {
            page.psids_are_texts();
        }
        pages_agree(&book, &rows, original);
        if file_name.ends_with(".csv") {
            let csv = pages_of_csv(&self.in_results(&format!("{file_name}.results.csv")));
            pages_agree(&csv, &rows, original);
        }
    }
}

fn pages_agree(pages: &[Page], rows: &[Row], original: &[Vec<String>]) {
    for page in pages {
        assert_eq!(
            page.formulas,
            Vec::<(u32, u32)>::new(),
            "nothing starts a formula"
        );
    }
    let lines: Vec<_> = pages.iter().flat_map(Page::results).collect();
    assert_eq!(lines.len(), rows.len(), "one line a row");
    for ((line, row), came) in lines.iter().zip(rows).zip(original.iter().skip(1)) {
        assert_eq!(line.number, row.row_number, "{line:?}");
        assert_eq!(&line.cells, came, "the line as it came");
        assert_eq!(line.state, row.state, "{line:?}");
        assert_eq!(line.psid, row.psid.clone().unwrap_or_default(), "{line:?}");
        assert_eq!(line.message, row.says(), "{line:?}");
    }
}
