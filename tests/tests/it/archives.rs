//! An archive of sheets is dropped as one file, and each sheet keeps its name
//! and its row numbers wherever a row is told.

use ingestd_tests::{Bill, archive, bills, csv, ods, on_each_engine, pages_of_xlsx, xlsx};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_sheet_of_an_archive_is_billed_under_its_own_name() {
    on_each_engine(async |world| {
        let mut third = bills("C", 3);
        third.push(Bill::new("C-99999", "0", "2035-03-05"));
        world.drop_sheet(
            "fees.zip",
            &archive(&[
                ("class 1.csv", csv(&bills("A", 2))),
                ("notes/notice.pdf", b"%PDF-1.7".to_vec()),
                ("class 2.xlsx", xlsx(&bills("B", 3))),
                ("class 3.ods", ods("Boys", &third)),
            ]),
        );
        world.run_once().await.ended_with(1);

        let rows = world.rows_of("fees.zip").await;
        let places: Vec<(&str, i64)> = rows
            .iter()
            .map(|row| (row.sheet.as_str(), i64::try_from(row.row_number).unwrap()))
            .collect();
        assert_eq!(
            places,
            [
                ("class 1.csv", 2),
                ("class 1.csv", 3),
                ("class 2.xlsx: Sheet1", 2),
                ("class 2.xlsx: Sheet1", 3),
                ("class 2.xlsx: Sheet1", 4),
                ("class 3.ods: Boys", 2),
                ("class 3.ods: Boys", 3),
                ("class 3.ods: Boys", 4),
                ("class 3.ods: Boys", 5),
            ]
        );
        let states = world.states("school").await;
        assert_eq!((states["billed"], states["invalid"]), (8, 1));
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;

        let pages = pages_of_xlsx(&world.in_results("fees.zip.results.xlsx"));
        let lines: Vec<(&str, usize)> = pages
            .iter()
            .map(|page| (page.name.as_str(), page.results().len()))
            .collect();
        assert_eq!(
            lines,
            [
                ("class 1.csv", 2),
                ("class 2.xlsx_ Sheet1", 3),
                ("class 3.ods_ Boys", 4)
            ]
        );
        let fix = pages_of_xlsx(&world.in_results("fees.zip.fix.xlsx"));
        assert_eq!(fix.len(), 1);
        assert_eq!(fix[0].lines[1][1], "C-99999");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_with_one_sheet_that_cant_be_read_sends_nothing_and_names_it() {
    on_each_engine(async |world| {
        world.drop_sheet(
            "fees.zip",
            &archive(&[
                ("class 1.csv", csv(&bills("A", 2))),
                ("class 2.xlsx", b"<html><table></table></html>".to_vec()),
            ]),
        );
        world.drop_sheet("next.ods", &ods("Fees", &bills("N", 2)));
        world.run_once().await.ended_with(1);

        let why = std::fs::read_to_string(world.inbox().join("unreadable/fees.zip.why.txt"));
        let why = why.unwrap();
        assert!(
            why.contains("class 2.xlsx") && why.contains("web page"),
            "{why}"
        );
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 2)].into()
        );
        assert_eq!(world.hub_payments().len(), 2);
        world.verified().await;
    })
    .await;
}
