//! `resume --restored`: a database that came back from a backup takes over an account. What the hub
//! holds and this database does not know is remembered first, so that none of it is billed again.
//!
//! First the calls in doubt are looked for: what is theirs is adopted. Then every other request that
//! this database does not own is read, and its bills are kept as foreign ones. Then the sheets in
//! `done/` that it does not know are taken again; their rows meet those bills when they are judged.
//! Only then the marker names this database, and the account sends. Whatever fails leaves it as it
//! was, and may be asked again: what was kept stays kept.

use std::fs;
use std::io;

use ingest_ledger::{HoldKind, LedgerError};

use super::Answer;
use crate::account::Served;
use crate::commands::{counted, many};
use crate::folder;
use crate::foreign;
use crate::gateway::AskError;
use crate::intake::{self, Taken, blocking};
use crate::lookup;
use crate::spool;

/// Why a sheet waits that was taken again.
const TAKEN_AGAIN: &str = "it lay in done/ and was taken again after the database came back from a backup; what became of its \
    rows that the hub has no bill of is not known (they may have been cancelled, or replaced by a newer sheet)";

/// Has this database take over the account.
pub(super) async fn take_over(served: &Served) -> Result<Answer, LedgerError> {
    let inbox = served.account.inbox.clone();
    if let Err(error) = blocking(move || fs::read_dir(inbox).map(drop)).await {
        return Ok(Answer::ambiguous(format!(
            "the inbox {} is not there ({error}): mount the share it lies on, or make the folder, and ask again",
            served.account.inbox.display()
        )));
    }
    let mut answer = Answer {
        sets_nothing_going: true,
        ..Answer::default()
    };
    if let Err(refused) = look_for_calls_in_doubt(served, &mut answer).await? {
        return Ok(refused);
    }
    if let Err(refused) = keep_foreign_bills(served, &mut answer).await? {
        return Ok(refused);
    }
    if let Err(error) = claim(served).await {
        return Ok(Answer::ambiguous(format!(
            "the inbox {} can't be marked as this database's: {error}",
            served.account.inbox.display()
        )));
    }
    let path = served.account.inbox.to_string_lossy();
    let ledger = &served.ledger;
    ledger.inbox_marked(&served.account.name, &path).await?;
    if let Err(refused) = take_sheets_again(served, &mut answer).await? {
        return Ok(refused);
    }
    let newest = ledger.newest_call(&served.account.name).await?;
    if let Err(why) = overwrite(served, newest).await {
        return Ok(Answer::ambiguous(format!(
            "the marker beside the spool can't be written: {why}"
        )));
    }
    ledger.call_marked(&served.account.name).await?;
    ledger.unpause(&served.account.name).await?;
    Ok(answer)
}

/// The calls whose answers this database lacks are its own: those are found before anything is called
/// foreign.
async fn look_for_calls_in_doubt(
    served: &Served,
    answer: &mut Answer,
) -> Result<Result<(), Answer>, LedgerError> {
    let doubts = served.ledger.unknown_chunks(&served.account.name).await?;
    if doubts.is_empty() {
        return Ok(Ok(()));
    }
    Ok(match lookup::look(served, &doubts).await? {
        Ok(looked) => {
            answer.done.push(format!(
                "{}: {} found",
                counted(
                    doubts.len() as u64,
                    "call whose answer was lost was looked for",
                    "calls whose answers were lost were looked for"
                ),
                looked.found.len()
            ));
            Ok(())
        }
        Err(_) => Err(not_whole(
            &served
                .unreachable()
                .unwrap_or_else(|| "the hub could not be read".to_owned()),
        )),
    })
}

/// Reads every request that no chunk owns, and keeps its bills.
async fn keep_foreign_bills(
    served: &Served,
    answer: &mut Answer,
) -> Result<Result<(), Answer>, LedgerError> {
    let listed = match served.gateway().every_request().await {
        Ok(listed) => listed,
        Err(error) => {
            served.not_read(&error).await?;
            return Ok(Err(not_whole(&error.to_string())));
        }
    };
    let login = served.account.login();
    let owned = served.ledger.owned_requests(&login).await?;
    let older = served.ledger.requests_listed_first(&login).await?;
    let all = listed.len();
    let mut read = 0;
    // The oldest first: of two bills of a payer the one that was kept later is the newer.
    let mut foreign: Vec<String> = listed
        .into_iter()
        .filter(|id| !owned.contains(id) && !older.contains(id))
        .collect();
    foreign.sort_by_key(|id| (id.parse::<i64>().unwrap_or(i64::MAX), id.clone()));
    for request_id in &foreign {
        if served.stopping() {
            return Ok(Err(Answer::refused(
                "the service was stopped before all requests of the hub were read: ask again",
            )));
        }
        match foreign::read(served, request_id).await? {
            Ok(_) => read += 1,
            Err(error) => {
                if !matches!(error, AskError::NotFound(_) | AskError::Hidden(_)) {
                    served.not_read(&error).await?;
                }
                return Ok(Err(not_whole(&format!("request {request_id}: {error}"))));
            }
        }
    }
    let (bills, open) = served.ledger.foreign_count(&served.account.name).await?;
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    answer.requests = Some(read);
    answer.done.push(format!(
        "of the hub's {} {} not this database's: {} in them count as billed before, {} of them still to be paid or being made \
         (`ingestd foreign` lists them)",
        many(all as u64, "bulk request"),
        counted(read, "is", "are"),
        many(count(bills), "bill"),
        count(open)
    ));
    Ok(Ok(()))
}

