//! A private server: a folder of its own, a socket instead of a port, and a
//! switch that stops it when we are gone, however we went.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::account::Account;
use super::folder;
use super::programs::Programs;
use super::supervised::Supervised;
use super::template;

/// A loaded machine may be slow; a server that is not ready by then is broken.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// PostgreSQL's "fast" shutdown: it does not wait for clients to leave.
const FAST_SHUTDOWN: &str = "INT";

/// Whether a commit outlives a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// No: nothing is synced. For tests, whose database dies with them.
    Fast,
    /// Yes: the settings a customer's server has.
    Durable,
}

impl Durability {
    fn settings(self) -> &'static [&'static str] {
        match self {
            Durability::Fast => &[
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ],
            Durability::Durable => &["fsync=on", "synchronous_commit=on", "full_page_writes=on"],
        }
    }
}

/// A running server. Dropping it stops it and removes its folder.
pub(crate) struct Server {
    url: String,
    _supervised: Supervised,
}

impl Server {
    /// Starts a server; `cache` keeps what makes the next start quick.
    pub(crate) fn start(
        programs: &Programs,
        cache: &Path,
        durability: Durability,
    ) -> Result<Server> {
        let account = Account::choose()?;
        let dir = folder::make(account)?;
        let data = dir.path().join("data");
        template::lay_out(programs, account, cache, &data)?;

        let path = dir.path().to_owned();
        let mut command = vec![
            programs.postgres().into_os_string(),
            "-D".into(),
            data.clone().into(),
        ];
        let sockets = format!("unix_socket_directories={}", path.display());
        let always = [
            sockets.as_str(),
            "listen_addresses=",
            "max_connections=300",
            // No replica will ever read this log.
            "wal_level=minimal",
            "max_wal_senders=0",
        ];
        for setting in always.iter().chain(durability.settings()) {
            command.extend(["-c".into(), (*setting).into()]);
        }
        let mut supervised = Supervised::start(account, dir, FAST_SHUTDOWN, command)?;
        wait_until_ready(&mut supervised, &data.join("postmaster.pid"))?;
        Ok(Server {
            url: format!(
                "postgres://postgres@localhost/postgres?host={}",
                path.display()
            ),
            _supervised: supervised,
        })
    }

    /// Where clients find it: through its socket, as user `postgres`, without a
    /// password. Only this account and root can reach the socket.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// Ready is what line 8 of postmaster.pid says.
fn wait_until_ready(server: &mut Supervised, pid_file: &Path) -> Result<()> {
    let started = Instant::now();
    loop {
        let text = fs::read_to_string(pid_file).unwrap_or_default();
        if text
            .lines()
            .nth(7)
            .is_some_and(|line| line.trim() == "ready")
        {
            return Ok(());
        }
        if let Some(log) = server.ended()? {
            bail!(
                "the private PostgreSQL did not start: {}",
                last_lines(&log, 5)
            );
        }
        if started.elapsed() > START_TIMEOUT {
            let log = last_lines(&server.log(), 5);
            bail!(
                "the private PostgreSQL was not ready after {} s: {log}",
                START_TIMEOUT.as_secs()
            );
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn last_lines(text: &str, lines_max: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(lines_max)..].join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_is_one_line() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b / c");
        assert_eq!(last_lines("a\n", 2), "a");
    }
}
