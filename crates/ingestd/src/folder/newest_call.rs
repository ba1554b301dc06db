//! The marker beside the spool: which ledger made the newest call, and which call that was. Written
//! before the first byte of each call leaves, it outlives a database that comes back from a backup.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use ingest_ledger::NewestCall;

use super::marker::marked;
use super::usable::make_inside;
use crate::spool::{self, hex};

/// The folder it lies in: with the copies, so that who keeps those keeps it too.
const FOLDER: &str = ".spool";
/// Its name there.
const NAME: &str = "newest-call";

/// What a marker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The ledger that made the call.
    pub ledger_id: String,
    /// The call; `None`: a ledger that has made none has taken over.
    pub call: Option<NewestCall>,
}

/// What was found where the marker lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there.
    Marker(Marker),
    /// The inbox is there and ours, and there is no marker in it.
    Nothing,
    /// The inbox is another ledger's, or the marker says nothing that can be understood.
    Strange(String),
}

/// Reads the marker of an inbox that is to be `ledger_id`'s.
///
/// # Errors
/// The inbox is not there, or can't be read: nothing is known.
pub fn read(inbox: &Path, ledger_id: &str) -> io::Result<Found> {
    match marked(inbox, ledger_id) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::Other => {
            return Ok(Found::Strange(error.to_string()));
        }
        Err(error) => return Err(error),
    }
    let text = match fs::read_to_string(inbox.join(FOLDER).join(NAME)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => String::new(),
        Err(error) => return Err(error),
    };
    Ok(match understood(&text) {
        Some(marker) => Found::Marker(marker),
        None => Found::Strange(format!("{NAME} in its {FOLDER} can't be understood")),
    })
}

/// Writes the marker whole, and syncs it and its folder: it is there after a power cut, or the one
/// before it is.
///
/// # Errors
/// It can't be written; the one before it is left. The inbox itself is never made.
pub fn write(inbox: &Path, marker: &Marker) -> io::Result<()> {
    let folder = make_inside(inbox, FOLDER)?;
    // What an interrupted one leaves is swept with what interrupted copies leave.
    let mut draft = tempfile::Builder::new()
        .prefix("taking-")
        .tempfile_in(&folder)?;
    draft.write_all(told(marker).as_bytes())?;
    draft.as_file().sync_all()?;
    draft
        .persist(folder.join(NAME))
        .map_err(|error| error.error)?;
    spool::sync_folder(&folder)
}

fn told(marker: &Marker) -> String {
    let call = match &marker.call {
        Some(call) => format!("call {} {}", call.attempt_id, hex(&call.body_sha256)),
        None => "no call".to_owned(),
    };
    format!("ledger {}\n{call}\n", marker.ledger_id)
}

fn understood(text: &str) -> Option<Marker> {
    let mut lines = text.strip_suffix('\n')?.lines();
    let ledger_id = lines.next()?.strip_prefix("ledger ")?.to_owned();
    let call = match lines.next()? {
        "no call" => None,
        call => {
            let (number, body) = call.strip_prefix("call ")?.split_once(' ')?;
            Some(NewestCall {
                attempt_id: number.parse().ok()?,
                body_sha256: crate::intake::sha256_from_hex(body)?,
            })
        }
    };
    lines.next().is_none().then_some(Marker { ledger_id, call })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::folder::claim_inbox;

    fn marker(call: Option<i64>) -> Marker {
        Marker {
            ledger_id: "ours".to_owned(),
            call: call.map(|attempt_id| NewestCall {
                attempt_id,
                body_sha256: [7; 32],
            }),
        }
    }

    #[test]
    fn what_was_marked_is_read_and_the_newest_counts() {
        let inbox = tempfile::tempdir().unwrap();
        let inbox = inbox.path();
        read(inbox, "ours").unwrap_err();
        claim_inbox(inbox, "ours").unwrap();
        assert_eq!(read(inbox, "ours").unwrap(), Found::Nothing);
        for call in [None, Some(5), Some(12)] {
            write(inbox, &marker(call)).unwrap();
            let found = read(inbox, "ours").unwrap();
            assert_eq!(found, Found::Marker(marker(call)));
        }
        assert!(matches!(read(inbox, "theirs").unwrap(), Found::Strange(_)));
        assert_eq!(fs::read_dir(inbox.join(FOLDER)).unwrap().count(), 1);
    }

    #[test]
    fn a_marker_that_is_cut_short_or_typed_over_is_strange_and_not_missing() {
        let inbox = tempfile::tempdir().unwrap();
        claim_inbox(inbox.path(), "ours").unwrap();
        write(inbox.path(), &marker(Some(12))).unwrap();
        let path = inbox.path().join(FOLDER).join(NAME);
        let whole = fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let found = read(inbox.path(), "ours").unwrap();
            assert!(matches!(found, Found::Strange(_)), "cut after {cut} bytes");
        }
        fs::write(&path, [0xff, 0xfe]).unwrap();
        let found = read(inbox.path(), "ours").unwrap();
        assert!(matches!(found, Found::Strange(_)));
    }

    #[test]
    fn no_inbox_is_made_for_a_marker() {
        let folder = tempfile::tempdir().unwrap();
        let inbox = folder.path().join("unmounted");
        write(&inbox, &marker(Some(1))).unwrap_err();
        assert!(!inbox.exists());
    }
}
