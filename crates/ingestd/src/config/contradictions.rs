//! What each account may say by itself, but not together with another: one inbox in another, one
//! login twice; and files of ours that lie where they would be taken for sheets.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::account::{Account, PasswordSource};
use super::reading::Findings;
use super::values::login_compared;
use super::{Config, database};

/// Adds every contradiction to the findings; `lines` are those of the accounts' headings.
pub(super) fn find(config: &Config, lines: &BTreeMap<String, usize>, findings: &Findings<'_>) {
    let line_of = |account: &Account| lines.get(&account.name).copied().unwrap_or_default();
    let accounts: Vec<&Arc<Account>> = config.accounts.values().collect();
    for (n, one) in accounts.iter().enumerate() {
        for other in accounts.iter().skip(n + 1) {
            if let Some(sentence) = overlap(one, other) {
                findings.add_on_line(line_of(other), sentence);
            }
            if compared(one) == compared(other) {
                findings.add_on_line(
                    line_of(other),
                    format!(
                        "accounts {} and {} have the same base_url and username: one login is one account, \
                         or two of them would send at once",
                        one.name, other.name
                    ),
                );
            }
        }
        for (what, file) in our_files(config) {
            if real(&file).parent() == Some(real(&one.inbox).as_path()) {
                findings.add_on_line(
                    line_of(one),
                    format!(
                        "the inbox of account {} holds {what} {}, which would be taken for a sheet: give the inbox a folder of its own",
                        one.name,
                        file.display()
                    ),
                );
            }
        }
    }
}

fn compared(account: &Account) -> String {
    login_compared(&account.base_url, &account.username)
}

fn overlap(one: &Account, other: &Account) -> Option<String> {
    let (a, b) = (real(&one.inbox), real(&other.inbox));
    if a == b {
        Some(format!(
            "accounts {} and {} have the same inbox {}",
            one.name,
            other.name,
            a.display()
        ))
    } else if b.starts_with(&a) {
        Some(format!(
            "the inbox of account {} lies inside that of account {}",
            other.name, one.name
        ))
    } else if a.starts_with(&b) {
        Some(format!(
            "the inbox of account {} lies inside that of account {}",
            one.name, other.name
        ))
    } else {
        None
    }
}

fn our_files(config: &Config) -> Vec<(&'static str, PathBuf)> {
    let mut files = vec![("the configuration", config.path.clone())];
    files.extend(
        database::sqlite_file(&config.database_url).map(|file| ("the database", file.to_owned())),
    );
    for account in config.accounts.values() {
        if let PasswordSource::File(file) = &account.password {
            files.push(("the password file", file.clone()));
        }
        files.extend(
            account
                .callback
                .as_ref()
                .map(|callback| ("the secret file", callback.secret_file.clone())),
        );
    }
    files
}

/// The path with links followed as far as it exists, and `..` taken out of the rest.
fn real(path: &Path) -> PathBuf {
    let mut known = path.to_owned();
    let mut rest: Vec<OsString> = Vec::new();
    loop {
        if let Ok(mut whole) = std::fs::canonicalize(&known) {
            for part in rest.iter().rev() {
                if part == ".." {
                    whole.pop();
                } else {
                    whole.push(part);
                }
            }
            return whole;
        }
        match known.components().next_back() {
            Some(last) => rest.push(last.as_os_str().to_owned()),
            None => return path.to_owned(),
        }
        if !known.pop() {
            return path.to_owned();
        }
    }
}
