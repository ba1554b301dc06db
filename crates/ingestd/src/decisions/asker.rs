//! Who types a command, as far as the process can know it: the record of decisions shows it.

use ingest_ledger::NewDecision;

use crate::cli::as_one_word;

/// What the kernel answers for a session that nobody signed in to.
const NOBODY_SIGNED_IN: u32 = u32::MAX;

/// Who asks, from where, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asker {
    /// `amina@desk`: the user who signed in to the session, and the machine.
    pub(super) by: String,
    /// As whom, on which terminal, over which connection, in which process.
    pub(super) from: String,
    /// The command line, each word as a shell takes it.
    pub(super) command: String,
}

impl Asker {
    /// Whoever started this process.
    pub(super) fn here() -> Asker {
        let user = login_user();
        let mut from = Vec::new();
        from.extend(
            own_user()
                .filter(|own| *own != user)
                .map(|own| format!("as {own}")),
        );
        from.extend(terminal().map(|terminal| format!("on {terminal}")));
        let over = std::env::var("SSH_CONNECTION").unwrap_or_default();
        from.extend(
            over.split_whitespace()
                .next()
                .map(|address| format!("from {address}")),
        );
        from.push(format!("process {}", std::process::id()));
        Asker {
            by: format!("{user}@{}", host()),
            from: from.join(", "),
            command: typed(std::env::args()),
        }
    }

    /// What is taken down when this person asks.
    pub(super) fn asking<'a>(
        &'a self,
        account: &'a str,
        kind: &'a str,
        ask_json: &'a str,
        files: &'a [i64],
    ) -> NewDecision<'a> {
        NewDecision {
            account,
            kind,
            ask_json,
            asked_by: &self.by,
            asked_from: Some(&self.from),
            command: Some(&self.command),
            files,
        }
    }
}

/// This machine and process, for what a command carries out itself.
pub(super) fn this_process() -> String {
    format!("{}:{}", host(), std::process::id())
}

fn host() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// The user of the session, whoever they have become since (by `sudo`, say).
fn login_user() -> String {
    let signed_in = std::fs::read_to_string("/proc/self/loginuid")
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .filter(|uid| *uid != NOBODY_SIGNED_IN);
    let named = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    };
    signed_in
        .and_then(name_of)
        .or_else(|| named(&["SUDO_USER"]))
        .or_else(own_user)
        .or_else(|| named(&["USER", "LOGNAME", "USERNAME"]))
        .unwrap_or_else(|| "unknown user".to_owned())
}

#[cfg(unix)]
fn own_user() -> Option<String> {
    let uid = rustix::process::getuid().as_raw();
    Some(name_of(uid).unwrap_or_else(|| format!("uid {uid}")))
}

#[cfg(not(unix))]
fn own_user() -> Option<String> {
    None
}

/// The name of a user of this machine.
fn name_of(uid: u32) -> Option<String> {
    name_in(&std::fs::read_to_string("/etc/passwd").ok()?, uid)
}

fn name_in(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

/// The terminal on standard input, if one is there.
fn terminal() -> Option<String> {
    use std::io::IsTerminal;
    if !std::io::stdin().is_terminal() {
        return None;
    }
    let link = std::fs::read_link("/proc/self/fd/0").ok()?;
    Some(link.to_str()?.to_owned())
}

/// The program by its name, wherever it lies.
fn typed(words: impl Iterator<Item = String>) -> String {
    std::iter::once("ingestd".to_owned())
        .chain(words.skip(1).map(|word| as_one_word(&word)))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_command_is_kept_as_a_shell_would_take_it_again() {
        let words = ["/opt/ingestd", "approve", "4", "--reason", "it's right", ""];
        assert_eq!(
            typed(words.map(str::to_owned).into_iter()),
            r"ingestd approve 4 --reason 'it'\''s right' ''"
        );
    }

    #[test]
    fn a_user_is_named_as_the_machine_knows_them() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\namina:x:1000:1000::/home/amina:/bin/sh\n";
        assert_eq!(name_in(passwd, 1000).as_deref(), Some("amina"));
        assert_eq!(name_in(passwd, 7), None);
        let here = Asker::here();
        assert!(
            here.by.contains('@') && here.from.contains("process "),
            "{here:?}"
        );
    }
}
