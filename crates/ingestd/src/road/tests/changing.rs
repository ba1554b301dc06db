//! A sheet that somebody changes while it is being taken: what was read is what was hashed, and
//! what lies there in the end is taken too.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::*;
use crate::moments::{self, Moment};
use crate::spool::hex;
use sha2::{Digest, Sha256};

/// What somebody does to the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// One row more is written behind the others.
    Grows,
    /// It is cut after its first row.
    IsCut,
    /// Another file is renamed over it.
    IsReplaced,
    /// It is written anew, as long as it was.
    IsWrittenAnew,
    /// It is removed.
    IsRemoved,
    /// A link to a file outside the inbox takes its place.
    IsALink,
}

const CHANGES: [Change; 6] = [
    Change::Grows,
    Change::IsCut,
    Change::IsReplaced,
    Change::IsWrittenAnew,
    Change::IsRemoved,
    Change::IsALink,
];

/// From the moment at which a file is found complete to the one at which its rows are stored.
const MOMENTS: [Moment; 6] = [
    Moment::FileComplete,
    Moment::CopySynced,
    Moment::FileClaimed,
    Moment::ReadingBegun,
    Moment::RowsPartlyStored,
    Moment::RowsStored,
];

fn sheet(payers: &[&str]) -> String {
    let head = "Student Name,CNIC,Amount,Due Date\n".to_owned();
    payers.iter().fold(head, |text, payer| {
        format!("{text}Pupil {payer},{payer},1500,2035-03-31\n")
    })
}

impl Change {
    /// Who stands in the sheet afterwards, if there is one.
    fn leaves(self) -> Option<&'static [&'static str]> {
        match self {
            Change::Grows => Some(&["A-1", "B-2", "C-3"]),
            Change::IsCut => Some(&["A-1"]),
            Change::IsReplaced => Some(&["D-4"]),
            Change::IsWrittenAnew => Some(&["E-5", "F-6"]),
            Change::IsRemoved | Change::IsALink => None,
        }
    }

    fn happens_to(self, file: &Path) {
        let text = sheet(self.leaves().unwrap_or_default());
        match self {
            Change::Grows | Change::IsCut | Change::IsWrittenAnew => {
                std::fs::write(file, text).unwrap();
            }
            Change::IsReplaced => {
                let other = file.with_file_name("coming.part");
                std::fs::write(&other, text).unwrap();
                std::fs::rename(other, file).unwrap();
            }
            Change::IsRemoved => drop(std::fs::remove_file(file)),
            Change::IsALink => {
                let outside = file.ancestors().nth(2).unwrap().join("outside.csv");
                std::fs::write(&outside, sheet(&["SECRET-1"])).unwrap();
                drop(std::fs::remove_file(file));
                #[cfg(unix)]
                std::os::unix::fs::symlink(outside, file).unwrap();
            }
        }
    }
}

async fn changed_at(moment: Moment, change: Change) {
    let school = School::at("2035-03-01T08:00:00Z").await;
    let served = school.taken_by("one").await.unwrap();
    let mut inbox = Inbox::new(&served.account.inbox, Duration::ZERO);
    let file = served.account.inbox.join("march.csv");
    let before: &[&str] = &["A-1", "B-2"];
    std::fs::write(&file, sheet(before)).unwrap();

    let changed = Rc::new(Cell::new(false));
    let (seen, path) = (changed.clone(), file.clone());
    moments::on_this_thread(Some(Box::new(move |now| {
        if now == moment && !seen.replace(true) {
            change.happens_to(&path);
        }
    })));
    for _ in 0..4 {
        intake::pass(&served, &mut inbox, Vec::new()).await.unwrap();
        school.clock.goes_on(Duration::from_secs(11));
    }
    moments::on_this_thread(None);
    let case = format!("{change:?} at {moment:?}");
    assert!(changed.get(), "{case}: it never came there");

    // Every file's rows are those of the very bytes that its checksum names.
    let versions: BTreeMap<String, &[&str]> = [Some(before), change.leaves()]
        .into_iter()
        .flatten()
        .map(|payers| (hex(&Sha256::digest(sheet(payers).as_bytes())), payers))
        .collect();
    let rows = school.ledger.rows(&RowFilter::default()).await.unwrap();
    let files = school.ledger.files(&Default::default()).await.unwrap();
    for listed in &files {
        let stored: Vec<&str> = rows
            .iter()
            .filter(|row| row.file_id == listed.file_id)
            .map(|row| row.identifier.as_str())
            .collect();
        let bytes = versions.get(&listed.sha256);
        assert_eq!(Some(stored.as_slice()), bytes.copied(), "{case}");
    }
    // What was there before is taken if it was still there when it was copied, and what came
    // after it in any case; nothing is left in the inbox but the link.
    let count = usize::from(moment != Moment::FileComplete) + change.leaves().iter().len();
    assert_eq!(files.len(), count, "{case}: {files:?}");
    let left = crate::folder::sheet_files(&served.account.inbox).unwrap();
    assert!(left.is_empty(), "{case}: {left:?}");
    let link = file
        .symlink_metadata()
        .is_ok_and(|about| about.is_symlink());
    assert_eq!(link, change == Change::IsALink, "{case}");
}

#[tokio::test]
async fn what_was_read_is_what_was_hashed_whoever_changes_the_sheet_and_when() {
    for moment in MOMENTS {
        for change in CHANGES {
            changed_at(moment, change).await;
        }
    }
}
