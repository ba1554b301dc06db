//! Whether the folders of an account are there and can be written.

use std::path::Path;

use super::Finding;
use crate::config::Account;
use crate::exit::Exit;

/// The inbox and the folders in it.
pub(super) fn inbox(account: &Account) -> Finding {
    let what = format!("{}: inbox", account.name);
    let shown = account.inbox.display();
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
    match std::fs::read_dir(&account.inbox) {
        Ok(_) => Finding::good(what, shown.to_string()),
        Err(error) => Finding::bad(
            what,
            Exit::Usage,
            format!("{shown} can't be listed: {error}"),
            "mend its permissions",
        ),
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
