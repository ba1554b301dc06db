//! What holds for every input: nothing panics, money and dates survive the
//! journey, and a row is judged by itself alone.
#![allow(clippy::unwrap_used)]

use std::num::NonZeroU16;

use asaanbill_core::text::clean;
use asaanbill_core::*;
use chrono::{Datelike, NaiveDate, TimeDelta};
use proptest::prelude::*;
use serde_json::{Map, Number, Value};

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2034, 12, 31).unwrap();

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0i64..3_652_058)
        .prop_map(|days| NaiveDate::from_ymd_opt(1, 1, 1).unwrap() + TimeDelta::days(days))
}

fn any_rules() -> impl Strategy<Value = Rules> {
    (
        any_day(),
        prop_oneof![
            Just(PastDue::Reject),
            Just(PastDue::Warn),
            Just(PastDue::Allow)
        ],
    )
        .prop_map(|(today, past_due)| Rules { today, past_due })
}

/// Texts as cells hold them: good ones, almost good ones, and anything.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ ]?[A-Z]{2}-[0-9]{1,6}[ \t]?",
        2 => "[0-9]{1,6}(\\.[0-9]{1,3})?",
        2 => "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        1 => "-?[0-9,.eE+]{0,12}",
        1 => any::<String>(),
        1 => Just(String::new()),
        1 => "[\u{200b}-\u{200f}\u{202a}-\u{202e} \u{0}-\u{1f}a]{0,6}",
    ]
}

fn row() -> impl Strategy<Value = [String; 5]> {
    [cell(), cell(), cell(), cell(), cell()]
}

fn good_row() -> impl Strategy<Value = [String; 5]> {
    let amount = 1i64..1_000_000_000;
    (
        "[A-Za-zآ-ی][A-Za-zآ-ی .]{0,20}[a-z]",
        "[A-Za-z0-9/-]{1,20}",
        amount,
        0i64..1_000_000_000,
        0i64..18_000,
    )
        .prop_map(|(title, identifier, amount, more, days)| {
            let (amount, late) = (Paisa::from_paisa(amount), Paisa::from_paisa(amount + more));
            [
                title,
                identifier,
                amount.wire(),
                dates::wire(TODAY + TimeDelta::days(days)),
                late.two_decimals(),
            ]
        })
}

