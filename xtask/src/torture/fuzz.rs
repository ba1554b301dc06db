//! `cargo xtask torture fuzz`: the readers of sheets, headings, amounts and
//! dates, each with inputs made by chance and led by coverage (`fuzz/`). It
//! needs a C++ compiler for the engine, and nothing installed by hand: coverage
//! works with the stable toolchain, without the sanitizers that do not.

mod told;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::{cargo, root, step, target_directory};
use told::Told;

/// Each target, which words it is helped with, and how long its inputs grow.
const TARGETS: [(&str, &str, u32); 10] = [
    ("amounts", "words", 120),
    ("dates", "words", 120),
    ("headings", "words", 1_500),
    ("csv", "words", LONG),
    ("frames", "words", LONG),
    ("xlsx", "books", LONG),
    ("xlsb", "books", LONG),
    ("xls", "books", LONG),
    ("ods", "books", LONG),
    ("zip", "books", LONG),
];
const LONG: u32 = 32 << 10;

/// No file may keep a reader longer, or make the process larger. What a reading
/// itself takes is limited by the targets' own allocator, to 256 MB.
const SECONDS_MAX: u32 = 20;
const PROCESS_MB_MAX: u32 = 1_024;

/// Counters, comparisons and places, which the engine is led by.
const COVERAGE: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Runs every target, or the one that is named; fails if one finds something.
pub(super) fn run(minutes: u32, only: Option<&str>) -> Result<ExitCode> {
    let targets: Vec<_> = TARGETS
        .iter()
        .filter(|(name, ..)| only.is_none_or(|only| only == *name))
        .collect();
    if targets.is_empty() {
        let names = TARGETS.map(|(name, ..)| name).join(", ");
        bail!("there is no such target: {names}");
    }
    if !has_cxx() {
        bail!(
            "fuzzing needs a C++ compiler (g++), for the engine alone: on Debian or Ubuntu, apt-get install g++"
        );
    }
    let folder = target_directory()?.join("fuzz");
    let host = host()?;
    step(
        "building the targets, with coverage",
        // Named, or programs that run while it is built would be counted, too.
        cargo(["build", "--release", "--locked", "--target", &host])
            .current_dir(root().join("fuzz"))
            .env("RUSTFLAGS", COVERAGE)
            .env("CARGO_TARGET_DIR", &folder),
    )?;
    let programs = folder.join(&host).join("release");
    println!("{}", Told::HEAD);
    let mut findings = Vec::new();
    for (name, words, bytes_max) in targets {
        let run = Run {
            name,
            program: programs.join(name),
            corpus: folder.join("corpus").join(name),
            found: folder.join("found").join(name),
        };
        let told = run.minutes(minutes, words, *bytes_max)?;
        println!("{name:9} {told}");
        findings.extend(told.findings.iter().map(|finding| run.again(finding)));
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    Ok(match findings.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

struct Run<'a> {
    name: &'a str,
    program: PathBuf,
    /// Grows from run to run.
    corpus: PathBuf,
    /// Inputs that broke something.
    found: PathBuf,
}

impl Run<'_> {
    fn minutes(&self, minutes: u32, words: &str, bytes_max: u32) -> Result<Told> {
        for folder in [&self.corpus, &self.found] {
            fs::create_dir_all(folder)
                .with_context(|| format!("{} can't be made", folder.display()))?;
        }
        let words = root()
            .join("fuzz/dictionaries")
            .join(format!("{words}.dict"));
        let before = in_folder(&self.found)?;
        let output = Command::new(&self.program)
            .arg(&self.corpus)
            .arg(format!("-max_total_time={}", minutes * 60))
            .arg(format!("-timeout={SECONDS_MAX}"))
            .arg(format!("-rss_limit_mb={PROCESS_MB_MAX}"))
            .arg(format!("-max_len={bytes_max}"))
            .arg(format!("-dict={}", words.display()))
            .arg(format!("-artifact_prefix={}/", self.found.display()))
            .arg("-print_final_stats=1")
            // The target writes its seeds there before the engine looks.
            .env("FUZZ_SEEDS", &self.corpus)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("{} could not be started", self.program.display()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        let mut told = Told::of(&said, in_folder(&self.corpus)?.len());
        // An input that is only slow is kept, and is no finding: the limit is above.
        told.findings = in_folder(&self.found)?
            .into_iter()
            .filter(|path| !before.contains(path) && !is_slow_only(path))
            .collect();
        if !output.status.success() && told.findings.is_empty() {
            bail!("{} failed, and kept nothing of it:\n{said}", self.name);
        }
        Ok(told)
    }

    /// How a finding is met again.
    fn again(&self, finding: &Path) -> String {
        format!(
            "xtask: {} found something; again: {} {}",
            self.name,
            self.program.display(),
            finding.display()
        )
    }
}

fn is_slow_only(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with("slow-unit-"))
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

fn has_cxx() -> bool {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    Command::new(compiler)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What this machine is called, as the compiler names it.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .arg("-vV")
        .output()
        .context("rustc could not be started")?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("rustc does not name its host")
}
