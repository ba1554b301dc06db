//! Which report in `results/` is whose, and whether a person has changed it since. A bursar who
//! corrects a fix sheet where it lies must not lose the corrections when the service writes or
//! removes it: what was written is remembered in a list beside the reports, and a file that looks
//! otherwise is left alone; the new one goes under another name.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use ingest_ledger::FileLine;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::folder;
use crate::spool::hex;
use crate::writes::Writes;

/// Where a report of a file goes: `NAME.ending`, or `NAME-FILE_ID.ending` where another file has
/// that name, a person has changed what lies there, or the name is so long that it has to be cut.
/// If that one is changed too, `NAME-FILE_ID-2.ending`, and so on.
pub(super) fn report_path(results: &Path, file: &FileLine, ending: &str) -> PathBuf {
    Reports::of(results, file).path(ending)
}

/// Removes the reports of a file that have this ending, but those that a person has changed.
///
/// # Errors
/// One of them is still there: to be tried again, since it says what is so no longer.
pub(super) fn remove_own(results: &Path, file: &FileLine, ending: &str) -> io::Result<()> {
    Reports::of(results, file).remove(ending)
}

/// Puts a report where it belongs, and remembers what was written.
pub(super) fn put(
    draft: tempfile::TempPath,
    results: &Path,
    file: &FileLine,
    ending: &str,
) -> io::Result<()> {
    Reports::of(results, file).put(draft, ending)
}

/// The reports of one file.
struct Reports<'a> {
    results: &'a Path,
    name: &'a str,
    file_id: i64,
}

/// What a name is to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Nobody's, and nothing lies there.
    Free,
    /// Ours, and nothing lies there any more.
    Gone,
    /// Ours, as it was written.
    Ours,
    /// Another file's, a person's, or changed by a person.
    Taken,
}

impl<'a> Reports<'a> {
    fn of(results: &'a Path, file: &'a FileLine) -> Self {
        Reports {
            results,
            name: &file.file_name,
            file_id: file.file_id,
        }
    }

    /// The names that were used for this report, and the first that was not.
    fn names(&self, ending: &str) -> Vec<(PathBuf, Standing)> {
        let numbered = folder::numbered_report_stem(self.name, self.file_id);
        let plain = folder::report_stem(self.name).map(str::to_owned);
        let further = (2..).map(|number: u32| format!("{numbered}-{number}"));
        let numbered = std::iter::once(numbered.clone()).chain(further);
        let with_standing = |stem: String| {
            let path = self.results.join(format!("{stem}.{ending}"));
            let standing = self.standing(&path);
            (path, standing)
        };
        let mut names: Vec<_> = plain.into_iter().map(with_standing).collect();
        for name in numbered.map(with_standing) {
            let last = name.1 == Standing::Free;
            names.push(name);
            if last {
                break;
            }
        }
        names
    }

    fn standing(&self, path: &Path) -> Standing {
        let there = path.symlink_metadata().is_ok();
        match (Note::read(self.results, path), there) {
            (None, false) => Standing::Free,
            (Some(note), false) if note.file_id == self.file_id => Standing::Gone,
            (Some(note), true) if note.file_id == self.file_id && note.fits(path) => Standing::Ours,
            _ => Standing::Taken,
        }
    }

    /// The name that is ours already, the last of several; else the first that can be.
    fn path(&self, ending: &str) -> PathBuf {
        let names = self.names(ending);
        let ours = names.iter().rfind(|(_, is)| *is == Standing::Ours);
        let usable = || {
            let mut names = names.iter();
            names.find(|(_, is)| matches!(is, Standing::Free | Standing::Gone))
        };
        // The names end with a free one, so there always is one.
        let Some((path, standing)) = ours.or_else(usable) else {
            return self.results.join(format!("{}.{ending}", self.file_id));
        };
        if *standing == Standing::Free {
            let note = Note {
                file_id: self.file_id,
                looks: Vec::new(),
            };
            if let Err(error) = note.write(self.results, path) {
                tracing::debug!(%error, "which file a report belongs to could not be noted");
            }
        }
        path.clone()
    }

    fn put(&self, draft: tempfile::TempPath, ending: &str) -> io::Result<()> {
        // Chosen at the last moment: a large sheet is long in the making, and a person may have
        // saved the one before it meanwhile.
        let target = self.path(ending);
        // Remembered before it lies there, beside what lies there now: whichever of the two is
        // found after a crash is ours.
        let looks = [Look::of(&target), Look::of(&draft)];
        let note = Note {
            file_id: self.file_id,
            looks: looks.into_iter().flatten().collect(),
        };
        note.write(self.results, &target)?;
        Writes::Rename.here()?;
        draft.persist(&target).map_err(|error| error.error)
    }

