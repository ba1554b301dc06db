//! What fills a database with ten months of four schools: the ledger's own tests, which hold that such
//! a database is sound.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::cargo;

/// The test program `story` of the ledger, built for release.
pub(super) fn built() -> Result<PathBuf> {
    eprintln!("xtask: building what fills a database");
    let mut build = cargo([
        "test",
        "--locked",
        "--release",
        "-p",
        "ingest-ledger",
        "--test",
        "story",
        "--no-run",
        "--message-format=json",
    ]);
    let output = build.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("the ledger's tests can't be built");
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let found = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| match message["target"]["name"].as_str() {
            Some("story") => message["executable"].as_str().map(PathBuf::from),
            _ => None,
        });
    found.context("cargo names no test program `story`")
}
