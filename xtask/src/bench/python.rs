//! A Python with the packages of `bench/beside/requirements.txt`, in a virtual environment of its own
//! below the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::root;

/// What was installed, kept beside it: an environment of other versions is made anew.
const INSTALLED: &str = "requirements.txt";

/// Its `python`, made if it is not there yet.
pub(super) fn made(folder: &Path) -> Result<PathBuf> {
    let python = folder.join("bin/python");
    let wanted = root().join("bench/beside").join(INSTALLED);
    let wanted = fs::read_to_string(&wanted).with_context(|| wanted.display().to_string())?;
    let installed = folder.join(INSTALLED);
    if fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(python);
    }
    eprintln!("xtask: making a Python for the references");
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(folder))
    .context("a virtual environment can't be made (python3 with its venv and pip are wanted)")?;
    let requirements = root().join("bench/beside").join(INSTALLED);
    // Whoever is offline is told so in seconds, not after pip's five tries.
    let quickly = [
        "--quiet",
        "--disable-pip-version-check",
        "--retries",
        "1",
        "--timeout",
        "20",
    ];
    run(Command::new(&python)
        .args(["-m", "pip", "install"])
        .args(quickly)
        .arg("--requirement")
        .arg(requirements))
    .with_context(|| {
        format!(
            "its packages can't be installed, as on a machine that is offline ({})",
            named(&wanted)
        )
    })?;
    fs::write(&installed, wanted)?;
    Ok(python)
}

/// The packages alone, without remarks.
fn named(requirements: &str) -> String {
    let lines = requirements.lines().filter(|line| !line.starts_with('#'));
    lines.collect::<Vec<_>>().join(", ")
}

/// Its last words are the reason, if it fails.
fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("{program:?} can't be started"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let last = words.lines().rev().find(|line| !line.trim().is_empty());
        bail!("{}", last.unwrap_or("it says nothing").trim());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_is_told_by_its_last_words() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo trying >&2; echo no such index >&2; exit 1"]);
        let why = run(&mut command).expect_err("it fails").to_string();
        assert_eq!(why, "no such index");
        assert_eq!(
            named("# pinned\npandas==3\npolars==2\n"),
            "pandas==3, polars==2"
        );
    }
}
