//! `cargo xtask sheets`: makes the sheets of `watch-dir.example` anew, the same
//! bytes every time. What each one shows is told in `docs/EXAMPLE-SHEETS.md`.

mod bills;
mod mistakes;
mod text;
mod utilities;
mod workbooks;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::workspace::root;

/// One file of `watch-dir.example`.
struct Sheet {
    name: &'static str,
    bytes: Vec<u8>,
    /// Of the rows that can be billed: all files go to one demo account, so no
    /// identifier may be in two of them.
    identifiers: Vec<String>,
}

pub(crate) fn run() -> Result<ExitCode> {
    for sheet in all()? {
        let path = folder().join(sheet.name);
        fs::write(&path, &sheet.bytes)
            .with_context(|| format!("{} can't be written", path.display()))?;
        eprintln!("xtask: {}, {} bills", sheet.name, sheet.identifiers.len());
    }
    Ok(ExitCode::SUCCESS)
}

fn folder() -> PathBuf {
    root().join("watch-dir.example")
}

fn all() -> Result<Vec<Sheet>> {
    Ok(vec![
        text::greenfield()?,
        text::city_school(),
        text::oxbridge(),
        text::hilltop()?,
        workbooks::crescent()?,
        workbooks::madrasa()?,
        workbooks::noor()?,
        utilities::electricity()?,
        utilities::water()?,
        mistakes::mistakes(),
    ])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::{BTreeSet, HashSet};

    use super::*;

    #[test]
    fn what_is_checked_in_is_what_is_made() {
        for sheet in all().unwrap() {
            let checked_in = fs::read(folder().join(sheet.name)).unwrap();
            assert!(
                checked_in == sheet.bytes,
                "{} differs: run cargo xtask sheets",
                sheet.name
            );
        }
    }

    #[test]
    fn the_folder_holds_nothing_else() {
        let made: BTreeSet<String> = all()
            .unwrap()
            .iter()
            .map(|sheet| sheet.name.to_owned())
            .collect();
        let there: BTreeSet<String> = fs::read_dir(folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        assert_eq!(there, made);
    }

    #[test]
    fn no_identifier_is_in_two_bills() {
        let mut seen = HashSet::new();
        for sheet in all().unwrap() {
            assert!(!sheet.identifiers.is_empty(), "{} bills nobody", sheet.name);
            for identifier in sheet.identifiers {
                assert!(
                    seen.insert(identifier.clone()),
                    "{identifier} in {} is a second one",
                    sheet.name
                );
            }
        }
    }

    #[test]
    fn the_big_sheet_makes_three_chunks() {
        let sheet = utilities::electricity().unwrap();
        assert_eq!(sheet.identifiers.len(), 12_000);
        assert_eq!(
            sheet.bytes.iter().filter(|byte| **byte == b'\n').count(),
            12_001
        );
    }

    #[test]
    fn every_sheet_is_named_in_its_guide() {
        let guide = fs::read_to_string(root().join("docs/EXAMPLE-SHEETS.md")).unwrap();
        for sheet in all().unwrap() {
            assert!(
                guide.contains(sheet.name),
                "docs/EXAMPLE-SHEETS.md does not name {}",
                sheet.name
            );
        }
    }
}
