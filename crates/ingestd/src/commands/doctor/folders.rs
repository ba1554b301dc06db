//! Whether the folders of an account are there, can be written, and belong to this database.

use std::path::Path;

use ingest_ledger::Ledger;

use super::Finding;
use crate::config::Account;
use crate::exit::Exit;
use crate::folder::{MarkerError, marked};
use crate::restored::{Standing, standing, what_to_do};

/// The inbox and the folders in it; `ledger_id` is of the database they are to be served from, if
/// it could be opened, and `was_marked` says whether it has marked this inbox.
pub(super) fn inbox(account: &Account, ledger_id: Option<&str>, was_marked: bool) -> Finding {
    let what = format!("{}: inbox", account.name);
    let shown = account.inbox.display();
    if let (true, Some(ledger_id)) = (was_marked, ledger_id)
        && let Some(why) = unmarked(&account.inbox, ledger_id)
    {
        return Finding::bad(
            what,
            Exit::Usage,
            format!("{shown} is unavailable: {why}"),
            "mount the share it lies on; nothing new is taken until it is back",
        );
    }
    match std::fs::metadata(&account.inbox) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Finding::bad(
                what,
                Exit::Usage,
                format!("the folder {shown} does not exist"),
                format!("mkdir -p {shown}, or mount the share it lies on"),
            );
        }
        Err(error) => {
            return Finding::bad(
                what,
                Exit::Usage,
                format!("{shown} can't be looked at: {error}"),
                "mend its permissions",
            );
        }
        Ok(about) if !about.is_dir() => {
            return Finding::bad(
                what,
                Exit::Usage,
                format!("{shown} is a file"),
                "name a folder as the inbox",
            );
        }
        Ok(_) => {}
    }
    for folder in [
        account.inbox.clone(),
        account.inbox.join(".spool"),
        account.inbox.join("done"),
        account.inbox.join("results"),
        account.inbox.join("unreadable"),
    ] {
        // What is not there yet is made by the service.
        if let Err(error) = writable(&folder)
            && folder.exists()
        {
            return Finding::bad(
                what,
                Exit::Usage,
                format!("{} can't be written: {error}", folder.display()),
                "let the user ingestd runs as read and write it",
            );
        }
    }
    if let Err(error) = std::fs::read_dir(&account.inbox) {
        return Finding::bad(
            what,
            Exit::Usage,
            format!("{shown} can't be listed: {error}"),
            "mend its permissions",
        );
    }
    if let Some(ledger_id) = ledger_id
        && let Err(error) = belongs_to(&account.inbox, ledger_id)
    {
        let advice = match error {
            MarkerError::OtherLedger { .. } => format!(
                "if this database came back from a backup: ingestd resume {} --restored",
                account.name
            ),
            MarkerError::Io { .. } => "let the user ingestd runs as read and write it".to_owned(),
        };
        return Finding::bad(what, Exit::Usage, error.to_string(), advice);
    }
    Finding::good(what, shown.to_string())
}

/// Whether the database knows the newest call that was made for the account; nothing, where there is
/// no marker to tell, or the inbox was found wanting already.
pub(super) async fn newest_call(
    ledger: &Ledger,
    ledger_id: &str,
    account: &Account,
) -> Option<Finding> {
    let what = format!("{}: newest call", account.name);
    if belongs_to(&account.inbox, ledger_id).is_err() {
        return None;
    }
    match standing(ledger, ledger_id, account).await {
        Ok(Standing::Right) => Some(Finding::good(what, "the database knows it")),
        Ok(Standing::Behind(why)) => Some(Finding::bad(
            what,
            Exit::Attention,
            format!("{why}: it seems to have come back from a backup, so nothing is sent"),
            what_to_do(&account.name),
        )),
        Ok(Standing::Lost) => Some(Finding::bad(
            what,
            Exit::Attention,
            "the marker beside its spool is gone",
            "put it back with the folder it lay in; without it the hub is asked before the next call whether the database is behind",
        )),
        Ok(Standing::Unmarked | Standing::Away(_)) => None,
        Err(error) => Some(Finding::bad(
            what,
            Exit::Database,
            error.to_string(),
            "try again",
        )),
    }
}

/// Why an inbox that was marked is not there, or has lost its mark.
fn unmarked(inbox: &Path, ledger_id: &str) -> Option<std::io::Error> {
    let why = marked(inbox, ledger_id).err()?;
    (why.kind() == std::io::ErrorKind::NotFound).then_some(why)
}

/// Whether another ledger serves the inbox. One that nobody serves yet is anybody's; unlike the
/// service, the doctor leaves no marker in it.
fn belongs_to(inbox: &Path, ledger_id: &str) -> Result<(), MarkerError> {
    match std::fs::read_to_string(inbox.join(".ingestd")) {
        Ok(named) if named.trim() == ledger_id => Ok(()),
        Ok(named) => Err(MarkerError::OtherLedger {
            inbox: inbox.display().to_string(),
            other: named.trim().chars().take(64).collect(),
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(MarkerError::Io {
            inbox: inbox.display().to_string(),
            source,
        }),
    }
}

/// Tries it with a file that is gone again at once, and whose name is no sheet's.
fn writable(folder: &Path) -> std::io::Result<()> {
    tempfile::Builder::new()
        .prefix(".ingestd-doctor-")
        .tempfile_in(folder)
        .map(|_| ())
}

/// Whether anybody but its owner may read a file.
#[cfg(unix)]
pub(super) fn others_may_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0)
}

/// Whether anybody but its owner may read a file.
#[cfg(not(unix))]
pub(super) fn others_may_read(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::folder::claim_inbox;

    #[test]
    fn an_inbox_of_another_ledger_is_told_and_a_fresh_one_is_left_unmarked() {
        let inbox = tempfile::tempdir().unwrap();
        belongs_to(inbox.path(), "ours").unwrap();
        assert_eq!(std::fs::read_dir(inbox.path()).unwrap().count(), 0);
        claim_inbox(inbox.path(), "ours").unwrap();
        belongs_to(inbox.path(), "ours").unwrap();
        let told = belongs_to(inbox.path(), "theirs").unwrap_err().to_string();
        assert!(told.contains("ledger ours"), "{told}");
    }
}
