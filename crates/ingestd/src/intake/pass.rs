//! One pass of the intake, to be taken whenever the folder says something, or after a rest.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use ingest_ledger::LedgerError;

use super::{Took, resume_reading, scan, take};
use crate::account::{InboxNow, Served};
use crate::folder::Inbox;
use crate::moments::Moment;

/// What a pass came to.
#[derive(Debug)]
pub struct Pass {
    /// Something failed and is tried again: after a moment, whatever the folder says meanwhile.
    pub again: bool,
    /// When to look again, if the folder says nothing before.
    pub rest: Duration,
    /// Why the folder can't be read, if it can't. Its files are not gone.
    pub unavailable: Option<io::Error>,
}

/// One pass: files whose reading was cut short are finished, the inbox is looked into, and what is
/// complete in it is taken. `finished`: files of which the system says that their writers are done.
///
/// # Errors
/// The lease is lost.
pub async fn pass(
    served: &Served,
    inbox: &mut Inbox,
    finished: Vec<PathBuf>,
) -> Result<Pass, LedgerError> {
    let account = &served.account;
    let mut pass = Pass {
        again: one_file(served, resume_reading(served).await)? == Took::Again,
        rest: account.scan_every,
        unavailable: None,
    };
    let scan = match scan(served, inbox, finished).await {
        Ok(scan) => scan,
        Err(error) => {
            served.inbox_is(InboxNow::Unavailable);
            pass.unavailable = Some(error);
            return Ok(pass);
        }
    };
    if !scan.complete.is_empty() {
        served.inbox_is(InboxNow::Waiting);
    } else if scan.next_in.is_some() {
        Moment::FileSeen.reached();
    }
    for (name, what) in &scan.odd {
        tracing::warn!(account = %account.name, file = %name, "this is {what}, not a sheet, and is left where it lies: drop the file itself");
    }
    let mut set_aside = scan.set_aside;
    for file in &scan.complete {
        if served.stopping() {
            return Ok(pass);
        }
        match one_file(served, take(served, file).await)? {
            Took::Done => {}
            Took::Again => pass.again = true,
            Took::SetAside => {
                inbox.set_aside(&file.path);
                set_aside = true;
            }
        }
    }
    served.inbox_is(if pass.again || scan.next_in.is_some() {
        InboxNow::Waiting
    } else if set_aside {
        InboxNow::LeftAlone
    } else {
        InboxNow::Empty
    });
    pass.rest = scan
        .next_in
        .map_or(account.scan_every, |next| next.min(account.scan_every));
    Ok(pass)
}

/// What goes wrong with one file must not stop the others, nor the desk: it is tried again.
fn one_file(served: &Served, taken: Result<Took, LedgerError>) -> Result<Took, LedgerError> {
    match taken {
        Ok(took) => Ok(took),
        Err(error @ LedgerError::Fenced(_)) => Err(error),
        Err(error) if error.is_transient() => {
            tracing::warn!(account = %served.account.name, %error, "the database is away; the file is taken again later");
            Ok(Took::Again)
        }
        Err(error) => {
            tracing::error!(account = %served.account.name, %error, "a file can't be stored; it is tried again");
            Ok(Took::Again)
        }
    }
}