/// Marks the inbox as this database's, whoever's it was.
async fn claim(served: &Served) -> io::Result<()> {
    let (inbox, ledger_id) = (served.account.inbox.clone(), served.ledger_id.clone());
    blocking(move || {
        folder::make_folders(&inbox)?;
        if folder::marked(&inbox, &ledger_id).is_err() {
            match fs::remove_file(inbox.join(".ingestd")) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            folder::claim_inbox(&inbox, &ledger_id).map_err(io::Error::other)?;
        }
        Ok(())
    })
    .await
}

/// Takes the sheets in `done/` again that this database does not know by what is in them.
async fn take_sheets_again(
    served: &Served,
    answer: &mut Answer,
) -> Result<Result<(), Answer>, LedgerError> {
    let done = served.account.inbox.join("done");
    let unread =
        |error: io::Error| Answer::ambiguous(format!("the sheets in done/ can't be read: {error}"));
    let sheets = match blocking(move || sheets_by_age(&done)).await {
        Ok(sheets) => sheets,
        Err(error) => return Ok(Err(unread(error))),
    };
    let (mut taken, mut unreadable) = (0, 0);
    for path in sheets {
        if served.stopping() {
            return Ok(Err(Answer::refused(
                "the service was stopped before all sheets in done/ were taken again: ask again",
            )));
        }
        let name = path.file_name().map(folder::shown).unwrap_or_default();
        let hashed = path.clone();
        let sha256 = match blocking(move || spool::sha256_of(&hashed)).await {
            Ok(sha256) => sha256,
            Err(error) => return Ok(Err(unread(error))),
        };
        let account = &served.account.name;
        if served.ledger.knows_bytes(account, &sha256).await? {
            continue;
        }
        let copies = served.spool.clone();
        let spooled = match blocking(move || copies.take(&path)).await {
            Ok(spooled) => spooled,
            Err(error) => return Ok(Err(unread(error))),
        };
        let why = (HoldKind::File, TAKEN_AGAIN.to_owned());
        match intake::take_again(served, &name, &spooled, why).await? {
            Taken::Stored { file_id } => {
                served.ledger.file_put_away(file_id).await?;
                answer.files.push(file_id);
                taken += 1;
            }
            Taken::Unreadable { file_id, .. } => {
                answer.files.push(file_id);
                unreadable += 1;
            }
            Taken::Duplicate { .. } => {}
        }
    }
    if taken > 0 {
        answer.done.push(format!(
            "{} from done/: what the hub has a bill of is not sent, the rest is held (`ingestd status`)",
            counted(
                taken,
                "sheet that this database did not know was taken again",
                "sheets that this database did not know were taken again"
            )
        ));
    }
    if unreadable > 0 {
        answer.left.push(format!(
            "{} in done/ can't be read",
            many(unreadable, "sheet")
        ));
    }
    Ok(Ok(()))
}

/// The sheets of a folder, the oldest first: of two sheets for the same payers the newer is to be
/// judged as the newer.
fn sheets_by_age(folder: &std::path::Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut sheets = Vec::new();
    for sheet in folder::sheet_files(folder)? {
        let changed = fs::metadata(&sheet)?.modified()?;
        sheets.push((changed, sheet));
    }
    sheets.sort();
    Ok(sheets.into_iter().map(|(_, sheet)| sheet).collect())
}

/// The marker names this database's newest call from now on, whatever it named.
async fn overwrite(served: &Served, call: Option<ingest_ledger::NewestCall>) -> io::Result<()> {
    let (inbox, ledger_id) = (served.account.inbox.clone(), served.ledger_id.clone());
    let marker = folder::newest_call::Marker { ledger_id, call };
    served.can_mark(None);
    blocking(move || folder::newest_call::write(&inbox, &marker)).await
}

/// Nothing is decided by half a reading.
fn not_whole(why: &str) -> Answer {
    Answer::refused_by_hub(format!(
        "the hub's requests could not be read whole, so the account still sends nothing: {why}. Ask again"
    ))
}
