//! From the inbox to stored rows: a complete file is copied to the spool, claimed by what is in
//! it, read from the copy, judged, and stored; then the original is moved to `done/`.

mod origin;
mod pass;
mod rows;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fee_sheet::Unreadable;
use ingest_ledger::planted::Bug;
use ingest_ledger::{Claim, FileLine, FileState, HoldKind, LedgerError, NewFile, NewRow};
use tokio::sync::mpsc;

use crate::account::Served;
use crate::exit::{Exit, Failure};
use crate::folder::{self, Complete, Inbox, Look, PutAway, Scan};
use crate::language::Language;
use crate::moments::Moment;
use crate::said::OfNote;
use crate::sheet::SheetRules;
use crate::spool::Spooled;
use crate::writes::Writes;
pub(crate) use origin::in_origin;
pub use pass::{Pass, pass};
use rows::{ReadRow, read_rows, stored_facts};
pub(crate) use rows::{as_usual, asks_approval, corrected_by, hold_of, mappings_of};

/// Batches read ahead of the ledger.
const BATCHES_AHEAD: usize = 1;

/// What a step with one file came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Took {
    /// It is dealt with, or gone.
    Done,
    /// It could not be taken just now, or another one lies in its place: to be tried again.
    Again,
    /// Trying again is of no use before the file looks different.
    SetAside,
}

/// Finishes files whose reading was cut short: their copy is in the spool.
pub async fn resume_reading(served: &Served) -> Result<Took, LedgerError> {
    for listed in served.ledger.files_reading(&served.account.name).await? {
        if unavailable(served).await.is_some() {
            return Ok(Took::Done); // nor is the copy: when the folder is back
        }
        let Some(sha256) = sha256_from_hex(&listed.sha256) else {
            continue;
        };
        // One that the desk is storing this moment (`submit`) was not cut short.
        let Some(_storing) = served.may_store(sha256) else {
            continue;
        };
        // It may have been stored since it was listed; from here on nobody else stores it.
        let Some(file) = served.ledger.file(listed.file_id).await? else {
            continue;
        };
        if file.state != FileState::Reading {
            continue;
        }
        let claim = NewFile {
            file_name: file.file_name.clone(),
            sha256,
            size: u64::try_from(file.size).unwrap_or(0),
            spool_name: file.spool_name.clone(),
            rows_per_request: u32::from(served.account.rows_per_request),
            by_hand: file.by_hand,
            force: false,
            hold: None,
        };
        if let Claim::Resume { file_id } = served.ledger.file_claim(&served.lease, &claim).await? {
            tracing::info!(file_id, file = %file.file_name, "reading a file again that was cut short");
            let tokens = Tokens::of(file.hold_kind.is_some());
            store(served, file_id, &file.file_name, &file.spool_name, tokens).await?;
        }
    }
    Ok(Took::Done)
}

/// Looks into the inbox, off the loops' thread: a share may take its time.
///
/// # Errors
/// The inbox can't be read, or is another folder than the one that was marked.
pub async fn scan(served: &Served, inbox: &mut Inbox, finished: Vec<PathBuf>) -> io::Result<Scan> {
    let mut looking = inbox.clone();
    let folder = served.account.inbox.clone();
    let (ledger_id, now) = (served.ledger_id.clone(), served.now());
    let (looked, scan) = blocking(move || {
        folder::marked(&folder, &ledger_id)?;
        let scan = looking.scan(&finished, now)?;
        Ok((looking, scan))
    })
    .await?;
    *inbox = looked;
    Ok(scan)
}

/// Why the inbox, and with it every copy, is not there just now, if it is not.
pub async fn unavailable(served: &Served) -> Option<io::Error> {
    let (folder, ledger_id) = (served.account.inbox.clone(), served.ledger_id.clone());
    let looked = blocking(move || folder::marked(&folder, &ledger_id)).await;
    looked.err()
}

/// Removes what an interrupted copy left in the spool.
pub async fn sweep(served: &Served) {
    let spool = served.spool.clone();
    if let Err(error) = blocking(move || spool.sweep()).await {
        tracing::debug!(%error, "what an interrupted copy left stays in the spool");
    }
}

