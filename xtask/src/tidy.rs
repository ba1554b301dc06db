//! `cargo xtask tidy`: the arrows between our crates, and the house rules that a
//! compiler does not know. Each rule gives its complaints as sentences; none is
//! an error of its own, so that all are shown at once.

mod arrows;
mod migrations;
mod seam;
mod sources;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::workspace::{metadata, root};

pub(crate) fn run() -> Result<ExitCode> {
    check()?;
    eprintln!("xtask: tidy");
    Ok(ExitCode::SUCCESS)
}

/// Prints every complaint, and fails if there is one.
pub(crate) fn check() -> Result<()> {
    let complaints = complaints()?;
    for complaint in &complaints {
        eprintln!("tidy: {complaint}");
    }
    match complaints.len() {
        0 => Ok(()),
        1 => bail!("one house rule is broken"),
        n => bail!("{n} house rules are broken"),
    }
}

fn complaints() -> Result<Vec<String>> {
    let sources = sources::ours(root())?;
    let mut complaints = arrows::forbidden(&metadata()?);
    complaints.extend(seam::breaches(&sources));
    complaints.extend(seam::stale_exceptions(root()));
    complaints.extend(migrations::unmirrored(root())?);
    complaints.extend(sources::unfinished(&sources));
    Ok(complaints)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_workspace_is_tidy() {
        let complaints = super::complaints().expect("the workspace can be read");
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }
}
