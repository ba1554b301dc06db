//! The program as a child: a command that ends, or a service that goes on
//! until it is told or killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::{Child, Command};

use crate::program::ingestd;
use crate::rounds::rounds_of_torture;

/// A command that runs longer than this hangs; under torture it may have much to do.
fn command_deadline() -> Duration {
    match rounds_of_torture() {
        ..=1 => Duration::from_secs(600),
        _ => Duration::from_secs(6 * 3_600),
    }
}

/// A service drains within this, or it hangs.
const STOP_DEADLINE: Duration = Duration::from_secs(90);

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Ran {
    /// What was asked.
    pub line: String,
    /// Its exit code; -1 if a signal ended it.
    pub code: i32,
    /// Its answer.
    pub stdout: String,
    /// Its messages.
    pub stderr: String,
}

impl Ran {
    /// Runs a command in a folder and waits for its end.
    pub(crate) async fn run(folder: &Path, arguments: &[&str], more: &[(&str, &str)]) -> Ran {
        let mut command = Command::from(ingestd());
        command.current_dir(folder).envs(more.iter().copied());
        Ran::ended(command, arguments).await
    }

    async fn ended(mut command: Command, arguments: &[&str]) -> Ran {
        let line = format!("ingestd {}", arguments.join(" "));
        command.args(arguments);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let deadline = command_deadline();
        let ended = tokio::time::timeout(deadline, command.output()).await;
        let Ok(ended) = ended else {
            panic!("`{line}` did not end within {} s", deadline.as_secs());
        };
        let output = ended.expect("the program can be started");
        Ran {
            line,
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// As [`Ran::run`], by another user.
    #[cfg(unix)]
    pub(crate) async fn run_by(user: u32, folder: &Path, arguments: &[&str]) -> Ran {
        let mut command = ingestd();
        // The folder it was built into may be closed to others.
        let copy = folder.join("ingestd-of-another-user");
        if !copy.exists() {
            std::fs::copy(command.get_program(), &copy).expect("the program can be copied");
        }
        command = {
            let mut copied = std::process::Command::new(&copy);
            for (name, value) in command.get_envs() {
                match value {
                    Some(value) => copied.env(name, value),
                    None => copied.env_remove(name),
                };
            }
            copied
        };
        let mut command = Command::from(command);
        command.uid(user).gid(user).current_dir(folder);
        Ran::ended(command, arguments).await
    }

    /// Insists on an exit code.
    ///
    /// # Panics
    /// If it ended otherwise, with all it said.
    #[track_caller]
    pub fn ended_with(self, code: i32) -> Ran {
        assert_eq!(
            self.code, code,
            "`{}` should end with {code}\nstdout: {}\nstderr: {}",
            self.line, self.stdout, self.stderr
        );
        self
    }

    /// Standard output as JSON, which must stand there alone.
    ///
    /// # Panics
    /// If it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|why| {
            panic!(
                "`{}` printed no JSON ({why})\nstdout: {}\nstderr: {}",
                self.line, self.stdout, self.stderr
            )
        })
    }

    /// Insists that both streams together hold a text.
    ///
    /// # Panics
    /// If neither does.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Ran {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "`{}` should say {text:?}\nstdout: {}\nstderr: {}",
            self.line,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Insists that what went wrong is said in a sentence, and not by a panic
    /// or a debugging dump.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn in_one_sentence(&self) -> &Ran {
        let said: Vec<&str> = self
            .stderr
            .lines()
            .filter(|line| !line.trim().is_empty() && !is_log_line(line))
            .collect();
        let plain = !["panicked", "RUST_BACKTRACE", "Error {", "Some(", "Err("]
            .iter()
            .any(|word| self.stderr.contains(word));
        assert!(
            plain && (1..=3).contains(&said.len()),
            "`{}` should say in a sentence what is wrong, and what to do\nstdout: {}\nstderr: {}",
            self.line,
            self.stdout,
            self.stderr
        );
        self
    }
}

/// Lines of the log begin with a time.
fn is_log_line(line: &str) -> bool {
    line.len() > 20 && line.as_bytes()[..4].iter().all(u8::is_ascii_digit) && line.contains('T')
}

/// `ingestd run` as a child; gone when it is dropped.
#[derive(Debug)]
pub struct Service {
    child: Child,
    log: PathBuf,
}

impl Service {
    pub(crate) fn start(
        folder: &Path,
        arguments: &[&str],
        more: &[(&str, &str)],
        log: &Path,
    ) -> Service {
        let to_log = File::create(log).expect("a log can be written beside the configuration");
        let mut command = Command::from(ingestd());
        command.args(arguments).current_dir(folder);
        command.envs(more.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(to_log).kill_on_drop(true);
        let child = command.spawn().expect("the program can be started");
        Service {
            child,
            log: log.to_owned(),
        }
    }

    /// Its process id, for as long as it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The exit code, if it has ended.
    pub fn ended(&mut self) -> Option<i32> {
        let ended = self.child.try_wait().expect("a child can be waited for");
        ended.map(|status| status.code().unwrap_or(-1))
    }

    /// Kills it at once: no handler runs, nothing is flushed.
    pub async fn kill9(mut self) {
        self.child.kill().await.expect("a child can be killed");
    }

    /// Asks it to stop (SIGTERM) and waits until it has; answers its exit code.
    ///
    /// # Panics
    /// If it does not stop.
    pub async fn stop(mut self) -> i32 {
        let pid = self.pid().expect("a service that is to stop runs");
        let asked = std::process::Command::new("kill")
            .args(["-TERM", &pid.to_string()])
            .status()
            .expect("kill can be run");
        assert!(asked.success(), "the service had ended by itself");
        match tokio::time::timeout(STOP_DEADLINE, self.child.wait()).await {
            Ok(status) => status
                .expect("a child can be waited for")
                .code()
                .unwrap_or(-1),
            Err(_) => panic!("the service did not stop; its log: {}", self.log()),
        }
    }
}
