//! A program that dies with us, however we go: the switch that stops it is a
//! pipe, and the kernel closes our end of it even when we are killed.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::account::Account;

/// Runs the server (arguments from the third on) until standard input ends, then
/// stops it by a signal (the second) and removes the folder (the first). The end
/// of standard input is what the kernel brings about when we die, even by SIGKILL.
///
/// A server that ends by itself leaves its folder, with its log, to us.
const SUPERVISE: &str = r#"
dir=$1; signal=$2; shift 2
exec 3<&0
"$@" </dev/null >"$dir/log" 2>&1 3<&- &
server=$!
{ read -r _ <&3; : >"$dir/closed"; kill -s "$signal" "$server"; } 2>/dev/null &
switch=$!
exec 3<&-
wait "$server"; status=$?
if [ -e "$dir/closed" ]; then rm -rf "$dir"; else kill "$switch" 2>/dev/null; fi
exit "$status"
"#;

/// A program that dies with us.
pub(super) struct Supervised {
    supervisor: Child,
    switch: Option<ChildStdin>,
    dir: TempDir,
}

impl Supervised {
    /// Starts `command` as `account`; `dir` goes when it does.
    pub(super) fn start<S: AsRef<OsStr>>(
        account: Account,
        dir: TempDir,
        stop_signal: &str,
        command: Vec<S>,
    ) -> Result<Supervised> {
        let mut supervisor = account
            .command("/bin/sh")
            .args(["-c", SUPERVISE, "sh"])
            .arg(dir.path())
            .arg(stop_signal)
            .args(command)
            .current_dir(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C in a terminal reaches us, and we take the server down; not
            // both at once.
            .process_group(0)
            .spawn()
            .context("the private PostgreSQL could not be started")?;
        let switch = supervisor.stdin.take();
        Ok(Supervised {
            supervisor,
            switch,
            dir,
        })
    }

    /// What it printed, if it ended by itself.
    pub(super) fn ended(&mut self) -> Result<Option<String>> {
        let ended = self
            .supervisor
            .try_wait()
            .context("the private PostgreSQL can't be waited for")?;
        Ok(ended.map(|_| self.log()))
    }

    /// What it printed until now.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        drop(self.switch.take());
        if let Err(why) = self.supervisor.wait() {
            eprintln!("xtask: the private PostgreSQL can't be waited for: {why}");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::PathBuf;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::super::folder::{base_folder, is_alive};
    use super::*;

    /// Longer than any machine needs; only a test that fails waits for it.
    const PATIENCE: Duration = Duration::from_secs(60);

    fn folder(account: Account) -> TempDir {
        let dir = tempfile::Builder::new()
            .prefix("xtask-test-")
            .tempdir_in(base_folder(account).unwrap())
            .unwrap();
        account.own(dir.path()).unwrap();
        dir
    }

    /// Something that runs until it is told to stop, and writes its pid.
    fn supervised_sleeper() -> (Supervised, PathBuf, String) {
        let account = Account::choose().unwrap();
        let dir = folder(account);
        let path = dir.path().to_owned();
        let script = "echo $$ >pid.new; mv pid.new pid; while :; do sleep 0.05; done";
        let supervised =
            Supervised::start(account, dir, "TERM", vec!["/bin/sh", "-c", script]).unwrap();
        let pid = until(|| fs::read_to_string(path.join("pid")).ok())
            .trim()
            .to_owned();
        (supervised, path, pid)
    }

    fn until<T>(mut happens: impl FnMut() -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(found) = happens() {
                return found;
            }
            assert!(started.elapsed() < PATIENCE, "it never happened");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn what_we_started_dies_when_our_end_of_the_pipe_is_gone() {
        let (mut supervised, path, pid) = supervised_sleeper();
        assert!(is_alive(&pid));

        // What the kernel does to our pipe when we are killed.
        drop(supervised.switch.take());

        until(|| (!is_alive(&pid)).then_some(()));
        until(|| (!path.exists()).then_some(()));
    }

    #[test]
    fn dropping_stops_and_removes() {
        let (supervised, path, pid) = supervised_sleeper();
        drop(supervised);
        assert!(!is_alive(&pid));
        assert!(!path.exists());
    }

    #[test]
    fn what_ends_by_itself_leaves_its_log() {
        let account = Account::choose().unwrap();
        let command = vec!["/bin/sh", "-c", "echo FATAL: no room >&2; exit 3"];
        let mut supervised = Supervised::start(account, folder(account), "TERM", command).unwrap();

        let log = until(|| supervised.ended().unwrap());

        assert_eq!(log, "FATAL: no room\n");
    }
}
