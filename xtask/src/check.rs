//! `cargo xtask check`: what a change must pass besides its tests.

use std::process::{ExitCode, Stdio};

use anyhow::Result;

use crate::tidy;
use crate::workspace::{cargo, root, step};

/// Runs every check and stops at the first that fails, the quickest first.
pub(crate) fn run() -> Result<ExitCode> {
    step("formatting", &mut cargo(["fmt", "--all", "--check"]))?;
    step(
        "formatting of the fuzz targets",
        cargo(["fmt", "--check"]).current_dir(root().join("fuzz")),
    )?;
    eprintln!("xtask: tidy");
    tidy::check()?;
    licences()?;
    step(
        "clippy, warnings as errors",
        &mut cargo([
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]),
    )?;
    step(
        "documentation, warnings as errors",
        cargo(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    eprintln!("xtask: all checks passed");
    Ok(ExitCode::SUCCESS)
}

/// Licences, banned crates and sources, where cargo-deny is installed. Not the
/// advisories: their database is fetched, and a check must not need the network.
fn licences() -> Result<()> {
    let installed = cargo(["deny", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !installed {
        eprintln!("xtask: licences skipped, cargo-deny is not installed");
        return Ok(());
    }
    step(
        "licences, bans and sources",
        &mut cargo([
            "deny",
            "--workspace",
            "--locked",
            "check",
            "bans",
            "licenses",
            "sources",
        ]),
    )
}
