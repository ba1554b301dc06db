//! Finds PostgreSQL's server programs, or installs them where that is ours to do.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::account::is_root;

/// Says where the programs are, where they are not found by themselves.
const BIN_VARIABLE: &str = "INGESTD_PG_BIN";

/// A folder that holds both `initdb` and `postgres`.
pub(crate) struct Programs {
    bin: PathBuf,
    version: String,
}

impl Programs {
    /// In this order: `INGESTD_PG_BIN`, the newest that a package manager put
    /// in its usual place, what is on the `PATH`, what apt-get can install.
    pub(crate) fn find_or_install() -> Result<Programs> {
        if let Some(bin) = std::env::var_os(BIN_VARIABLE) {
            return Programs::of(Path::new(&bin)).with_context(|| {
                format!("{BIN_VARIABLE} must name a folder with initdb and postgres")
            });
        }
        if let Some(programs) = find() {
            return Ok(programs);
        }
        if is_root()? && Path::new("/etc/debian_version").exists() && on_path("apt-get") {
            install()?;
            if let Some(programs) = find() {
                return Ok(programs);
            }
        }
        bail!(
            "no PostgreSQL server programs found: install them (Debian, Ubuntu: apt-get install postgresql; \
             Fedora: dnf install postgresql-server; macOS: brew install postgresql), or set {BIN_VARIABLE} to \
             the folder of initdb, or TEST_DATABASE_URL to a server where databases may be created"
        )
    }

    pub(crate) fn initdb(&self) -> PathBuf {
        self.bin.join("initdb")
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.bin.join("postgres")
    }

    /// The client, where it is installed beside the server.
    pub(crate) fn psql(&self) -> Option<PathBuf> {
        let psql = self.bin.join("psql");
        psql.is_file().then_some(psql)
    }

    /// As the server says it: `PostgreSQL 15.14 (Debian 15.14-0+deb12u1)`.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    fn of(bin: &Path) -> Result<Programs> {
        if !bin.join("initdb").is_file() {
            bail!("{} holds no initdb", bin.display());
        }
        let postgres = bin.join("postgres");
        let output = Command::new(&postgres)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("{} could not be started", postgres.display()))?;
        let version = String::from_utf8_lossy(&output.stdout);
        let version = version.trim().trim_start_matches("postgres ");
        let version = version
            .strip_prefix('(')
            .unwrap_or(version)
            .replacen(')', "", 1);
        Ok(Programs {
            bin: bin.to_owned(),
            version,
        })
    }
}

impl fmt::Display for Programs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.version, self.bin.display())
    }
}

fn find() -> Option<Programs> {
    usual_places()
        .into_iter()
        .chain(from_path())
        .find_map(|bin| Programs::of(&bin).ok())
}

/// Debian's folders, the packagers of PostgreSQL for Red Hat, Homebrew's on
/// both kinds of Mac and on Linux: the newest version first.
fn usual_places() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (folder, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql"),
        ("/usr/local/opt", "postgresql"),
        ("/home/linuxbrew/.linuxbrew/opt", "postgresql"),
    ] {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(version) = name.strip_prefix(prefix) {
                found.push((version_of(version), entry.path().join("bin")));
            }
        }
    }
    found.sort();
    found.into_iter().rev().map(|(_, bin)| bin).collect()
}

/// The numbers in a name, so that `9.6` comes before `10`, and `@17` after `@16`.
fn version_of(name: &str) -> Vec<u32> {
    name.split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect()
}

/// What `pg_config` says, and wherever an `initdb` on the `PATH` really lies.
fn from_path() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let said = Command::new("pg_config")
        .arg("--bindir")
        .stdin(Stdio::null())
        .output();
    if let Ok(said) = said {
        found.push(PathBuf::from(String::from_utf8_lossy(&said.stdout).trim()));
    }
    for folder in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
        if let Ok(initdb) = folder.join("initdb").canonicalize() {
            found.extend(initdb.parent().map(Path::to_owned));
        }
    }
    found
}

fn on_path(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|folder| folder.join(program).is_file())
}

fn install() -> Result<()> {
    eprintln!(
        "xtask: no PostgreSQL here, so it is installed: apt-get install --no-install-recommends postgresql"
    );
    for arguments in [
        &["update"][..],
        &["install", "-y", "--no-install-recommends", "postgresql"][..],
    ] {
        let status = Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            // Standard output is the tests' own.
            .stdout(std::io::stderr())
            .status()
            .context("apt-get could not be started")?;
        if !status.success() {
            bail!(
                "apt-get {} failed, so there is no PostgreSQL to test on: install one, or set TEST_DATABASE_URL",
                arguments[0],
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_is_newer_than_nine_point_six() {
        assert!(version_of("10") > version_of("9.6"));
        assert!(version_of("@17") > version_of("@16"));
        assert!(version_of("@9") > version_of(""));
    }

    #[test]
    fn a_folder_without_initdb_is_not_taken() {
        let empty = tempfile::tempdir().expect("a temporary folder can be made");
        assert!(Programs::of(empty.path()).is_err());
    }
}
