//! What a newcomer runs first: help, init, check, doctor, completions.

use ingestd_tests::{Engine, bills, csv, on_each_engine};

/// A CSV as lines of cells.
pub(crate) fn as_lines(csv: &[u8]) -> Vec<Vec<String>> {
    let page = ingestd_tests::pages_of_csv(csv).remove(0);
    page.lines
}

#[tokio::test]
async fn help_names_every_command_and_every_exit_code() {
    on_each_engine(async |world| {
        let help = world.command(&["--help"]).await.ended_with(0);
        for command in [
            "demo",
            "init",
            "run",
            "check",
            "template",
            "map",
            "plan",
            "submit",
            "status",
            "files",
            "file",
            "chunks",
            "rows",
            "retry",
            "approve",
            "cancel",
            "resolve",
            "pause",
            "resume",
            "export",
            "login",
            "payments",
            "bulk",
            "verify",
            "doctor",
            "sandbox",
            "completions",
        ] {
            assert!(
                help.stdout
                    .lines()
                    .any(|line| line.split_whitespace().next() == Some(command)),
                "help does not name {command}"
            );
        }
        for code in ["0", "1", "2", "3", "4", "5", "70"] {
            assert!(
                help.stdout
                    .lines()
                    .any(|line| line.split_whitespace().next() == Some(code)),
                "help does not explain exit code {code}"
            );
        }
        let shell = world.command(&["completions", "bash"]).await.ended_with(0);
        assert!(shell.stdout.contains("ingestd"));
    })
    .await;
}

#[tokio::test]
async fn init_writes_a_configuration_that_explains_every_key_and_never_writes_over_one() {
    on_each_engine(async |world| {
        let made = world.command(&["init", "fresh"]).await.ended_with(0);
        made.says("ingestd.toml");
        let path = world.folder().join("fresh/ingestd.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        for key in [
            "url",
            "listen",
            "gateway",
            "base_url",
            "username",
            "password_file",
            "password_env",
            "inbox",
            "requests_per_minute",
            "reads_per_minute",
            "rows_per_request",
            "duplicate_identifiers",
            "past_due_dates",
            "changed_bills",
            "changed_headings",
            "day_month_order",
            "language",
            "time_zone",
            "approve",
            "resend_absent_after",
            "scan_every",
            "quiet_for",
            "columns",
            "callback",
            "secret_file",
            "allow_from",
            "trusted_proxy",
        ] {
            assert!(text.contains(key), "{key} is not explained");
        }
        assert!(world.folder().join("fresh/watch-dir").is_dir());

        let again = world.command(&["init", "fresh"]).await.ended_with(2);
        again.in_one_sentence();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    })
    .await;
}

#[tokio::test]
async fn check_needs_no_network_and_no_database_and_says_what_would_be_sent() {
    on_each_engine(async |world| {
        world.write(
            "fees.csv",
            std::str::from_utf8(&csv(&bills("C", 3))).unwrap(),
        );
        world.hub().refuse_connections(true).await;
        let nowhere = [("INGESTD_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")];
        let asked = [
            "--format",
            "json",
            "check",
            "fees.csv",
            "--account",
            "school",
            "--bills",
        ];
        let checked = world
            .command_with(&asked, &nowhere)
            .await
            .ended_with(0)
            .json();
        assert_eq!(checked.as_array().unwrap().len(), 1);
        let file = &checked[0];
        assert_eq!(file["rows"], 3);
        assert_eq!(file["valid"], 3);
        assert_eq!(file["invalid"], 0);
        assert!(file["held"].is_null());
        assert_eq!(file["problems"], serde_json::json!([]));
        assert_eq!(file["left_out"], serde_json::json!([]));
        assert_eq!(file["sheets"][0]["header_row"], 1);
        let mapping = &file["sheets"][0]["mapping"];
        assert_eq!(mapping["title"], "Student Name");
        assert_eq!(mapping["identifier"], "Student ID");
        assert_eq!(mapping["amount"], "Fee");
        assert_eq!(mapping["due_date"], "Due Date");
        assert_eq!(mapping["amount_after_due_date"], "After Due Date");
        let bill = &file["bills"][0];
        assert_eq!(bill["row"], 2);
        assert_eq!(bill["title"], "Pupil C-00001");
        assert_eq!(bill["identifier"], "C-00001");
        assert_eq!(bill["amount"], "1001.00");
        assert_eq!(bill["due_date"], "2035-03-02");
        assert_eq!(bill["amount_after_due_date"], "1101.00");
        assert_eq!(world.hub().calls().len(), 0);
        assert!(!world.folder().join("ledger.db").exists());
    })
    .await;
}

