//! Under which account the server runs. PostgreSQL refuses to run as root, so
//! root hands it to `postgres`, or to `nobody` where there is no `postgres`.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The account of the server's processes and files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// Our own: we are not root.
    Own { uid: u32 },
    /// Another one: we are root, and step down.
    Lesser { uid: u32, gid: u32 },
}

impl Account {
    pub(crate) fn choose() -> Result<Account> {
        let uid = our_uid()?;
        if uid != 0 {
            return Ok(Account::Own { uid });
        }
        let passwd = fs::read_to_string("/etc/passwd").context("/etc/passwd can't be read")?;
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| find(&passwd, name))
            .context("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
    }

    pub(crate) fn uid(self) -> u32 {
        match self {
            Account::Own { uid } | Account::Lesser { uid, .. } => uid,
        }
    }

    /// A command that runs as this account. Changing the uid also drops root's
    /// supplementary groups (the standard library does so when root steps down).
    pub(crate) fn command(self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        if let Account::Lesser { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Gives a file that we made to the account.
    pub(crate) fn own(self, path: &Path) -> Result<()> {
        if let Account::Lesser { uid, gid } = self {
            chown(path, Some(uid), Some(gid))
                .with_context(|| format!("{} can't be given to uid {uid}", path.display()))?;
        }
        Ok(())
    }
}

/// Whether we are root.
pub(crate) fn is_root() -> Result<bool> {
    Ok(our_uid()? == 0)
}

fn our_uid() -> Result<u32> {
    let output = Command::new("id")
        .arg("-u")
        .output()
        .context("id -u could not be started")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim()
        .parse()
        .with_context(|| format!("id -u answered {text:?}"))
}

/// Reads uid and gid of a name from the text of `/etc/passwd`. Never uid 0.
fn find(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok().filter(|uid| *uid != 0)?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account::Lesser { uid, gid })
    })
}

/// Fails, with what the command printed, if it did not succeed.
pub(crate) fn succeed(what: &str, command: &mut Command) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("{what} could not be started"))?;
    if !output.status.success() {
        bail!(
            "{what} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
        nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n\
        postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        assert_eq!(
            find(PASSWD, "postgres"),
            Some(Account::Lesser { uid: 101, gid: 104 })
        );
        assert_eq!(
            find(PASSWD, "nobody"),
            Some(Account::Lesser {
                uid: 65534,
                gid: 65533
            })
        );
        assert_eq!(find(PASSWD, "post"), None);
    }

    #[test]
    fn root_is_never_chosen() {
        assert_eq!(find(PASSWD, "root"), None);
    }
}
