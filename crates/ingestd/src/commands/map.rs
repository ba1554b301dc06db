//! `map`: which column of a sheet serves which field, on what grounds, and the `columns` table that
//! says so in the configuration. What it prints can be pasted there as it is: all but the table is a
//! comment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fee_sheet::Unreadable;
use serde_json::json;

use super::check::check_file;
use super::printing::shown;
use super::terminal::{Terminal, account_meant};
use crate::cli::{Format, MapArgs};
use crate::config::Account;
use crate::contained::Reader;
use crate::exit::{Exit, Failure};
use crate::gateway;
use crate::language::Language;
use crate::said::Frame;
use crate::sheet::{SheetRules, SheetSeen};

const COLUMNS: &[&str] = &[
    "sheet",
    "header_row",
    "field",
    "column",
    "heading",
    "how",
    "guess",
    "examples",
];

/// The `columns` table of an account's configuration as these sheets would have it: the headings that
/// are configured already come first. A heading can't be two fields', so one that serves another
/// field elsewhere is left out.
pub fn columns_of(account: &Account, sheets: &[SheetSeen]) -> BTreeMap<String, Vec<String>> {
    let mut columns = account.columns.clone();
    let mut taken: BTreeSet<String> = columns
        .values()
        .flatten()
        .map(|heading| fee_sheet::headings::normal(heading))
        .collect();
    for column in sheets.iter().flat_map(|sheet| &sheet.columns) {
        if taken.insert(fee_sheet::headings::normal(&column.heading)) {
            let headings = columns.entry(column.field.clone()).or_default();
            headings.push(column.heading.clone());
        }
    }
    columns
}

/// The same as it is written in the configuration.
fn as_toml(account: &Account, columns: &BTreeMap<String, Vec<String>>) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let name = match account.name.chars().all(plain) {
        true => account.name.clone(),
        false => toml::Value::from(account.name.as_str()).to_string(),
    };
    let mut text = format!("[accounts.{name}.columns]\n");
    let fields = gateway::fields(account.gateway);
    let written = fields
        .iter()
        .filter_map(|field| Some((field.name, columns.get(field.name)?)));
    for (field, headings) in written {
        let headings: Vec<String> = headings
            .iter()
            .map(|heading| toml::Value::from(heading.as_str()).to_string())
            .collect();
        text.push_str(&format!("{field} = [{}]\n", headings.join(", ")));
    }
    text
}

/// What a person reads above the table, as comments.
fn as_comments(path: &Path, sheets: &[SheetSeen], language: Language) -> String {
    let mut text = format!("# {}\n", shown(&path.display().to_string()));
    for sheet in sheets {
        let table = Frame::TableBelow(sheet.name.clone(), sheet.header_row);
        text.push_str(&format!("# {}\n", language.frame(&table)));
        for column in &sheet.columns {
            let examples: Vec<String> = column.examples.iter().map(|text| shown(text)).collect();
            let column = Frame::Column {
                field: column.field.clone(),
                column: column.column.clone(),
                heading: column.heading.clone(),
                grounds: column.grounds(language),
                examples: examples.join(" | "),
            };
            text.push_str(&format!("#   {}\n", language.frame(&column)));
        }
        if !sheet.unused.is_empty() {
            let unused = Frame::NotUsed(sheet.unused.join(", "));
            text.push_str(&format!("#   {}\n", language.frame(&unused)));
        }
    }
    text
}

/// The headings of a sheet that can't be read for want of one; of any other, none.
fn headings_of(path: &Path, account: &Account) -> Vec<String> {
    let options = SheetRules::of(account, Reader::AChild).read_options();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match fee_sheet::open(path, &name, &options) {
        Err(Unreadable::NoColumns { found, .. }) => found,
        Err(Unreadable::AmbiguousColumns { first, second, .. }) => vec![first, second],
        _ => Vec::new(),
    }
}

/// A table to fill in, for a sheet whose headings are not understood: its headings to choose from,
/// and what is configured already.
fn skeleton(path: &Path, account: &Account, failure: &Failure, found: &[String]) -> String {
    let headings: Vec<String> = found
        .iter()
        .map(|heading| toml::Value::from(shown(heading)).to_string())
        .collect();
    let language = account.language;
    let mut text = format!(
        "# {}\n# {}\n# {}\n{}",
        shown(&path.display().to_string()),
        shown(&failure.sentence),
        language.frame(&Frame::Headings(headings.join(", "))),
        as_toml(account, &account.columns)
    );
    let fields = gateway::fields(account.gateway);
    let open = fields
        .iter()
        .filter(|field| !account.columns.contains_key(field.name));
    for field in open {
        text.push_str(&format!(
            "# {} = [\"{}\"] # {}\n",
            field.name,
            field.label,
            language.frame(&Frame::WriteHeading)
        ));
    }
    text
}

pub(super) fn command(terminal: &Terminal, args: &MapArgs) -> Result<Exit, Failure> {
    let config = terminal.config()?;
    let account = account_meant(&config, &args.whose)?;
    let bar = terminal.progress(&args.file.display().to_string(), None);
    let checked = check_file(
        &args.file,
        &SheetRules::of(account, Reader::AChild),
        Some(account),
        &mut |rows| bar.set_position(rows),
    );
    bar.finish_and_clear();
    let checked = match checked {
        Ok(checked) => checked,
        Err(failure) if failure.exit == Exit::File => {
            let name_them = Frame::NameHeadings(
                format!("[accounts.{}.columns]", account.name),
                config.path.display().to_string(),
            );
            let failure = failure.help(account.language.frame(&name_them));
            let found = headings_of(&args.file, account);
            if terminal.format() == Format::Table && !found.is_empty() {
                let mut paper = terminal.paper();
                paper.text(&skeleton(&args.file, account, &failure, &found))?;
                paper.finish()?;
            }
            return Err(failure);
        }
        Err(failure) => return Err(failure),
    };
    let sheets = &checked.summary.sheets;
    let columns = columns_of(account, sheets);
    let toml = as_toml(account, &columns);
    let mut paper = terminal.paper();
    match terminal.format() {
        Format::Table => {
            paper.text(&as_comments(&args.file, sheets, account.language))?;
            paper.text(&toml)?;
        }
        Format::Json => paper.json(&json!({
            "file": args.file.display().to_string(),
            "account": account.name,
            "sheets": sheets,
            "columns": columns,
            "toml": toml,
        }))?,
        Format::Csv => {
            paper.csv(COLUMNS)?;
            for sheet in sheets {
                for column in &sheet.columns {
                    paper.csv(&[
                        &sheet.name,
                        &sheet.header_row.to_string(),
                        &column.field,
                        &column.column,
                        &column.heading,
                        &column.how,
                        &column.guess.to_string(),
                        &column.examples.join(" | "),
                    ])?;
                }
            }
        }
    }
    paper.finish()?;
    Ok(Exit::Done)
}
