//! A child and the pipe from it, as the reader of a sheet sees them: bytes that come in time, or why
//! they do not.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use fee_sheet::{Broke, LineStream, Unreadable};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::Signal;

use super::child::LACKS;
use super::limits::Patience;
use super::rooms::{self, Taken};
use super::{Request, failing, say_what_is_lacking};
use crate::exit::Exit;

/// The hidden command.
const COMMAND: &str = "read-sheet";
/// Of what a child says on standard error, so much is looked at.
const SAID_BYTES_MAX: usize = 16 << 10;
/// How long a child that has said everything may take to end.
const ENDS_WITHIN: Duration = Duration::from_secs(2);
/// How Rust says that there is no more memory.
const NO_MEMORY: &str = "memory allocation of";

/// A child that reads a file.
pub(super) struct ChildStream {
    child: Child,
    /// Open as long as we want anything.
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr: ChildStderr,
    memory_mb: u64,
    patience: Patience,
    /// We have ended it, for it took too long.
    out_of_patience: bool,
    reaped: bool,
    _room: Taken,
}

/// How a child ended.
struct Ended {
    status: ExitStatus,
    said: String,
    /// It did not end by itself.
    by_us: bool,
}

impl ChildStream {
    /// Starts a child, once there is room for it, and asks it to read a file.
    pub(super) fn start(path: &Path, request: &Request) -> Result<ChildStream, Unreadable> {
        let room = rooms::room_for(request.allowed);
        let not_now = |error: io::Error| {
            Unreadable::NotNow(format!("no process can be started to read it: {error}"))
        };
        let mut child = command(path).spawn().map_err(not_now)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(not_now(io::Error::other("it has no pipes")));
        };
        let mut stream = ChildStream {
            child,
            stdin,
            stdout,
            stderr,
            memory_mb: request.allowed.memory_mb,
            patience: Patience::with(&request.file_name),
            out_of_patience: false,
            reaped: false,
            _room: room,
        };
        let mut line = serde_json::to_vec(request).map_err(io::Error::from)?;
        line.push(b'\n');
        match stream.stdin.write_all(&line) {
            Ok(()) => Ok(stream),
            Err(error) => Err(stream.broke(Broke::Early(error))),
        }
    }

    /// Waits until there is something to read, or nothing more; `false`: it took too long.
    fn wait(&mut self) -> io::Result<bool> {
        let since = Instant::now();
        let ready = readable(&self.stdout, self.patience.left());
        self.patience.waited(since.elapsed());
        ready
    }

    /// The child's end, for which it has so much time.
    fn end(&mut self, within: Duration) -> io::Result<Ended> {
        let mut said = Vec::new();
        // Its standard error ends when it does.
        let by_us = !read_until_end(&mut self.stderr, within, &mut said);
        // One that has ended is not reaped yet, so its number is nobody else's.
        self.child.kill()?;
        let status = self.child.wait()?;
        self.reaped = true;
        let said = String::from_utf8_lossy(&said).into_owned();
        for lacking in said.lines().filter_map(|line| line.strip_prefix(LACKS)) {
            say_what_is_lacking(lacking);
        }
        Ok(Ended {
            status,
            said,
            by_us,
        })
    }

    /// Why a child that ended so did not send the whole file.
    fn why(&self, how: &str, ended: &Ended) -> Unreadable {
        let signal = ended.status.signal();
        let by = |one: Signal| signal == Some(one.as_raw());
        if self.out_of_patience || by(Signal::XCPU) {
            return Unreadable::TakesTooLong {
                limit_seconds: self.patience.in_all().as_secs().max(1),
            };
        }
        if ended.said.contains(NO_MEMORY) {
            return Unreadable::NeedsMemory {
                limit_mb: self.memory_mb,
            };
        }
        if [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT]
            .into_iter()
            .any(by)
        {
            return Unreadable::NotNow("the process that read it was told to end".to_owned());
        }
        let last = ended.said.lines().rfind(|line| !line.starts_with(LACKS));
        tracing::warn!(status = %ended.status, said = last.unwrap_or_default(), "the reader of a sheet failed: {how}");
        Unreadable::ReaderFailed(match signal {
            _ if ended.by_us => how.to_owned(),
            Some(_) if by(Signal::KILL) => {
                "the system killed it, as it does when the machine is short of memory".to_owned()
            }
            Some(_) => "it crashed".to_owned(),
            None => how.to_owned(),
        })
    }
}

