//! A school that reads Urdu is told in Urdu what is wrong with its sheet, in
//! every place where it looks.

use ingestd_tests::{on_each_engine, pages_of_xlsx};

const SHEET: &[u8] =
    b"Student Name,Registration No,Amount,Due Date\nAli,GF-1,1500,2035-03-31\nSana,GF-2,\"12,0O\",2035-03-31\n";

const SENTENCE: &str = "`12,0O` کوئی رقم نہیں ہے: رقم ہندسوں میں لکھیں، جیسے 1500 یا 1500.50";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn problems_are_told_in_the_language_of_the_account() {
    on_each_engine(async |world| {
        world.set("language", "\"ur\"");
        world.drop_sheet("fees.csv", SHEET);
        world.run_once().await.ended_with(1);

        let rows = world.rows_of("fees.csv").await;
        let bad = rows.iter().find(|row| row.row_number == 3).unwrap();
        assert_eq!(
            (bad.state.as_str(), bad.says()),
            ("invalid", format!("C3: {SENTENCE}").as_str())
        );
        let fix = &pages_of_xlsx(&world.in_results("fees.csv.fix.xlsx"))[0];
        let told = fix.lines[1].iter().any(|cell| cell.contains(SENTENCE));
        assert!(told, "{:?}", fix.lines);

        let sheet = world.write("again.csv", std::str::from_utf8(SHEET).unwrap());
        let asked = ["check", sheet.to_str().unwrap(), "--account", "school"];
        let answer = world.command(&asked).await.ended_with(1);
        answer.says(SENTENCE);
    })
    .await;
}