fn raw(cells: &[String; 5]) -> RawBill<'_> {
    let [title, identifier, amount, due_date, amount_after_due_date] = cells;
    RawBill {
        title,
        identifier,
        amount,
        due_date,
        amount_after_due_date,
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,12})?"
            .prop_map(|text| Value::Number(text.parse::<Number>().unwrap())),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        cell().prop_map(Value::from),
        "(0[0-9]|1[0-2]):[0-5][0-9] ?(AM|PM) [0-3][0-9]-(Jan|Jun|Feb)-[0-9]{1,6}"
            .prop_map(Value::from),
        prop_oneof![Just("PROCESSED"), Just("APPROVED"), Just("N/A")].prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("id"),
        Just("amount"),
        Just("amountAfterDueDate"),
        Just("identifier"),
        Just("title"),
        Just("dueDate"),
        Just("psid"),
        Just("status"),
        Just("createdAt"),
        Just("paidAt"),
        Just("payments"),
        Just("content"),
        Just("totalElements"),
        Just("totalNoOfElements"),
        Just("totalPages"),
        Just("isLast"),
        Just("pageNo"),
        Just("bulkPaymentRequestId"),
        Just("responseCode"),
        Just("responseMessage"),
        Just("data"),
        Just("token"),
        Just("channel"),
        Just("user"),
        Just("vouchersCount"),
        Just("paymentCount"),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone().prop_map(String::from), inner), 0..8)
                .prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), near in "[-+0-9eE., ]{0,24}", digits in "[0-9]{1,40}\\.?[0-9]{0,40}") {
        for text in [&text, &near, &digits] {
            let _ = Paisa::parse(text);
            let _ = Paisa::parse_json_number(text);
            let _ = dates::parse(text);
            let _ = Psid::parse(text);
            let _ = Longitude::parse(text);
            let _ = Latitude::parse(text);
            prop_assert_eq!(&HubTime::read(text).text, text);
        }
    }

    #[test]
    fn no_hub_time_panics(text in "[0-1]?[0-9]:[0-5][0-9] {0,2}(AM|pm|XM) [0-9]{1,2}-(Jan|june|Feb)-[+-]?[0-9]{1,7}") {
        prop_assert_eq!(HubTime::read(&text).text, text);
    }

    #[test]
    fn no_json_panics_any_model(json in any_json()) {
        let text = json.to_string();
        let _ = serde_json::from_str::<Paisa>(&text);
        let _ = serde_json::from_str::<Payment>(&text);
        let _ = serde_json::from_str::<Page<Payment>>(&text).map(|page| page.promises_more(1));
        let _ = serde_json::from_str::<Page<BulkRequest>>(&text);
        let _ = serde_json::from_str::<BulkRequestDetail>(&text);
        let _ = serde_json::from_str::<AddBulkEcho>(&text);
        let _ = serde_json::from_str::<LoginData>(&text);
        let _ = serde_json::from_str::<ProcessedCallback>(&text);
        let _ = serde_json::from_str::<BulkApprovedCallback>(&text);
        let _ = serde_json::from_str::<Bill<'static>>(&text);
        // Every object is some payment: no single field can cost the answer.
        prop_assert_eq!(serde_json::from_value::<Payment>(json.clone()).is_ok(), json.is_object());
        prop_assert_eq!(serde_json::from_str::<Envelope<Value>>(&text).is_ok(), json.is_object());
    }

    #[test]
    fn amounts_survive_text_and_json(paisa in 0..=i64::MAX) {
        let amount = Paisa::from_paisa(paisa);
        prop_assert_eq!(Paisa::parse(&amount.wire()), Ok(amount));
        prop_assert_eq!(Paisa::parse(&amount.two_decimals()), Ok(amount));
        prop_assert_eq!(Paisa::parse(&(amount.two_decimals() + "000")), Ok(amount));
        prop_assert_eq!(Paisa::parse_json_number(&format!("{paisa}E-2")), Ok(amount));
        let json = serde_json::to_string(&amount).unwrap();
        prop_assert_eq!(&json, &format!("\"{}\"", amount.wire()));
        prop_assert_eq!(serde_json::from_str::<Paisa>(&json).unwrap(), amount);
        prop_assert_eq!(serde_json::from_str::<Paisa>(&amount.two_decimals()).unwrap(), amount);
        prop_assert_eq!(amount.wire().contains('.'), paisa % 100 != 0);
    }

    #[test]
    fn whatever_parses_as_an_amount_is_exact(whole in "[0-9]{1,12}", decimals in "[0-9]{0,2}") {
        let text = if decimals.is_empty() { whole.clone() } else { format!("{whole}.{decimals}") };
        let by_hand = whole.parse::<i64>().unwrap() * 100 + format!("{decimals:0<2}").parse::<i64>().unwrap();
        prop_assert_eq!(Paisa::parse(&text), Ok(Paisa::from_paisa(by_hand)));
    }

    #[test]
    fn dates_survive_both_spellings(day in any_day()) {
        let wire = dates::wire(day);
        prop_assert_eq!(wire.len(), 10);
        prop_assert_eq!(dates::parse(&wire), Ok(day));
        prop_assert_eq!(dates::parse(&format!("{:02}-{:02}-{:04}", day.day(), day.month(), day.year())), Ok(day));
    }

    #[test]
    fn a_row_is_a_bill_or_says_why(cells in row(), rules in any_rules()) {
        let judged = raw(&cells).validate(&rules);
        prop_assert_eq!(judged.value.is_none(), judged.problems.iter().any(Problem::is_error));
        for problem in &judged.problems {
            prop_assert!(problem.to_string().starts_with(problem.field.label()));
        }
        if let Some(bill) = judged.value {
            prop_assert!(bill.amount.is_positive() && bill.amount <= bill.amount_after_due_date);
            prop_assert!(!bill.title.is_empty() && !bill.identifier.is_empty());
            prop_assert_eq!(clean(&bill.title), bill.title.clone());
            prop_assert!(rules.past_due != PastDue::Reject || bill.due_date >= rules.today);
            let suspicious = i128::from(bill.amount_after_due_date.paisa()) >= 3 * i128::from(bill.amount.paisa());
            let warned = judged.problems.iter().any(|p| matches!(p.kind, ProblemKind::LateMuchHigher { .. }));
            prop_assert_eq!(suspicious, warned);
        }
    }

    #[test]
    fn what_validates_serialises_to_five_texts_and_reads_back_the_same(cells in good_row()) {
        let rules = Rules { today: TODAY, past_due: PastDue::Reject };
        let judged = raw(&cells).validate(&rules);
        let bill = judged.value.expect("a good row");
        let json = serde_json::to_string(&bill).unwrap();
        let fields: Map<String, Value> = serde_json::from_str(&json).unwrap();
        let mut names: Vec<_> = fields.keys().map(String::as_str).collect();
        names.sort_unstable();
        prop_assert_eq!(names, ["amount", "amountAfterDueDate", "dueDate", "identifier", "title"]);
        prop_assert!(fields.values().all(Value::is_string));
        let back: Bill<'static> = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&back, &bill);
        // And the hub's echo of it is the same four facts.
        let echo: EchoRow = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(echo.identifier.as_deref(), Some(&*bill.identifier));
        prop_assert_eq!(echo.amount.value, Some(bill.amount));
        prop_assert_eq!(echo.amount_after_due_date.value, Some(bill.amount_after_due_date));
        prop_assert_eq!(echo.due_date.value, Some(bill.due_date));
    }

    #[test]
    fn a_row_is_judged_without_its_neighbours(rows in prop::collection::vec(row(), 1..6), rules in any_rules()) {
        let mut together = Vec::new();
        let mut alone = Vec::new();
        for cells in &rows {
            let draft = Draft {
                title: &cells[0],
                identifier: &cells[1],
                amount: Paisa::parse(&cells[2]).map_or(Given::Unreadable, Given::Value),
                due_date: dates::parse(&cells[3]).map_or(Given::Blank, Given::Value),
                amount_after_due_date: Paisa::parse(&cells[4]).map_or(Given::Blank, Given::Value),
            };
            let mut own = Vec::new();
            prop_assert_eq!(judge(&draft, &rules, &mut together), judge(&draft, &rules, &mut own));
            alone.append(&mut own);
        }
        prop_assert_eq!(together, alone);
    }

    #[test]
    fn cleaning_twice_changes_nothing_more(text in any::<String>(), cell in cell()) {
        for text in [text, cell] {
            let once = clean(&text).into_owned();
            prop_assert_eq!(clean(&once), once.as_str());
        }
    }

    #[test]
    fn chunks_cover_every_row_once_in_order(rows in 0u64..60_000, per_request in any::<NonZeroU16>()) {
        let mut next = 0;
        for chunk in chunks(rows, per_request) {
            prop_assert_eq!(chunk.start, next);
            let length = chunk.end - chunk.start;
            prop_assert!((1..=5000).contains(&length) && length <= u64::from(per_request.get()));
            next = chunk.end;
        }
        prop_assert_eq!(next, rows);
    }

    #[test]
    fn a_page_never_promises_what_was_read(total in any::<u64>(), pages in any::<u64>(), page_no in any::<u64>()) {
        let page = Page::<u8> {
            page_no: Some(page_no), page_size: None, total: Some(total), total_pages: Some(pages),
            is_first: None, is_last: None, content: vec![],
        };
        prop_assert_eq!(page.promises_more(total), pages > page_no.saturating_add(1));
    }
}