/// Takes one complete file of the inbox.
pub async fn take(served: &Served, file: &Complete) -> Result<Took, LedgerError> {
    Moment::FileComplete.reached();
    let spool = served.spool.clone();
    let found = file.clone();
    let copied = blocking(move || {
        let (mut opened, look) = folder::open_plain(&found.path)?;
        if look != found.look {
            return Ok(None);
        }
        let spooled = spool.take_from(&mut opened)?;
        let unchanged = Look::at(&found.path).is_ok_and(|look| look == found.look);
        Ok(unchanged.then_some(spooled))
    })
    .await;
    let spooled = match copied {
        Ok(Some(spooled)) => spooled,
        Ok(None) => return Ok(Took::Again), // it changed before it was copied, or meanwhile
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            served.spool.could_take(&file.name); // something else lies in its place
            return Ok(Took::Again);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_gone(&file.path).await => {
            served.spool.could_take(&file.name);
            return Ok(Took::Done);
        }
        Err(error)
            if error.kind() == io::ErrorKind::PermissionDenied && !opens(&file.path).await =>
        {
            tracing::warn!(file = %file.name, %error, "this file may not be read and stays in the inbox; it is tried again when it changes");
            stays(served, file, &error.to_string());
            return Ok(Took::SetAside);
        }
        Err(error) => {
            if stays(served, file, &error.to_string()) {
                tracing::warn!(
                    file = %file.name, spool = %served.spool.path("").display(), %error,
                    "this file can't be copied just now; it is tried again, and said again in a minute"
                );
            }
            return Ok(Took::Again);
        }
    };
    Moment::CopySynced.reached();
    served.spool.could_take(&file.name);
    let taken = claim_and_store(served, &file.name, &spooled, false, None).await?;
    put_away(served, file, spooled, taken).await
}

/// Notes why a file stays in the inbox; whether that is to be said.
fn stays(served: &Served, file: &Complete, why: &str) -> bool {
    served.spool.could_not_take(&file.name, why, served.now())
}

/// Whether nothing has this name any more.
async fn is_gone(path: &Path) -> bool {
    let path = path.to_owned();
    blocking(move || Look::at(&path))
        .await
        .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Whether a file may be read; if so, it is the spool that may not be written.
async fn opens(path: &Path) -> bool {
    let path = path.to_owned();
    blocking(move || folder::open_plain(&path)).await.is_ok()
}

/// What became of a file that was handed in.
#[derive(Debug)]
pub enum Taken {
    /// Its rows are stored.
    Stored {
        /// The file.
        file_id: i64,
    },
    /// It can't be read.
    Unreadable {
        /// The file.
        file_id: i64,
        /// Why, in a sentence for the person who dropped it.
        why: String,
    },
    /// The same bytes were taken before.
    Duplicate {
        /// This file.
        file_id: i64,
        /// The earlier one.
        of: Box<FileLine>,
    },
}

/// Claims a copy in the spool and stores its rows.
pub async fn take_spooled(
    served: &Served,
    file_name: &str,
    spooled: &Spooled,
    by_hand: bool,
) -> Result<Taken, LedgerError> {
    let claimed = claim_and_store(served, file_name, spooled, by_hand, None).await?;
    Ok(taken(claimed))
}

/// Takes a sheet again that was taken before the database came back from a backup: it waits as a whole
/// for a person, for this reason, and corrects no row (the numbers that its tokens name may be other
/// rows' by now).
pub async fn take_again(
    served: &Served,
    file_name: &str,
    spooled: &Spooled,
    why: (HoldKind, String),
) -> Result<Taken, LedgerError> {
    let claimed = claim_and_store(served, file_name, spooled, false, Some(why)).await?;
    Ok(taken(claimed))
}

fn taken(claimed: Claimed) -> Taken {
    match claimed {
        Claimed::Now(taken) => taken,
        Claimed::Before(file) => Taken::Stored {
            file_id: file.file_id,
        },
    }
}

/// Whether the tokens of a sheet are heeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tokens {
    /// They name the rows that these correct.
    Heeded,
    /// They may name any row.
    Passed,
}

impl Tokens {
    /// A file that was held before it was read was taken again.
    fn of(taken_again: bool) -> Tokens {
        match taken_again {
            true => Tokens::Passed,
            false => Tokens::Heeded,
        }
    }
}

enum Claimed {
    Now(Taken),
    /// Stored before, under this name, and its original was never put away.
    Before(Box<FileLine>),
}

