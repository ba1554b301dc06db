//! A school that reads Urdu is told in Urdu what is wrong with its sheet, in
//! every place where it looks.

use ingestd_tests::{Bill, csv, on_each_engine, pages_of_xlsx};

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

/// Words in Latin letters outside of what is quoted, but the names that have no other.
fn english_words(text: &str) -> Vec<String> {
    let own: String = text.split('`').step_by(2).collect();
    let words = own.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| word.chars().any(|c| c.is_ascii_alphabetic()))
        .filter(|word| !["PSID", "UTC", "csv"].contains(word))
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_and_what_was_left_is_told_in_urdu_beside_the_sheet() {
    on_each_engine(async |world| {
        world.set("language", "\"ur\"");
        let bill = |identifier, amount| Bill::new(identifier, amount, "2035-03-05");
        let first = [bill("P-1", "1500"), bill("P-2", "1500")];
        world.drop_sheet("first.csv", &csv(&first));
        world.run_once().await.ended_with(0);

        // One bill is changed, and one is there already.
        let second = [
            bill("P-1", "1700"),
            bill("P-2", "1500"),
            bill("P-3", "1500"),
        ];
        world.drop_sheet("second.csv", &csv(&second));
        world.drop_sheet("same.csv", &csv(&first));
        world.drop_sheet("page.csv", b"<html><body>nothing</body></html>");
        world.run_once().await.ended_with(1);

        let note = String::from_utf8(world.in_results("second.csv.held.txt")).unwrap();
        assert_eq!(english_words(&note), Vec::<String>::new(), "{note}");
        assert!(note.contains("رقم 1500 روپے کی بجائے 1700 روپے"), "{note}");
        assert!(note.contains("`ingestd approve"), "{note}");
        let sheet = &pages_of_xlsx(&world.in_results("second.csv.results.xlsx"))[0];
        let [changed, same] = [&sheet.lines[1], &sheet.lines[2]].map(|line| line.last().unwrap());
        for message in [changed, same] {
            assert_eq!(english_words(message), Vec::<String>::new(), "{message}");
        }
        assert!(same.starts_with("یہی بل پہلے ہی بن چکا ہے"), "{same}");
        // Whoever reads the views reads what they always read.
        let rows = world.rows_of("second.csv").await;
        assert!(rows[1].says().starts_with("the same bill is already made"));

        let again = String::from_utf8(world.in_results("same.csv.duplicate.txt")).unwrap();
        assert_eq!(english_words(&again), Vec::<String>::new(), "{again}");
        let why = world.inbox().join("unreadable/page.csv.why.txt");
        let why = std::fs::read_to_string(why).unwrap();
        assert!(why.contains("میں سے کچھ نہیں بھیجا گیا"), "{why}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fix_sheet_in_urdu_comes_back_to_a_service_that_speaks_english() {
    on_each_engine(async |world| {
        world.set("language", "\"ur\"");
        world.drop_sheet("fees.csv", SHEET);
        world.run_once().await.ended_with(1);
        let fix = world.in_results("fees.csv.fix.xlsx");
        let headings = &pages_of_xlsx(&fix)[0].lines[0];
        assert!(
            headings.iter().any(|cell| cell == "کیا درست کرنا ہے"),
            "{headings:?}"
        );

        world.set("language", "\"en\"");
        world.drop_sheet("wrong-again.xlsx", &fix);
        world.run_once().await.ended_with(1);
        let again = world.in_results("wrong-again.xlsx.fix.xlsx");
        let headings = &pages_of_xlsx(&again)[0].lines[0];
        assert!(
            headings.iter().any(|cell| cell == "What to correct"),
            "{headings:?}"
        );
        assert!(
            !headings.iter().any(|cell| cell == "کیا درست کرنا ہے"),
            "{headings:?}"
        );
    })
    .await;
}
