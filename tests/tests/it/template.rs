//! The workbook that is handed to a school: filled in, it is billed as it stands; as it was handed
//! out, it is no sheet of bills.

use ingestd_tests::{Cell, World, filled_in, on_each_engine, pages_of_xlsx};

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn number(number: &str) -> Cell {
    Cell::Number(number.to_owned())
}

/// The day number of 2035-03-31, as a spreadsheet stores it.
const DUE: &str = "49399";

/// Three pupils: with a late amount and without, with zeros in front and with paisa.
fn pupils() -> Vec<Vec<Cell>> {
    vec![
        vec![
            text("Ayesha Khan"),
            text("0042"),
            number("1500"),
            number(DUE),
            number("1700"),
        ],
        vec![
            text("عائشہ خان"),
            text("GF-43"),
            number("1250.5"),
            number(DUE),
            Cell::Blank,
        ],
        vec![
            text("Bilal Ahmed"),
            text("3520212345678"),
            number("90000"),
            number(DUE),
            number("90000"),
        ],
    ]
}

async fn written(world: &World, more: &[&str]) -> Vec<u8> {
    let mut arguments = vec![
        "template",
        "--account",
        "school",
        "--output",
        "to-hand-out.xlsx",
    ];
    arguments.extend(more);
    world
        .command(&arguments)
        .await
        .ended_with(0)
        .says("to-hand-out.xlsx");
    std::fs::read(world.folder().join("to-hand-out.xlsx")).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_that_was_filled_in_is_read_without_a_problem_and_billed() {
    on_each_engine(async |world| {
        // In one language after the other, which an account's sheets are not.
        world.set("changed_headings", "\"allow\"");
        for (at, more) in [&[][..], &["--language", "ur"]].into_iter().enumerate() {
            let template = written(&world, more).await;
            let mut rows = pupils();
            for row in &mut rows {
                let Cell::Text(identifier) = &mut row[1] else {
                    panic!("an identifier is text");
                };
                identifier.push_str(&format!("-{at}"));
            }
            let name = format!("march-{at}.xlsx");
            let bytes = filled_in(&template, &rows);
            std::fs::write(world.folder().join(&name), &bytes).unwrap();
            let checked = world
                .command(&[
                    "check",
                    &name,
                    "--account",
                    "school",
                    "--bills",
                    "--format",
                    "json",
                ])
                .await
                .ended_with(0)
                .json();
            let checked = &checked[0];
            assert_eq!(checked["problems"], serde_json::json!([]), "{checked}");
            assert_eq!(
                (&checked["rows"], &checked["valid"]),
                (&3.into(), &3.into())
            );
            assert_eq!(checked["held"], serde_json::Value::Null);
            let bills = checked["bills"].as_array().unwrap();
            let told: Vec<[&str; 4]> = bills
                .iter()
                .map(|bill| {
                    ["identifier", "amount", "due_date", "amount_after_due_date"]
                        .map(|field| bill[field].as_str().unwrap())
                })
                .collect();
            let identifiers = ["0042", "GF-43", "3520212345678"].map(|id| format!("{id}-{at}"));
            assert_eq!(
                told,
                [
                    [identifiers[0].as_str(), "1500.00", "2035-03-31", "1700.00"],
                    [identifiers[1].as_str(), "1250.50", "2035-03-31", "1250.50"],
                    [
                        identifiers[2].as_str(),
                        "90000.00",
                        "2035-03-31",
                        "90000.00"
                    ],
                ]
            );
            world.drop_sheet(&name, &bytes);
        }
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 6)].into()
        );
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_that_nobody_filled_in_bills_nobody_and_says_so() {
    on_each_engine(async |world| {
        let template = written(&world, &[]).await;
        let checked = world.command(&["check", "to-hand-out.xlsx"]).await;
        checked.ended_with(3).says("no row below the headings");
        world.drop_sheet("march.xlsx", &template);
        world.run_once().await.ended_with(1);
        let why = std::fs::read_to_string(world.inbox().join("unreadable/march.xlsx.why.txt"));
        assert!(why.unwrap().contains("no row below the headings"));
        assert!(world.hub_payments().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_has_the_accounts_own_headings_and_writes_over_no_file_unasked() {
    on_each_engine(async |world| {
        world.set(
            "columns",
            "{ title = [\"Child\", \"Name\"], amount = [\"Fee for the Month\"] }",
        );
        let template = written(&world, &[]).await;
        let pages = pages_of_xlsx(&template);
        assert_eq!(
            pages[0].lines[0],
            [
                "Child",
                "Student ID",
                "Fee for the Month",
                "Due Date",
                "Amount After Due Date"
            ]
        );
        assert_eq!(pages[0].lines.len(), 1, "no example among the rows");
        let told = |word: &str| pages[1].lines.iter().flatten().any(|cell| cell == word);
        assert!(
            told("Fee for the Month") && told("GF-0042"),
            "{:?}",
            pages[1]
        );

        let named = ["template", "--account", "school"];
        let first = world.command(&named).await.ended_with(0);
        first.says("school.template.xlsx");
        let again = world.command(&named).await.ended_with(2);
        again
            .says("is there already")
            .says("--output")
            .in_one_sentence();
        world
            .command(&["template", "--output", "fees.csv"])
            .await
            .ended_with(2)
            .says(".xlsx")
            .in_one_sentence();
        world
            .command(&["template", "--output", "nowhere/fees.xlsx"])
            .await
            .ended_with(3)
            .in_one_sentence();
        let none = world.command(&["template", "--account", "other"]).await;
        none.ended_with(2).says("school").in_one_sentence();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_is_headed_as_the_schools_own_sheets_are_once_some_were_taken() {
    on_each_engine(async |world| {
        let sheet = "Fee,Roll No,Section,Child,Due Date\n1500,R-1,A,Ali,2035-03-31\n";
        // No heading that everybody writes.
        world.set("columns", "{ title = [\"Child\"] }");
        world.drop_sheet("march.csv", sheet.as_bytes());
        world.run_once().await.ended_with(0);

        let own = ["Fee", "Roll No", "Child", "Due Date"];
        let template = written(&world, &["--language", "ur"]).await;
        assert_eq!(pages_of_xlsx(&template)[0].lines[0], own);
        let row = vec![number("1600"), text("R-2"), text("Sana"), number(DUE)];
        world.drop_sheet("april.xlsx", &filled_in(&template, &[row]));
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 2)].into()
        );
    })
    .await;
}
