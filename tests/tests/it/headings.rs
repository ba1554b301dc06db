//! Sheets whose headings serve other fields than before, and `map`, which shows what serves what.

use ingestd_tests::on_each_engine;
use serde_json::json;

fn sheet(headings: &str, payer: &str) -> String {
    format!("{headings}\nAli Khan,{payer},1500,2035-03-10\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_that_departs_from_earlier_ones_waits_with_the_difference_and_is_remembered_once_approved()
 {
    on_each_engine(async |world| {
        let usual = "Student Name,Roll No,Fee (March),Due Date";
        world.drop_sheet("march.csv", sheet(usual, "P-1").as_bytes());
        world.run_once().await.ended_with(0);
        // Another month, in another order of the columns, is the same.
        let april = "Due Date,Student Name,Roll No,FEE (April)\n2035-04-10,Ali Khan,P-1,1500\n";
        world.drop_sheet("april.csv", april.as_bytes());
        world.run_once().await.ended_with(0);

        let other = "Student Name,Roll No,Total Payable,Due Date";
        world.drop_sheet("may.csv", sheet(other, "P-2").as_bytes());
        std::fs::write(world.folder().join("june.csv"), sheet(other, "P-3")).unwrap();
        let plan = [
            "--format",
            "json",
            "plan",
            "june.csv",
            "--account",
            "school",
        ];
        world
            .command(&plan)
            .await
            .ended_with(1)
            .says("Total Payable");
        world.run_once().await.ended_with(1);
        assert_eq!(world.file("may.csv").await["state"], "held");
        let note = String::from_utf8(world.in_results("may.csv.held.txt")).unwrap();
        assert!(
            note.contains("the amount was “Fee (March)” and is “Total Payable” now")
                && note.contains("ingestd approve"),
            "{note}"
        );
        assert_eq!(world.hub_payments().len(), 2);

        let id = world.file_id("may.csv").await;
        world.command(&["approve", &id]).await.ended_with(0);
        world.drop_sheet("june.csv", sheet(other, "P-3").as_bytes());
        world.run_once().await.ended_with(0);
        // April's bill took the place of March's, as next month's always does.
        let states = world.states("school").await;
        assert_eq!((states["billed"], states["discarded"]), (3, 1));
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn map_shows_what_serves_what_and_writes_the_table_that_says_so_for_good() {
    on_each_engine(async |world| {
        let text = "Name,Roll No,Class,Lump Sum,Due Date\nAli,P-1,5,1500,2035-03-10\nSana,P-2,6,1700,2035-03-10\n";
        std::fs::write(world.folder().join("fees.csv"), text).unwrap();
        let mapped = world.command(&["map", "fees.csv", "--account", "school"]).await;
        let mapped = mapped.ended_with(0);
        let (comments, table): (Vec<&str>, Vec<&str>) =
            mapped.stdout.lines().partition(|line| line.starts_with('#'));
        assert_eq!(
            table,
            [
                "[accounts.school.columns]",
                "title = [\"Name\"]",
                "identifier = [\"Roll No\"]",
                "amount = [\"Lump Sum\"]",
                "due_date = [\"Due Date\"]",
            ]
        );
        let says = |text: &str| comments.iter().any(|line| line.contains(text));
        assert!(says("column D \"Lump Sum\" (a guess: by what stands in it): 1500 | 1700"));
        assert!(says("column B \"Roll No\" (synonym): P-1 | P-2") && says("not used: Class"));

        let map = ["map", "fees.csv", "--account", "school"];
        let told = world.json(&map).await;
        assert_eq!(told["columns"]["amount"], json!(["Lump Sum"]));
        assert_eq!(told["sheets"][0]["guesses"], json!(["amount"]));
        world.set("columns.amount", "[\"Lump Sum\"]");
        let told = world.json(&map).await;
        assert_eq!(told["sheets"][0]["guesses"], json!([]));
        let amount = &told["sheets"][0]["columns"][2];
        assert_eq!((&amount["field"], &amount["how"]), (&json!("amount"), &json!("configured")));

        std::fs::write(world.folder().join("none.csv"), "Name,Class\nAli,5\n").unwrap();
        world.command(&["map", "none.csv", "--account", "school"]).await.ended_with(3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_amount_beside_that_of_earlier_sheets_waits_with_both_named_and_is_not_refused() {
    on_each_engine(async |world| {
        let two = "Name,Roll No,Fee,Amount,Due Date\nAli,P-1,1500,1700,2035-04-10\n";
        // Nobody knows yet which of them this school means.
        world.drop_sheet("both.csv", two.as_bytes());
        world.run_once().await.ended_with(1);
        assert_eq!(world.hub_payments().len(), 0);

        let usual = "Name,Roll No,Fee,Due Date\nAli,P-1,1500,2035-03-10\n";
        world.drop_sheet("march.csv", usual.as_bytes());
        world.run_once().await.ended_with(0);
        std::fs::write(world.folder().join("april.csv"), two).unwrap();
        let plan = ["--format", "json", "plan", "april.csv", "--account", "school"];
        let said = "is taken from column C “Fee” of the sheet `april`, and column D “Amount” holds another amount";
        world.command(&plan).await.ended_with(1).says(said);
        world.drop_sheet("april.csv", two.as_bytes());
        world.run_once().await.ended_with(1);
        let note = String::from_utf8(world.in_results("april.csv.held.txt")).unwrap();
        assert!(note.contains(said), "{note}");
        assert_eq!(world.hub_payments().len(), 1);

        let id = world.file_id("april.csv").await;
        world.command(&["approve", &id]).await.ended_with(0);
        world.run_once().await.ended_with(0);
        let payments = world.hub_payments();
        assert_eq!(payments.len(), 2);
        assert!(payments.iter().all(|payment| payment.amount == "1500"));
        world.verified().await;
    })
    .await;
}
