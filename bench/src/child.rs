//! A runner in a process of its own: how long it took, and the most memory that it and its
//! children had at one moment.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::contest::Ran;

const LOOKED_EVERY: Duration = Duration::from_millis(5);
const ERROR_LINES_SHOWN: usize = 6;

/// Runs it to its end. Its own time is the one it says in its last line (`micros`), if it says one.
/// `codes`: how it may end.
pub(crate) fn run(mut command: Command, scratch: &Path, codes: &[i32]) -> Result<Ran> {
    let (to, errors) = (scratch.join("stdout"), scratch.join("stderr"));
    command
        .stdin(Stdio::null())
        .stdout(File::create(&to)?)
        .stderr(File::create(&errors)?);
    let before = ticks_of_children();
    let began = Instant::now();
    let mut child = command
        .spawn()
        .with_context(|| format!("{:?} can't be started", command.get_program()))?;
    let mut memory = Memory::of(child.id());
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        memory.look();
        thread::sleep(LOOKED_EVERY);
    };
    let wall = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    if !status.code().is_some_and(|code| codes.contains(&code)) {
        let said = fs::read_to_string(&errors).unwrap_or_default();
        let lines: Vec<_> = said.lines().rev().take(ERROR_LINES_SHOWN).collect();
        let lines: Vec<_> = lines.into_iter().rev().collect();
        bail!(
            "{:?} ended with {status}: {}",
            command.get_program(),
            lines.join(" / ")
        );
    }
    let mut said = numbers(&fs::read_to_string(&to).unwrap_or_default());
    said.insert("wall_micros".to_owned(), wall);
    if let Some((before, after)) = before.zip(ticks_of_children()) {
        said.insert("cpu_micros".to_owned(), (after - before) * TICK_MICROS);
    }
    Ok(Ran {
        rows: said.remove("rows").unwrap_or_default(),
        micros: said.remove("micros").unwrap_or(wall),
        peak_kb: memory.peak_kb(),
        said,
    })
}

/// Linux counts in hundredths of a second.
const TICK_MICROS: u64 = 10_000;

/// The time on a processor of all children that have ended, and of theirs. It is what a machine that
/// has other things to do changes least.
fn ticks_of_children() -> Option<u64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    // `cutime` and `cstime`, the 16th and 17th field; the third stands first here.
    let of_children = rest.split_whitespace().skip(13).take(2);
    of_children.map(|ticks| ticks.parse::<u64>().ok()).sum()
}

/// The numbers of the last line, if that is a JSON object.
fn numbers(text: &str) -> BTreeMap<String, u64> {
    let last = text.lines().next_back().unwrap_or_default();
    match serde_json::from_str(last) {
        Ok(Value::Object(said)) => said
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_u64()?)))
            .collect(),
        _ => BTreeMap::new(),
    }
}

/// The memory of a process and its children, looked at now and then.
pub(crate) struct Memory {
    root: u32,
    most: Option<u64>,
}

impl Memory {
    pub(crate) fn of(root: u32) -> Memory {
        Memory { root, most: None }
    }

    /// Looks once. Where there is no /proc, nothing is seen.
    pub(crate) fn look(&mut self) {
        let Ok(entries) = fs::read_dir("/proc") else {
            return;
        };
        let pids = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let parents: BTreeMap<u32, u32> =
            pids.filter_map(|pid| Some((pid, parent(pid)?))).collect();
        let mut of_it = vec![self.root];
        let mut at = 0;
        while let Some(pid) = of_it.get(at).copied() {
            let children = parents.iter().filter(|(_, parent)| **parent == pid);
            of_it.extend(children.map(|(child, _)| *child));
            at += 1;
        }
        let now: u64 = of_it.iter().filter_map(|pid| status(*pid, "VmRSS:")).sum();
        // What a process had between two looks, it tells itself.
        let alone = of_it.iter().filter_map(|pid| status(*pid, "VmHWM:")).max();
        let seen = now.max(alone.unwrap_or_default());
        if seen > 0 {
            self.most = Some(self.most.unwrap_or_default().max(seen));
        }
    }

    pub(crate) fn peak_kb(&self) -> Option<u64> {
        self.most
    }
}

/// The fourth field of its `stat`; the second is in parentheses, and may hold anything.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

fn status(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_child_says_its_own_time_and_rows_in_its_last_line() {
        let scratch = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args([
            "-c",
            r#"echo hello; echo '{"rows": 7, "micros": 3, "valid": 6}'"#,
        ]);
        let ran = run(command, scratch.path(), &[0]).unwrap();
        assert_eq!((ran.rows, ran.micros, ran.said["valid"]), (7, 3, 6));
        assert!(ran.said["wall_micros"] > 3);
    }

    #[test]
    fn a_child_that_fails_is_told_with_what_it_said() {
        let scratch = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such sheet >&2; exit 3"]);
        let why = run(command, scratch.path(), &[0, 1])
            .unwrap_err()
            .to_string();
        assert!(why.contains("no such sheet") && why.contains('3'), "{why}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_memory_of_our_own_process_can_be_seen() {
        let mut memory = Memory::of(std::process::id());
        memory.look();
        assert!(memory.peak_kb().unwrap() > 500);
    }
}
