//! `template`: the workbook to hand to a school. No network, and the database only where sheets of the
//! account were taken, to learn by which headings the school goes; no file that is there is written
//! over but the one that a person names.

use std::path::{Path, PathBuf};

use super::export::writable;
use super::terminal::{Terminal, account_meant, open_ledger};
use crate::cli::TemplateArgs;
use crate::config::{Account, Config};
use crate::exit::{Exit, Failure};
use crate::folder;
use crate::gateway;
use crate::language::Language;
use crate::sheet::{SheetSeen, UsualHeadings};

/// Writes an account's template.
///
/// # Errors
/// Exit 3: it can't be written.
pub fn write(
    account: &Account,
    language: Language,
    usual: Option<&UsualHeadings>,
    out: &Path,
) -> Result<(), Failure> {
    writable(out)?;
    let template = gateway::template(account, language, usual);
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

/// How the school heads its sheets, if any of them was taken.
async fn usual(config: &Config, account: &Account) -> Result<Option<UsualHeadings>, Failure> {
    if !folder::is_marked(&account.inbox) {
        return Ok(None);
    }
    let ledger = open_ledger(config).await?;
    let known = ledger.mapping_known(&account.name).await;
    ledger.close().await;
    Ok(known?.map(|(mapping, seen)| {
        let seen = seen.as_deref().and_then(SheetSeen::from_json);
        UsualHeadings::of(&mapping, &seen.unwrap_or_default())
    }))
}

pub(super) async fn command(terminal: &Terminal, args: &TemplateArgs) -> Result<Exit, Failure> {
    let config = terminal.config()?;
    let account = account_meant(&config, &args.whose)?;
    let out = match &args.output {
        Some(out) => named(out)?,
        None => in_this_folder(account)?,
    };
    let usual = match usual(&config, account).await {
        Ok(usual) => usual,
        Err(failure) => {
            terminal.note(&format!(
                "the template has common headings, since those of the school's earlier sheets can't be learnt: {}",
                failure.sentence
            ));
            None
        }
    };
    let language = args.language.unwrap_or(account.language);
    write(account, language, usual.as_ref(), &out)?;
    terminal.say(&out.display().to_string())?;
    Ok(Exit::Done)
}