    fn remove(&self, ending: &str) -> io::Result<()> {
        for (path, standing) in self.names(ending) {
            if standing == Standing::Ours {
                Writes::Remove.here()?;
                match std::fs::remove_file(path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// What tells a file as it was written from one that was saved again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    bytes: u64,
    /// Since 1970.
    modified_ns: u128,
}

impl Look {
    fn of(path: &Path) -> Option<Look> {
        let metadata = path.symlink_metadata().ok()?;
        let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Look {
            bytes: metadata.len(),
            modified_ns: modified.as_nanos(),
        })
    }
}

/// What is remembered of a report, in `results/.of/` under its name: the file's number in the
/// first line, and in the others what it looked like when it was written. Reports of one account
/// have one writer.
#[derive(Debug, PartialEq, Eq)]
struct Note {
    file_id: i64,
    /// None where nobody noted it; then the report is taken for unchanged.
    looks: Vec<Look>,
}

impl Note {
    fn read(results: &Path, report: &Path) -> Option<Note> {
        let text = std::fs::read_to_string(Self::path(results, report))
            .or_else(|_| std::fs::read_to_string(Self::former_path(results, report)))
            .ok()?;
        let mut lines = text.lines();
        let file_id = lines.next()?.trim().parse().ok()?;
        let look = |line: &str| {
            let (bytes, modified_ns) = line.split_once(' ')?;
            Some(Look {
                bytes: bytes.parse().ok()?,
                modified_ns: modified_ns.parse().ok()?,
            })
        };
        let looks = lines.filter_map(look).collect();
        Some(Note { file_id, looks })
    }

    /// Writes it whole or not at all.
    fn write(&self, results: &Path, report: &Path) -> io::Result<()> {
        let path = Self::path(results, report);
        let folder = folder::make_inside(results, ".of")?;
        Writes::Create.here()?;
        let mut draft = tempfile::NamedTempFile::new_in(&folder)?;
        Writes::Bytes.here()?;
        writeln!(draft, "{}", self.file_id)?;
        for look in &self.looks {
            writeln!(draft, "{} {}", look.bytes, look.modified_ns)?;
        }
        super::readable_by_others(draft.path())?;
        Writes::Rename.here()?;
        draft.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// Under one name for all that a share without capital letters, or with another form of
    /// Unicode, takes for the same: the second of two such reports is written under a name of its own.
    fn path(results: &Path, report: &Path) -> PathBuf {
        let name = report.file_name().unwrap_or_default().to_string_lossy();
        let mut folded: String = name.nfc().flat_map(char::to_lowercase).nfc().collect();
        if folded.len() > folder::NAME_MAX {
            folded = hex(&Sha256::digest(folded.as_bytes()));
        }
        results.join(".of").join(folded)
    }

    /// Where it was written before names were folded.
    fn former_path(results: &Path, report: &Path) -> PathBuf {
        let name = report.file_name().unwrap_or_default();
        results.join(".of").join(name)
    }

    fn fits(&self, report: &Path) -> bool {
        self.looks.is_empty() || Look::of(report).is_some_and(|look| self.looks.contains(&look))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;

    const FIX: &str = "fix.xlsx";

    fn of(results: &Path, file_id: i64) -> Reports<'_> {
        Reports {
            results,
            name: "fees.csv",
            file_id,
        }
    }

    fn write(results: &Path, file_id: i64, text: &str) {
        let mut draft = tempfile::NamedTempFile::new_in(results).unwrap();
        draft.write_all(text.as_bytes()).unwrap();
        of(results, file_id)
            .put(draft.into_temp_path(), FIX)
            .unwrap();
    }

    /// Names and contents of what a bursar sees.
    fn seen(results: &Path) -> BTreeMap<String, String> {
        let entries = fs::read_dir(results).unwrap().map(Result::unwrap);
        entries
            .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
            .filter(|(name, _)| name != ".of")
            .map(|(name, path)| (name, fs::read_to_string(path).unwrap()))
            .collect()
    }

    fn these<const N: usize>(files: [(&str, &str); N]) -> BTreeMap<String, String> {
        let owned = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        files.into_iter().map(owned).collect()
    }

    #[test]
    fn a_report_that_nobody_changed_is_written_again_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path();
        for text in ["first", "second", "third, and longer"] {
            write(results, 7, text);
            assert_eq!(seen(results), these([("fees.csv.fix.xlsx", text)]));
        }
        of(results, 7).remove(FIX).unwrap();
        assert_eq!(seen(results), these([]));
        write(results, 7, "fourth");
        assert_eq!(seen(results), these([("fees.csv.fix.xlsx", "fourth")]));
    }

    #[test]
    fn a_report_that_a_person_changed_is_left_and_the_new_one_has_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path();
        write(results, 7, "first");
        fs::write(results.join("fees.csv.fix.xlsx"), "corrected by hand").unwrap();
        for text in ["second", "third, and longer"] {
            write(results, 7, text);
            let both = [
                ("fees.csv.fix.xlsx", "corrected by hand"),
                ("fees.csv-7.fix.xlsx", text),
            ];
            assert_eq!(seen(results), these(both));
        }
        fs::write(results.join("fees.csv-7.fix.xlsx"), "corrected too").unwrap();
        write(results, 7, "fourth");
        write(results, 7, "fifth!");
        let all = [
            ("fees.csv.fix.xlsx", "corrected by hand"),
            ("fees.csv-7.fix.xlsx", "corrected too"),
            ("fees.csv-7-2.fix.xlsx", "fifth!"),
        ];
        assert_eq!(seen(results), these(all));

        of(results, 7).remove(FIX).unwrap();
        assert_eq!(seen(results), these([all[0], all[1]]));
        // Dropped back into the inbox: the name is ours still.
        fs::remove_file(results.join("fees.csv.fix.xlsx")).unwrap();
        write(results, 7, "sixth");
        let left = [("fees.csv.fix.xlsx", "sixth"), all[1]];
        assert_eq!(seen(results), these(left));
    }

    #[test]
    fn a_change_that_keeps_the_size_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path();
        write(results, 7, "1500");
        let path = results.join("fees.csv.fix.xlsx");
        fs::write(&path, "1600").unwrap();
        let later = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(4_000);
        let opened = fs::File::options().write(true).open(&path).unwrap();
        opened.set_modified(later).unwrap();
        of(results, 7).remove(FIX).unwrap();
        assert_eq!(seen(results), these([("fees.csv.fix.xlsx", "1600")]));
    }

    #[test]
    fn a_report_of_another_file_and_a_file_of_nobody_are_left() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path();
        write(results, 7, "of seven");
        write(results, 8, "of eight");
        let both = [
            ("fees.csv.fix.xlsx", "of seven"),
            ("fees.csv-8.fix.xlsx", "of eight"),
        ];
        assert_eq!(seen(results), these(both));
        of(results, 8).remove(FIX).unwrap();
        assert_eq!(seen(results), these([both[0]]));

        let folder = tempfile::tempdir().unwrap();
        let results = folder.path();
        fs::write(results.join("fees.csv.fix.xlsx"), "a person's").unwrap();
        write(results, 7, "of seven");
        of(results, 7).remove(FIX).unwrap();
        assert_eq!(seen(results), these([("fees.csv.fix.xlsx", "a person's")]));
    }