impl Read for ChildStream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.wait()? {
            self.out_of_patience = true;
            return Err(io::ErrorKind::TimedOut.into());
        }
        let read = self.stdout.read(into)?;
        self.patience.received(read);
        Ok(read)
    }
}

impl LineStream for ChildStream {
    fn skip(&mut self, sheets: u32) {
        // Whoever does not hear it sends more than is wanted.
        let _ = self.stdin.write_all(&sheets.to_le_bytes());
    }

    fn ended_well(&mut self) -> Result<(), Unreadable> {
        match self.read(&mut [0]) {
            Ok(0) => {}
            Ok(_) => return Err(self.broke(Broke::Lied("it goes on after its end"))),
            Err(error) => return Err(self.broke(Broke::Early(error))),
        }
        let ended = self.end(ENDS_WITHIN)?;
        match ended.status.code() {
            Some(code) if code == i32::from(Exit::Done as u8) => Ok(()),
            _ => Err(self.why("it did not end well", &ended)),
        }
    }

    fn broke(&mut self, how: Broke) -> Unreadable {
        let (how, within) = match how {
            Broke::Early(_) if self.out_of_patience => ("it is too slow", Duration::ZERO),
            Broke::Early(_) => ("it ended too early", ENDS_WITHIN),
            Broke::Lied(lie) => {
                tracing::debug!(lie, "the reader of a sheet said what can't be");
                ("what it sent can't be", Duration::ZERO)
            }
        };
        match self.end(within) {
            Ok(ended) => self.why(how, &ended),
            Err(error) => Unreadable::NotNow(format!("the process that read it is lost: {error}")),
        }
    }
}

impl Drop for ChildStream {
    fn drop(&mut self) {
        if !self.reaped {
            // Nobody wants the rest; what can't be ended ends with its pipes.
            let _ = self.child.kill().and_then(|()| self.child.wait());
        }
    }
}

/// How the child is started: this very program, with nothing of our surroundings.
fn command(path: &Path) -> Command {
    let mut command = Command::new(this_program());
    command
        .arg0("ingestd")
        .arg(COMMAND)
        .arg("--")
        .arg(path)
        .env_clear()
        .envs(ALLOCATOR)
        .envs(failing::variables())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C at a terminal is for us: we say how it goes on.
        .process_group(0);
    command
}

/// The child's memory is limited by what it asks for, not by what it uses: it asks for no more than
/// it needs.
const ALLOCATOR: [(&str, &str); 3] = [
    ("MIMALLOC_ARENA_RESERVE", "1024"),
    ("MIMALLOC_EAGER_COMMIT", "0"),
    ("MIMALLOC_ARENA_EAGER_COMMIT", "0"),
];

/// The program that runs, even if another one has taken its place since on the disk.
fn this_program() -> PathBuf {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return running.to_owned();
    }
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from(OsStr::new("ingestd")))
}

/// Waits until a pipe has something to read or its end; `false`: not within `time`.
fn readable(pipe: &impl AsFd, time: Duration) -> io::Result<bool> {
    let since = Instant::now();
    loop {
        let left = time.saturating_sub(since.elapsed());
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        let mut pipes = [PollFd::new(pipe, PollFlags::IN)];
        match poll(&mut pipes, Some(&left)) {
            Ok(ready) => return Ok(ready > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reads to the end of a pipe, and keeps the beginning; `false`: there was no end within `time`.
fn read_until_end(pipe: &mut ChildStderr, time: Duration, said: &mut Vec<u8>) -> bool {
    let since = Instant::now();
    let mut buffer = [0; 4096];
    while readable(pipe, time.saturating_sub(since.elapsed())).unwrap_or(false) {
        match pipe.read(&mut buffer) {
            Ok(0) | Err(_) => return true,
            Ok(read) if said.len() < SAID_BYTES_MAX => said.extend_from_slice(&buffer[..read]),
            Ok(_) => {}
        }
    }
    false
}