async fn claim_and_store(
    served: &Served,
    file_name: &str,
    spooled: &Spooled,
    by_hand: bool,
    hold: Option<(HoldKind, String)>,
) -> Result<Claimed, LedgerError> {
    // Before the claim, which takes away the rows of a file that is still being stored.
    let _storing = served.storing(spooled.sha256).await;
    let tokens = Tokens::of(hold.is_some());
    let claim = NewFile {
        file_name: file_name.to_owned(),
        sha256: spooled.sha256,
        size: spooled.size,
        spool_name: spooled.name.clone(),
        rows_per_request: u32::from(served.account.rows_per_request),
        by_hand,
        force: false,
        hold,
    };
    let claimed = served.ledger.file_claim(&served.lease, &claim).await?;
    Moment::FileClaimed.reached();
    Ok(match claimed {
        Claim::New { file_id } | Claim::Resume { file_id } => {
            Claimed::Now(store(served, file_id, file_name, &spooled.name, tokens).await?)
        }
        Claim::Stored { file } => Claimed::Before(file),
        Claim::Duplicate { file_id, of } => Claimed::Now(Taken::Duplicate { file_id, of }),
    })
}

/// Reads a copy and stores its rows, reading and storing side by side.
async fn store(
    served: &Served,
    file_id: i64,
    file_name: &str,
    spool_name: &str,
    tokens: Tokens,
) -> Result<Taken, LedgerError> {
    let (to_ledger, mut batches) = mpsc::channel::<Vec<ReadRow>>(BATCHES_AHEAD);
    let rules = SheetRules::on(&served.account, served.today(), served.world.reader);
    let account = &served.account.name;
    let rules = as_usual(rules, &served.ledger, account).await?;
    let reading = tokio::task::spawn_blocking({
        let path = served.spool.path(spool_name);
        let file_name = file_name.to_owned();
        let of_ledger = (tokens == Tokens::Heeded).then(|| served.ledger_id.clone());
        move || read_rows(&path, &file_name, &rules, of_ledger.as_deref(), &to_ledger)
    });
    Moment::ReadingBegun.reached();
    let mut stored = Ok(());
    let mut twice = Vec::new();
    while let Some(batch) = batches.recv().await {
        let corrections: Vec<_> = batch.iter().filter_map(ReadRow::as_correction).collect();
        match in_origin(&served.ledger, &served.account, &corrections).await {
            Ok(found) => twice.extend(found),
            Err(error) => {
                stored = Err(error);
                break;
            }
        }
        let mut rows: Vec<NewRow<'_>> = batch.iter().map(ReadRow::as_new).collect();
        if Bug::LosesTheLastRow.is_planted() {
            rows.pop();
        }
        stored = served
            .ledger
            .rows_store(&served.lease, file_id, &rows)
            .await;
        if stored.is_err() {
            break;
        }
        Moment::RowsPartlyStored.reached();
        served.moved();
    }
    drop(batches);
    let read = match reading.await {
        Ok(read) => read,
        Err(panic) => {
            tracing::error!(file_id, %panic, "the reader of a sheet died");
            let failed = Unreadable::ReaderFailed("it crashed".to_owned());
            let why = served.account.language.unreadable(&failed);
            Err(Failure::file(format!("{file_name}: {why}")))
        }
    };
    stored?;
    match read {
        Ok(summary) => {
            let facts = stored_facts(&summary, &served.account, twice);
            served
                .ledger
                .file_stored(&served.lease, file_id, &facts)
                .await?;
            Moment::RowsStored.reached();
            tracing::info!(
                file_id,
                file = file_name,
                rows = summary.rows,
                valid = summary.valid,
                "rows stored"
            );
            // Before it is planned: a planner that knows of no rows would sort them all for each page.
            served.wrote(summary.rows).await?;
            served.moved();
            Ok(Taken::Stored { file_id })
        }
        Err(failure) if failure.exit != Exit::File => {
            // It says nothing of the file, which is read again.
            Err(LedgerError::Refused(failure.sentence))
        }
        Err(failure) => {
            if let Some(why) = unavailable(served).await {
                return Err(LedgerError::Refused(format!(
                    "{file_name} is read when its folder is back: {why}"
                )));
            }
            let why = failure.to_string();
            served
                .ledger
                .file_unreadable(&served.lease, file_id, &why)
                .await?;
            tracing::warn!(file_id, file = file_name, %why, "a file can't be read");
            Ok(Taken::Unreadable { file_id, why })
        }
    }
}

