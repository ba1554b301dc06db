//! The command line as people type it.

#![allow(clippy::unwrap_used)]

use clap::CommandFactory;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_command_line_contradicts_itself_nowhere() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_of_the_contract_parses() {
    for line in [
        "ingestd demo",
        "ingestd demo --dir d --rows 1000000",
        "ingestd init",
        "ingestd init there",
        "ingestd run",
        "ingestd run --once --patience 10m",
        "ingestd check a.csv b.xlsx --account greenfield --bills --format json",
        "ingestd map a.csv --account greenfield --format json",
        "ingestd plan a.csv --account greenfield --format json",
        "ingestd plan a.csv --patience 1h",
        "ingestd submit a.csv --account greenfield --wait",
        "ingestd submit a.csv --wait --patience 1h",
        "ingestd status",
        "ingestd files",
        "ingestd file 3",
        "ingestd chunks --state unknown",
        "ingestd rows --file 1 --sheet S --state billed --identifier A-1 --psid 100139",
        "ingestd decisions",
        "ingestd decisions --account greenfield --file 3 --last 20",
        "ingestd foreign --account greenfield --identifier A-1",
        "ingestd retry --rows 5",
        "ingestd retry --file 1 --sheet S --rows 5,9-12 --state rejected --dry-run --no-wait",
        "ingestd approve 4 --reason checked --sheet S --rows 5,9-12",
        "ingestd cancel 4",
        "ingestd approve 4 --patience 90s",
        "ingestd reconcile",
        "ingestd reconcile --file 4 --patience 1h",
        "ingestd resolve 7 --sent 29",
        "ingestd resolve 7 --rows 5,9-12 --not-sent",
        "ingestd resolve 7 --sheet S --rows 5 --sent 29",
        "ingestd pause greenfield",
        "ingestd resume greenfield --restored",
        "ingestd resume greenfield --moved",
        "ingestd export 4 --out results.csv",
        "ingestd template --account greenfield",
        "ingestd template --account greenfield --output fees.xlsx --language ur",
        "ingestd login --account greenfield",
        "ingestd payments list --account greenfield",
        "ingestd payments get 264654 --account greenfield",
        "ingestd payments search 100139100100154854584585 --account greenfield",
        "ingestd payments add --account greenfield --title T --identifier A-1 --amount 1500 --due-date 2035-01-31",
        "ingestd bulk list --account greenfield",
        "ingestd bulk show 29 --account greenfield",
        "ingestd verify",
        "ingestd doctor",
        "ingestd sandbox --listen 127.0.0.1:0",
        "ingestd completions bash",
        "ingestd --config other.toml -v --format csv rows",
        "ingestd rows --config other.toml -q",
    ] {
        let parsed = parse(line);
        assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
    }
}

#[test]
fn wrong_usage_ends_with_2_and_help_with_0() {
    for line in [
        "ingestd",
        "ingestd frobnicate",
        "ingestd check",
        "ingestd plan",
        "ingestd plan a.csv b.csv",
        "ingestd plan a.csv --patience 10",
        "ingestd resolve 7",
        "ingestd resolve 7 --sent 29 --not-sent",
        "ingestd run --patience 10m",
        "ingestd run --once --patience 10",
        "ingestd submit a.csv --patience 10m",
        "ingestd approve 4 --no-wait --patience 10m",
        "ingestd retry --patience 10",
        "ingestd reconcile --patience 10",
        "ingestd rows --state bilged",
        "ingestd decisions --last 0",
        "ingestd retry --state billed",
        "ingestd retry --file 1 --rows 0",
        "ingestd -v -q status",
        "ingestd demo --rows 0",
        "ingestd --format xml files",
    ] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
    assert_eq!(parse("ingestd --help").unwrap_err().exit_code(), 0);
    assert_eq!(parse("ingestd --version").unwrap_err().exit_code(), 0);
}

#[test]
fn the_help_has_the_exit_codes() {
    let help = Cli::command().render_help().to_string();
    for code in [
        "0  done",
        "1  done, and rows",
        "2  usage",
        "3  a file",
        "4  the hub",
        "5  the database",
        "70  a defect",
    ] {
        assert!(help.contains(code), "{code} is missing in\n{help}");
    }
}

#[test]
fn the_commands_that_decide_something_explain_themselves_with_an_example() {
    for name in [
        "plan",
        "retry",
        "approve",
        "cancel",
        "reconcile",
        "resolve",
        "decisions",
        "pause",
        "resume",
        "export",
    ] {
        let help = Cli::command()
            .find_subcommand_mut(name)
            .unwrap()
            .render_long_help()
            .to_string();
        let examples: Vec<&str> = help
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with(&format!("ingestd {name} ")))
            .collect();
        assert!(!examples.is_empty(), "{name} has no example:\n{help}");
        for example in examples {
            // What it does stands behind two blanks; words in quotes are one word.
            let typed = example.split("  ").next().unwrap();
            let unquoted: Vec<String> = typed
                .split('"')
                .enumerate()
                .map(|(n, part)| match n % 2 {
                    0 => part.to_owned(),
                    _ => part.replace(' ', "-"),
                })
                .collect();
            let parsed = parse(&unquoted.concat());
            assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
        }
    }
}

#[test]
fn rows_are_written_with_commas_and_ranges() {
    let list: RowList = "9-12, 5,11-13,4".parse().unwrap();
    assert_eq!(list.to_string(), "4-5,9-13");
    assert_eq!(list.numbers(), [4, 5, 9, 10, 11, 12, 13]);
    assert_eq!(RowList::of([10, 4, 9, 5, 11, 12, 13, 4]), list);
    assert_eq!(list.parts(), 2);
    for wrong in ["", "a", "5-", "-5", "9-5", "0", "1,,2", "99999999"] {
        assert!(wrong.parse::<RowList>().is_err(), "{wrong}");
    }
}

#[test]
fn a_sheet_is_quoted_for_the_shell_that_reads_the_command() {
    let option = |sheet| sheet_option(sheet).unwrap();
    assert_eq!(option("Grade 1"), " --sheet 'Grade 1'");
    assert_eq!(
        option("Ali's `$(reboot)`"),
        r" --sheet 'Ali'\''s `$(reboot)`'"
    );
    for hidden in ["a\nb", "a\u{1b}[31m", "a\u{202e}b"] {
        assert_eq!(sheet_option(hidden), None);
    }
}

#[test]
fn the_state_of_rows_is_one_of_the_contract() {
    for state in ingest_ledger::RowState::ALL {
        assert!(parse(&format!("ingestd rows --state {state}")).is_ok());
    }
    let told = parse("ingestd rows --state bild").unwrap_err().to_string();
    assert!(told.contains("billed"), "{told}");
}
