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
        .arg(folder))?;
    let requirements = root().join("bench/beside").join(INSTALLED);
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--requirement"])
        .arg(requirements))?;
    fs::write(&installed, wanted)?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let ended = command.stdin(Stdio::null()).status();
    let ended = ended.with_context(|| format!("{:?} can't be started", command.get_program()))?;
    if !ended.success() {
        bail!("{:?} ended with {ended}", command.get_program());
    }
    Ok(())
}
