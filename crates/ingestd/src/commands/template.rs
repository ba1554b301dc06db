//! `template`: the workbook to hand to a school. No database and no network; no file that is there
//! is written over but the one that a person names.

use std::path::{Path, PathBuf};

use super::export::writable;
use super::terminal::{Terminal, account_meant};
use crate::cli::TemplateArgs;
use crate::config::Account;
use crate::exit::{Exit, Failure};
use crate::gateway;
use crate::language::Language;

/// Writes an account's template.
///
/// # Errors
/// Exit 3: it can't be written.
pub fn write(account: &Account, language: Language, out: &Path) -> Result<(), Failure> {
    writable(out)?;
    let template = gateway::template(account, language);
    fee_sheet::write_template_xlsx(&template, out)
        .map_err(|error| Failure::file(format!("{}: {error}", out.display())))
}

/// Where it goes if nobody says so: into the current folder.
fn in_this_folder(account: &Account) -> Result<PathBuf, Failure> {
    let name = PathBuf::from(format!("{}.template.xlsx", account.name));
    match std::fs::symlink_metadata(&name) {
        Err(_) => Ok(name),
        Ok(_) => Err(
            Failure::usage(format!("{} is there already", name.display()))
                .help("--output says where to write"),
        ),
    }
}

/// The file that a person names.
fn named(out: &Path) -> Result<PathBuf, Failure> {
    let shown = out.display();
    if !out
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("xlsx"))
    {
        return Err(Failure::usage(format!("{shown} does not end in .xlsx"))
            .help("a template is an Excel workbook: only that has rules in its cells"));
    }
    if out.is_dir() {
        return Err(Failure::usage(format!("{shown} is a folder")));
    }
    Ok(out.to_owned())
}

pub(super) fn command(terminal: &Terminal, args: &TemplateArgs) -> Result<Exit, Failure> {
    let config = terminal.config()?;
    let account = account_meant(&config, &args.whose)?;
    let out = match &args.output {
        Some(out) => named(out)?,
        None => in_this_folder(account)?,
    };
    write(account, args.language.unwrap_or(account.language), &out)?;
    terminal.say(&out.display().to_string())?;
    Ok(Exit::Done)
}
