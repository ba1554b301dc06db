//! `initdb` takes seconds, a copy of what it made takes a fraction of one. So it
//! runs once for each server version and account, into `target/pg/`.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};

use super::account::{Account, succeed};
use super::programs::Programs;

/// Puts a fresh data directory at `data`, whose folder the account can write to.
///
/// `initdb` works beside `data` and we copy: `cache` may lie where the account
/// can't go, as below the home of root.
pub(crate) fn lay_out(
    programs: &Programs,
    account: Account,
    cache: &Path,
    data: &Path,
) -> Result<()> {
    fs::create_dir_all(cache).with_context(|| format!("{} can't be made", cache.display()))?;
    let template = cache.join(name_of(programs, account));

    // Two runs at once: the second waits for the first one's template.
    let lock =
        File::create(cache.join("lock")).context("the lock of the template can't be made")?;
    lock.lock()
        .context("the lock of the template can't be taken")?;
    if template.is_dir() {
        drop(lock);
        return copy(&template, data, account).context("the template can't be copied");
    }
    initdb(programs, account, data)?;
    let unfinished = cache.join("unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).context("an unfinished template can't be removed")?;
    }
    copy(data, &unfinished, account).context("the template can't be kept")?;
    fs::rename(&unfinished, &template).context("the template can't be kept")?;
    Ok(())
}

/// A template serves one build of the server, and one owner.
fn name_of(programs: &Programs, account: Account) -> PathBuf {
    let plain: String = programs
        .version()
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || letter == '.' {
                letter
            } else {
                '-'
            }
        })
        .collect();
    PathBuf::from(format!("{plain}-uid{}", account.uid()))
}

/// One locale everywhere, so that no test depends on the machine's. Not synced:
/// it is made again if lost.
fn initdb(programs: &Programs, account: Account, data: &Path) -> Result<()> {
    let folder = data.parent().unwrap_or(data);
    succeed(
        "initdb",
        account
            .command(programs.initdb())
            .arg("--pgdata")
            .arg(data)
            .args([
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ])
            .current_dir(folder)
            .stdin(Stdio::null()),
    )
}

/// Copies folders and files with their permissions, as the account's own.
fn copy(from: &Path, to: &Path, account: Account) -> Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &there, account)?;
        } else {
            fs::copy(entry.path(), &there)?;
            account.own(&there)?;
        }
    }
    let permissions: io::Result<_> = fs::metadata(from).map(|folder| folder.permissions().mode());
    fs::set_permissions(to, fs::Permissions::from_mode(permissions?))?;
    account.own(to)
}
