//! Where a private server lives: a folder that its account can reach, short
//! enough for a socket, and swept when nobody lives there any more.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::account::Account;

/// The folder is `PREFIX<our pid>-<random>` in the folder for temporary files.
const PREFIX: &str = "ingestd-pg-";

/// A socket's path must fit into `sun_path`: 104 bytes on a Mac, 108 on Linux,
/// the NUL at its end included.
const SOCKET_PATH_MAX: usize = 103;

/// A folder of the account's own, closed to all others but root.
pub(super) fn make(account: Account) -> Result<TempDir> {
    let base = base_folder(account)?;
    sweep(&base);
    let dir = tempfile::Builder::new()
        .prefix(&format!("{PREFIX}{}-", std::process::id()))
        .tempdir_in(&base)
        .with_context(|| format!("no folder can be made in {}", base.display()))?;
    account.own(dir.path())?;
    Ok(dir)
}

/// The folder for temporary files, or `/tmp` where that one is unfit: where the
/// server's account can't go, too long for a socket, or of letters that a URL or
/// a setting would have to escape.
pub(super) fn base_folder(account: Account) -> Result<PathBuf> {
    [
        std::env::temp_dir(),
        PathBuf::from("/tmp"),
        PathBuf::from("/var/tmp"),
    ]
    .into_iter()
    .find(|folder| is_fit(folder, account))
    .context("no folder for the private PostgreSQL: /tmp must exist and be open to all")
}

fn is_fit(folder: &Path, account: Account) -> bool {
    let Some(text) = folder.to_str() else {
        return false;
    };
    let plain = text
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter));
    let socket = format!("{text}/{PREFIX}4294967295-123456/.s.PGSQL.5432");
    plain
        && folder.is_absolute()
        && folder.is_dir()
        && socket.len() <= SOCKET_PATH_MAX
        && match account {
            Account::Own { .. } => true,
            Account::Lesser { .. } => folder.ancestors().all(is_open_to_all),
        }
}

fn is_open_to_all(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o001 != 0)
}

/// Removes folders whose xtask and whose server are both gone: left by a power
/// cut, or by a killed supervisor. What can't be removed is someone else's.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(starter) = name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split('-').next())
        else {
            continue;
        };
        let server =
            fs::read_to_string(entry.path().join("data/postmaster.pid")).unwrap_or_default();
        let server = server.lines().next().unwrap_or_default().to_owned();
        if !is_alive(starter) && !is_alive(&server) {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// Whether a process of this number runs, and is ours to signal.
pub(super) fn is_alive(pid: &str) -> bool {
    pid.parse::<u32>().is_ok()
        && Command::new("/bin/sh")
            .args(["-c", "kill -0 \"$1\"", "sh", pid])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_folder_that_others_cannot_enter_is_unfit_for_another_account() {
        let own = Account::Own { uid: 1000 };
        let lesser = Account::Lesser {
            uid: 65534,
            gid: 65534,
        };
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let mode =
            |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();

        mode(0o700);
        assert!(!is_fit(folder.path(), lesser));
        assert!(is_fit(folder.path(), own));
        mode(0o755);
        assert!(is_fit(folder.path(), lesser));
    }

    #[test]
    fn a_folder_too_deep_for_a_socket_is_unfit() {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let deep = folder.path().join("x".repeat(SOCKET_PATH_MAX));
        fs::create_dir(&deep).unwrap();
        assert!(!is_fit(&deep, Account::Own { uid: 1000 }));
    }

    #[test]
    fn only_folders_of_the_dead_are_swept() {
        let base = tempfile::tempdir().unwrap();
        let ours = base
            .path()
            .join(format!("{PREFIX}{}-aaaaaa", std::process::id()));
        let dead = base.path().join(format!("{PREFIX}4194304999-bbbbbb"));
        let other = base.path().join("something-else");
        for folder in [&ours, &dead, &other] {
            fs::create_dir(folder).unwrap();
        }

        sweep(base.path());

        assert!(ours.exists() && other.exists());
        assert!(!dead.exists());
    }
}