/// Moves a file that was dealt with out of the inbox, and leaves a note if one is due. One
/// that was replaced meanwhile is a new file, and gets neither.
async fn put_away(
    served: &Served,
    file: &Complete,
    spooled: Spooled,
    claimed: Claimed,
) -> Result<Took, LedgerError> {
    let (file_id, folder) = match &claimed {
        Claimed::Now(Taken::Stored { file_id } | Taken::Duplicate { file_id, .. }) => {
            (*file_id, "done")
        }
        Claimed::Now(Taken::Unreadable { file_id, .. }) => (*file_id, "unreadable"),
        Claimed::Before(before) => (before.file_id, "done"),
    };
    let (path, target) = (file.path.clone(), served.account.inbox.join(folder));
    let end =
        blocking(move || folder::put_away(&path, &spooled, &target, &file_id.to_string())).await;
    let put = match end {
        Ok(put) => put,
        Err(error) => {
            tracing::warn!(file = %file.name, %error, "the file was taken, but can't be moved out of the inbox");
            let target = served.account.inbox.join(folder);
            stays(
                served,
                file,
                &format!(
                    "it was taken, but can't be moved to {}: {error}",
                    target.display()
                ),
            );
            return Ok(Took::SetAside);
        }
    };
    Moment::OriginalMoved.reached();
    if matches!(
        &claimed,
        Claimed::Now(Taken::Stored { .. }) | Claimed::Before(_)
    ) {
        served.ledger.file_put_away(file_id).await?;
    }
    match put {
        PutAway::There(moved) => {
            let results = served.account.inbox.join("results");
            let language = served.account.language;
            if let Some((path, text)) = note(file, &claimed, moved, &results, language) {
                let written = blocking(move || write_note(&path, &text)).await;
                if let Err(error) = written {
                    tracing::warn!(file = %file.name, file_id, %error, "the note about this file can't be written");
                }
            }
            Ok(Took::Done)
        }
        PutAway::Gone => Ok(Took::Done),
        PutAway::Replaced => {
            tracing::info!(file = %file.name, file_id, "another file took its place while it was read; that one is taken next");
            Ok(Took::Again)
        }
        PutAway::ReplacedTwice(left) => {
            tracing::warn!(
                file = %file.name, file_id, left = %left.display(),
                "it was replaced twice while it was read: the newest is taken next; the one between was not taken and lies where `left` says"
            );
            Ok(Took::Again)
        }
    }
}

/// The note that is due about a file now that it lies where `moved` says, and its path.
fn note(
    file: &Complete,
    claimed: &Claimed,
    moved: PathBuf,
    results: &Path,
    language: Language,
) -> Option<(PathBuf, String)> {
    let name = &file.name;
    let (of, tag) = match claimed {
        Claimed::Now(Taken::Stored { .. }) => return None,
        Claimed::Now(Taken::Unreadable { file_id, why }) => {
            let path = beside(&moved, *file_id, ".why.txt");
            let nothing = language.note(&OfNote::NothingSent(name.clone()));
            return Some((path, format!("{why}\n\n{nothing}\n")));
        }
        Claimed::Now(Taken::Duplicate { file_id, of }) => (of, *file_id),
        // Its own original, put away late by a process that came after, came before it was
        // taken; what came later was dropped again.
        Claimed::Before(of) if file.look.came_after(of.taken_at) => (of, of.file_id),
        Claimed::Before(_) => return None,
    };
    let text = language.note(&OfNote::SameBytes {
        name: name.clone(),
        of: of.file_name.clone(),
        taken_at: of.taken_at.format("%Y-%m-%d %H:%M UTC").to_string(),
        file_id: of.file_id,
    });
    let note = folder::name_with(name, ".duplicate.txt", tag);
    Some((results.join(note), format!("{text}\n")))
}

/// Writes a note, which nobody writes later: what failed once is tried again.
fn write_note(path: &Path, text: &str) -> io::Result<()> {
    const TRIES: u32 = 3;
    let write = || {
        Writes::Bytes.here()?;
        fs::write(path, text)
    };
    (1..TRIES).fold(write(), |written, _| written.or_else(|_| write()))
}

/// The path of a note beside a file.
fn beside(file: &Path, file_id: i64, ending: &str) -> PathBuf {
    let mut whole = file.file_name().unwrap_or_default().to_os_string();
    whole.push(ending);
    if whole.len() > folder::NAME_MAX {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        whole = folder::name_with(&name, ending, file_id).into();
    }
    file.with_file_name(whole)
}

/// A checksum from its hexadecimal digits.
pub fn sha256_from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    (text.len() == 64).then_some(bytes)
}

/// Work on files, off the loops' thread: a share may take its time.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}