    #[test]
    fn names_that_differ_in_capitals_or_in_their_form_alone_do_not_share_a_report() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path();
        let names = ["Fees é.csv", "fees é.csv", "fees e\u{301}.csv"];
        for (file_id, name) in (7..).zip(names) {
            let reports = Reports {
                results,
                name,
                file_id,
            };
            for text in ["first", "second"] {
                let mut draft = tempfile::NamedTempFile::new_in(results).unwrap();
                writeln!(draft, "{text} of {name}").unwrap();
                reports.put(draft.into_temp_path(), FIX).unwrap();
            }
        }
        let line = |name: &str| format!("second of {name}\n");
        let expected = BTreeMap::from([
            (format!("{}.fix.xlsx", names[0]), line(names[0])),
            (format!("{}-8.fix.xlsx", names[1]), line(names[1])),
            (format!("{}-9.fix.xlsx", names[2]), line(names[2])),
        ]);
        assert_eq!(seen(results), expected);
        let long = format!("{}.fix.xlsx", "İ".repeat(100));
        let note = Note::path(results, &results.join(long));
        assert!(note.file_name().unwrap().len() <= folder::NAME_MAX);
    }

    #[test]
    fn a_note_from_before_names_were_folded_still_names_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path();
        let report = results.join("Fees.csv.fix.xlsx");
        fs::create_dir(results.join(".of")).unwrap();
        fs::write(results.join(".of/Fees.csv.fix.xlsx"), "7\n").unwrap();
        fs::write(&report, "first").unwrap();
        let standing = |file_id| {
            let name = "Fees.csv";
            let reports = Reports {
                results,
                name,
                file_id,
            };
            reports.standing(&report)
        };
        assert_eq!(standing(7), Standing::Ours);
        assert_eq!(standing(8), Standing::Taken);
    }

    #[test]
    fn a_report_that_was_not_put_in_place_leaves_the_one_before_ours() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path();
        write(results, 7, "first");
        let target = results.join("fees.csv.fix.xlsx");
        // As when the process ends between the note and the renaming.
        let note = Note {
            file_id: 7,
            looks: vec![
                Look::of(&target).unwrap(),
                Look {
                    bytes: 1,
                    modified_ns: 1,
                },
            ],
        };
        note.write(results, &target).unwrap();
        write(results, 7, "second");
        assert_eq!(seen(results), these([("fees.csv.fix.xlsx", "second")]));
    }
}
