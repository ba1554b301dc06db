//! How the program ends: its last sentence, its exit code, and what a defect of ours looks like.

use std::io::{IsTerminal, Write};
use std::panic::PanicHookInfo;
use std::process::ExitCode;

use miette::{GraphicalReportHandler, GraphicalTheme, MietteDiagnostic};

use super::typed::as_typed;
use crate::exit::{Exit, Failure};

/// The process's exit code.
#[must_use]
pub fn code(exit: Exit) -> ExitCode {
    ExitCode::from(exit as u8)
}

/// Writes a failure to standard error: one sentence, and what to do about it. A failure without a
/// sentence is a quiet end: nobody reads on (`ingestd rows | head`).
pub fn print_failure(failure: &Failure) {
    if failure.sentence.is_empty() {
        return;
    }
    let text = if std::io::stderr().is_terminal() {
        drawn(failure)
    } else {
        plain(failure)
    };
    // Whoever closed standard error does not want to know.
    drop(std::io::stderr().write_all(as_typed(&text).as_bytes()));
}

/// For a log or another program: `error: …`, and `help: …` below it.
fn plain(failure: &Failure) -> String {
    let help = failure.help.as_deref().filter(|help| !help.is_empty());
    let help = help
        .map(|help| format!("  help: {help}\n"))
        .unwrap_or_default();
    format!("error: {}\n{help}", failure.sentence)
}

/// For a person at a terminal.
fn drawn(failure: &Failure) -> String {
    let mut diagnostic = MietteDiagnostic::new(&failure.sentence);
    if let Some(help) = &failure.help {
        diagnostic = diagnostic.with_help(help);
    }
    let colourless = std::env::var_os("NO_COLOR").is_some();
    let theme = if colourless {
        GraphicalTheme::unicode_nocolor()
    } else {
        GraphicalTheme::unicode()
    };
    // Not wrapped: a path or a command in the sentence stays in one piece, to be copied.
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_wrap_lines(false)
        .with_links(false);
    let mut text = String::new();
    match handler.render_report(&mut text, &diagnostic) {
        Ok(()) => text,
        Err(_) => plain(failure),
    }
}

/// Makes a panic one sentence on standard error. It names the place in our source, and repeats a
/// message only if it is a fixed text of the source: one with values in it may hold a payer's name
/// or a secret. `RUST_BACKTRACE=full` adds the calls that led there.
pub fn one_sentence_for_a_defect() {
    std::panic::set_hook(Box::new(|info| {
        let mut text = sentence(info);
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|wish| wish == "full") {
            text.push_str(&std::backtrace::Backtrace::force_capture().to_string());
        }
        drop(std::io::stderr().write_all(text.as_bytes()));
    }));
}

fn sentence(info: &PanicHookInfo<'_>) -> String {
    let place = info
        .location()
        .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    let what = info
        .payload()
        .downcast_ref::<&'static str>()
        .map_or_else(String::new, |text| format!(" ({text})"));
    format!(
        "ingestd: a defect of ours{place}{what}; nothing that was stored is lost: please report this line, then run `ingestd verify`\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_its_sentence_and_what_to_do() {
        let failure = Failure::usage("there is no configuration ingestd.toml")
            .help("`ingestd init` writes one");
        let told =
            "error: there is no configuration ingestd.toml\n  help: `ingestd init` writes one\n";
        assert_eq!(plain(&failure), told);
        assert_eq!(plain(&Failure::hub("no")), "error: no\n");
        let drawn = drawn(&failure);
        assert!(
            drawn.contains(&failure.sentence) && drawn.contains("writes one"),
            "{drawn}"
        );
    }
}
