//! `cargo xtask test`: every test of the workspace, on SQLite and on a real
//! PostgreSQL.
//!
//! The tests find PostgreSQL in `TEST_DATABASE_URL`. Where nobody set it, we
//! start a private server for as long as they run.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;

use crate::postgres::{Durability, Programs, Server};
use crate::workspace::{cargo, step, target_directory};

/// The variable that names the PostgreSQL server for tests.
const URL_VARIABLE: &str = "TEST_DATABASE_URL";

#[derive(Args)]
pub(crate) struct Options {
    /// The private server syncs every commit to disk, as in production. Slower
    #[arg(long)]
    durable: bool,
    /// Passed on to `cargo test`, as in `cargo xtask test -- -p fee-sheet a_name -- --nocapture`
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "ARGUMENTS"
    )]
    arguments: Vec<String>,
}

/// PostgreSQL is looked for before anything is built: a machine without it
/// learns so at once, and not after the minutes of a first build.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    run_with(options.durable, &options.arguments, &[])
}

/// As [`run`], with further variables for the tests.
pub(crate) fn run_with(
    durable: bool,
    arguments: &[String],
    variables: &[(&str, String)],
) -> Result<ExitCode> {
    let given = std::env::var(URL_VARIABLE)
        .ok()
        .filter(|url| !url.trim().is_empty());
    let programs = match given {
        Some(_) => None,
        None => Some(Programs::find_or_install()?),
    };
    build(arguments)?;

    let server = match &programs {
        Some(programs) => Some(Server::start(
            programs,
            &target_directory()?.join("pg"),
            if durable {
                Durability::Durable
            } else {
                Durability::Fast
            },
        )?),
        None => None,
    };
    let mut test = cargo(test_arguments(arguments));
    test.envs(variables.iter().map(|(name, value)| (name, value)));
    if let Some(server) = &server {
        test.env(URL_VARIABLE, server.url());
    }
    eprintln!("xtask: tests");
    let code = exit_code(&mut test)?;

    let verdict = if code == 0 {
        "tests passed"
    } else {
        "tests FAILED"
    };
    match &programs {
        Some(programs) => {
            eprintln!("xtask: {verdict}, on SQLite and on {programs}, a server of our own")
        }
        None => eprintln!("xtask: {verdict}, on SQLite and on the PostgreSQL of {URL_VARIABLE}"),
    }
    Ok(ExitCode::from(code))
}

/// Builds the tests, and first the program: the tests of the whole run it,
/// unless `INGESTD_BIN` names another one.
fn build(arguments: &[String]) -> Result<()> {
    if needs_the_program(arguments) && std::env::var_os("INGESTD_BIN").is_none() {
        let mut build = cargo(["build", "--locked", "--workspace", "--bin", "ingestd"]);
        if arguments.iter().any(|argument| argument == "--release") {
            build.arg("--release");
        }
        step("building ingestd", &mut build)?;
    }
    let for_cargo = arguments
        .iter()
        .take_while(|argument| *argument != "--")
        .cloned();
    let mut build = cargo(test_arguments(&for_cargo.collect::<Vec<_>>()));
    step("building the tests", build.args(["--no-run", "--quiet"]))
}

/// Everything, unless packages are named. All failures are shown, not those of
/// the first package alone.
fn test_arguments(arguments: &[String]) -> Vec<String> {
    let mut whole = vec!["test".to_owned(), "--locked".to_owned()];
    if packages(arguments).is_empty() {
        whole.push("--workspace".to_owned());
    }
    if !arguments
        .iter()
        .any(|argument| argument == "--no-fail-fast")
    {
        whole.push("--no-fail-fast".to_owned());
    }
    whole.extend(
        arguments
            .iter()
            .filter(|argument| *argument != "--workspace")
            .cloned(),
    );
    whole
}

fn needs_the_program(arguments: &[String]) -> bool {
    let packages = packages(arguments);
    packages.is_empty()
        || packages
            .iter()
            .any(|package| package.starts_with("ingestd"))
}

/// The packages named by `-p X`, `-pX`, `--package X` or `--package=X`.
fn packages(arguments: &[String]) -> Vec<&str> {
    let mut named = Vec::new();
    let mut arguments = arguments.iter().take_while(|argument| *argument != "--");
    while let Some(argument) = arguments.next() {
        if argument == "-p" || argument == "--package" {
            named.extend(arguments.next().map(String::as_str));
        } else if let Some(package) = argument.strip_prefix("--package=") {
            named.push(package);
        } else if let Some(package) = argument.strip_prefix("-p") {
            named.push(package);
        }
    }
    named
}

/// A child that a signal ended has no code; that is a failure too.
fn exit_code(command: &mut Command) -> Result<u8> {
    let status = command
        .status()
        .context("cargo test could not be started")?;
    Ok(match status.code() {
        Some(code) => u8::try_from(code).unwrap_or(1),
        None => 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn without_a_package_the_whole_workspace_is_tested() {
        assert_eq!(
            test_arguments(&[]),
            words("test --locked --workspace --no-fail-fast")
        );
        assert!(needs_the_program(&[]));
    }

    #[test]
    fn a_named_package_takes_the_place_of_the_workspace() {
        let arguments = words("-p fee-sheet a_name -- --nocapture -p");
        assert_eq!(
            test_arguments(&arguments),
            words("test --locked --no-fail-fast -p fee-sheet a_name -- --nocapture -p"),
        );
        assert!(!needs_the_program(&arguments));
    }

    #[test]
    fn every_spelling_of_a_package_is_understood() {
        let arguments = words("-p a -pb --package c --package=d");
        assert_eq!(packages(&arguments), ["a", "b", "c", "d"]);
    }

    #[test]
    fn the_tests_from_outside_need_the_program() {
        assert!(needs_the_program(&words("-p xtask -p ingestd-tests")));
    }
}