#[tokio::test]
async fn check_names_every_problem_with_its_cell() {
    on_each_engine(async |world| {
        std::fs::write(
            world.folder().join("mistakes.csv"),
            crate::corrections::MISTAKES,
        )
        .unwrap();
        let checked = world
            .command(&["--format", "json", "check", "mistakes.csv"])
            .await
            .ended_with(1)
            .json();
        let file = &checked[0];
        assert_eq!(
            (
                file["rows"].as_u64(),
                file["valid"].as_u64(),
                file["invalid"].as_u64()
            ),
            (Some(24), Some(7), Some(17))
        );
        let problems = file["problems"].as_array().unwrap();
        let of = |row: u64, field: &str, severity: &str| {
            problems
                .iter()
                .find(|problem| {
                    problem["row"] == row
                        && problem["field"] == field
                        && problem["severity"] == severity
                })
                .unwrap_or_else(|| panic!("nothing is said of {field} in row {row}: {problems:#?}"))
        };
        for (row, field, cell, severity) in [
            (3, "identifier", "C3", "error"),
            (4, "title", "B4", "error"),
            (5, "amount", "D5", "error"),
            (6, "amount", "D6", "error"),
            (7, "amount", "D7", "error"),
            (8, "amount", "D8", "error"),
            (9, "amount_after_due_date", "F9", "error"),
            (10, "due_date", "E10", "error"),
            (11, "due_date", "E11", "error"),
            (12, "identifier", "C12", "error"),
            (13, "identifier", "C13", "error"),
            (14, "identifier", "C14", "error"),
            (15, "amount", "D15", "error"),
            (16, "due_date", "E16", "error"),
            (17, "amount", "D17", "error"),
            (18, "due_date", "E18", "error"),
            (19, "amount_after_due_date", "F19", "error"),
            (21, "amount_after_due_date", "F21", "warning"),
            (23, "identifier", "C23", "warning"),
        ] {
            let problem = of(row, field, severity);
            assert_eq!(problem["cell"], cell, "row {row}");
            assert!(!problem["problem"].as_str().unwrap().is_empty());
        }
        assert_eq!(of(5, "amount", "error")["value"], "12,0O");
        assert!(
            problems
                .iter()
                .any(|problem| problem["row"] == 20 && problem["severity"] == "warning")
        );
    })
    .await;
}

#[tokio::test]
async fn the_doctor_finds_nothing_wrong_with_a_world_that_works_and_names_a_wrong_password() {
    on_each_engine(async |world| {
        let told = world.command(&["doctor"]).await;
        let wrong: Vec<&str> = told
            .stdout
            .lines()
            .filter(|line| line.starts_with("WRONG"))
            .collect();
        match world.engine() {
            Engine::Sqlite => assert_eq!((told.code, wrong.len()), (0, 0), "{}", told.stdout),
            // The server of the tests does not sync, which the doctor is right to call wrong.
            Engine::Postgres => assert!(
                wrong.iter().all(|line| line.contains("database:")),
                "{wrong:?}"
            ),
        }
        world.write("school.password", "wrong");
        let told = world.command(&["doctor"]).await;
        assert_ne!(told.code, 0, "{}", told.stdout);
        told.says("password");
        assert!(
            !told.stdout.contains("wrong\n") && !told.stderr.contains("\"wrong\""),
            "a password is never shown"
        );
    })
    .await;
}

#[tokio::test]
async fn the_doctor_names_an_inbox_that_another_database_serves_as_run_does() {
    on_each_engine(async |world| {
        let marker = world.inbox().join(".ingestd");
        let fresh = world.command(&["doctor"]).await;
        assert!(!marker.exists(), "looking marks nothing: {}", fresh.stdout);
        world.run_once().await.ended_with(0);
        let line_of = async || {
            let told = world.command(&["doctor"]).await;
            let lines = told.stdout.lines();
            let found = lines.filter(|line| line.contains("school: inbox"));
            (told.code, found.map(str::to_owned).collect::<Vec<_>>())
        };
        let (_, ours) = line_of().await;
        assert!(ours.len() == 1 && ours[0].starts_with("ok"), "{ours:?}");

        std::fs::write(&marker, "another-ledger\n").unwrap();
        let (code, theirs) = line_of().await;
        assert_ne!(code, 0);
        assert!(
            theirs.len() == 1
                && theirs[0].starts_with("WRONG")
                && theirs[0].contains("another-ledger")
                && theirs[0].contains("ingestd resume school --restored"),
            "{theirs:?}"
        );
        let refused = world.run_once().await;
        assert_ne!(refused.code, 0, "{}", refused.stdout);
    })
    .await;
}
