//! What a row costs in each of the inner loops, a row or a chunk at a time:
//! `cargo bench -p ingest-bench`, or with a name behind it for one of them.

use std::fmt::Write as _;
use std::hint::black_box;

use asaanbill_core::duplicates::Seen;
use asaanbill_core::{
    AddBulkEcho, Bill, BulkRequestDetail, Draft, Envelope, Given, Paisa, PastDue, Rules, judge,
};
use asaanbill_http::AddBulkBody;
use chrono::NaiveDate;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fee_sheet::{DayMonthOrder, ReadOptions, SheetRow, read_amount, read_date};
use ingestd::config::GatewayKind;
use ingestd::gateway;
use serde_json::json;

const CHUNK: u32 = 5_000;
const SHEET: u32 = 50_000;

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2035, 3, 10).unwrap_or_default()
}

fn rupees(text: &str) -> Paisa {
    Paisa::parse(text).expect("an amount of ours is one")
}

fn bills(n: u32) -> Vec<Bill<'static>> {
    let bill = |n: u32| Bill {
        title: format!("Ayesha Khan class {}", n % 12).into(),
        identifier: format!("GF-{n:08}").into(),
        amount: rupees(&(500 + n % 977).to_string()),
        due_date: day(),
        amount_after_due_date: rupees(&(1_500 + n % 977).to_string()),
    };
    (1..=n).map(bill).collect()
}

fn cells(c: &mut Criterion) {
    let mut group = c.benchmark_group("cell");
    for (name, text) in [
        ("plain", "15000"),
        ("decimals", "1500.50"),
        ("as people write", "Rs. 1,50,000/-"),
    ] {
        group.bench_function(format!("amount, {name}"), |b| {
            b.iter(|| read_amount(black_box(text)));
        });
    }
    for (name, text) in [
        ("iso", "2035-03-10"),
        ("numbers", "25/03/2035"),
        ("words", "5 March 2035"),
    ] {
        group.bench_function(format!("date, {name}"), |b| {
            b.iter(|| read_date(black_box(text), DayMonthOrder::Dmy, false));
        });
    }
    group.finish();
}

fn rows(c: &mut Criterion) {
    let rules = Rules {
        today: NaiveDate::from_ymd_opt(2030, 1, 1).unwrap_or_default(),
        past_due: PastDue::Reject,
    };
    let draft = Draft {
        title: "Ayesha Khan class 5",
        identifier: "GF-00000001",
        amount: Given::Value(rupees("1500")),
        due_date: Given::Value(day()),
        amount_after_due_date: Given::Value(rupees("2000")),
    };
    let mut group = c.benchmark_group("row");
    group.throughput(Throughput::Elements(1));
    group.bench_function("judged, good", |b| {
        let mut problems = Vec::new();
        b.iter(|| judge(black_box(&draft), &rules, &mut problems).is_some());
    });
    let bad = Draft {
        identifier: " ",
        amount: Given::Value(rupees("0")),
        ..draft
    };
    group.bench_function("judged, two problems", |b| {
        b.iter(|| {
            let mut problems = Vec::new();
            let bill = judge(black_box(&bad), &rules, &mut problems);
            (bill.is_none(), problems.len())
        });
    });
    group.finish();
}

fn sheets(c: &mut Criterion) {
    let identifiers: Vec<String> = (1..=SHEET).map(|n| format!("GF-{n:08}")).collect();
    let mut group = c.benchmark_group("sheet");
    group
        .sample_size(20)
        .throughput(Throughput::Elements(SHEET.into()));
    group.bench_function("duplicates, none", |b| {
        b.iter(|| {
            let mut seen = Seen::new();
            let firsts = (1..).zip(&identifiers);
            firsts
                .filter(|(row, text)| seen.add(text, *row).is_first())
                .count()
        });
    });

    let mut text = String::from("Title,Identifier,Amount,Due Date,Amount After Due Date\n");
    for n in 1..=SHEET {
        let amount = 500 + n % 977;
        writeln!(
            text,
            "Ayesha Khan class {},GF-{n:08},{amount},2035-03-10,{}",
            n % 12,
            amount + 500
        )
        .expect("a text takes what is written");
    }
    let folder = tempfile::tempdir().expect("there is room for a sheet");
    let path = folder.path().join("fees.csv");
    std::fs::write(&path, text).expect("there is room for a sheet");
    let options = ReadOptions {
        fields: gateway::fields(GatewayKind::Asaanbill),
        ..ReadOptions::default()
    };
    group.bench_function("csv walked, cells read", |b| {
        b.iter(|| {
            let mut sheet = fee_sheet::open(&path, "fees.csv", &options).expect("it is a sheet");
            let mut row = SheetRow::default();
            let mut rows = 0;
            while sheet.next_row(&mut row).expect("it can be read") {
                rows += 1;
            }
            rows
        });
    });
    group.finish();
}

fn calls(c: &mut Criterion) {
    let bills = bills(CHUNK);
    let mut group = c.benchmark_group("call");
    group
        .sample_size(50)
        .throughput(Throughput::Elements(CHUNK.into()));
    group.bench_function("body made", |b| {
        b.iter(|| AddBulkBody::of(black_box(&bills)))
    });

    let row = |bill: &Bill<'_>, more: serde_json::Value| {
        let mut row = serde_json::to_value(bill).expect("a bill is JSON");
        if let (Some(row), Some(more)) = (row.as_object_mut(), more.as_object()) {
            row.extend(more.clone());
        }
        row
    };
    let echoed: Vec<_> = bills
        .iter()
        .map(|bill| row(bill, json!({"status": "PROCESSED"})))
        .collect();
    let echo = json!({"responseCode": 200, "responseMessage": "OK", "data": {"bulkPaymentRequestId": 29, "payments": echoed}}).to_string();
    group.bench_function("echo read", |b| {
        b.iter(|| serde_json::from_str::<Envelope<AddBulkEcho>>(black_box(&echo)).is_ok());
    });

    let payments: Vec<_> = (1u32..)
        .zip(&bills)
        .map(|(n, bill)| row(bill, json!({"id": n, "status": "APPROVED", "psid": format!("1001{n:020}"), "createdAt": "10:22 AM 10-Jan-2035"})))
        .collect();
    let page = json!({"pageNo": 0, "totalPages": 1, "totalNoOfElements": CHUNK, "isLast": true, "content": payments});
    let detail = json!({"responseCode": 200, "responseMessage": "OK", "data": {"bulkPaymentRequestId": 29, "status": "PROCESSED", "payments": page}}).to_string();
    group.bench_function("PSIDs read", |b| {
        b.iter(|| serde_json::from_str::<Envelope<BulkRequestDetail>>(black_box(&detail)).is_ok());
    });
    group.finish();
}

criterion_group!(inner_loops, cells, rows, sheets, calls);
criterion_main!(inner_loops);
