//! What measures stand on: the program, the databases, Python if there is one, and how much of
//! everything.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::Options;
use crate::sheets::Sheets;

/// Everything a measure may use. The variables are set by `cargo xtask bench`.
pub(crate) struct Ground {
    pub(crate) rows: u32,
    pub(crate) times: u32,
    pub(crate) seed: u64,
    pub(crate) history: Vec<u32>,
    pub(crate) folder: PathBuf,
    /// For what is gone afterwards.
    pub(crate) scratch: tempfile::TempDir,
    ingestd: PathBuf,
    me: PathBuf,
    psql: Option<PathBuf>,
    python: Option<PathBuf>,
    beside: PathBuf,
    postgres: Option<String>,
    /// The ledger's own test program, which can fill a database with a history.
    filler: Option<PathBuf>,
}

impl Ground {
    pub(crate) fn of(options: &Options) -> Result<Ground> {
        let from = |name: &str| std::env::var_os(name).map(PathBuf::from);
        std::fs::create_dir_all(&options.folder)?;
        let folder = options.folder.canonicalize()?;
        Ok(Ground {
            rows: options.rows,
            times: options.times,
            seed: options.seed,
            // None at all is the empty database, which is always measured.
            history: options.history.iter().copied().filter(|n| *n > 0).collect(),
            scratch: tempfile::tempdir_in(&folder)?,
            folder,
            ingestd: from("INGESTD_BIN")
                .context("INGESTD_BIN is not set: run `cargo xtask bench`")?,
            me: std::env::current_exe()?,
            psql: from("BENCH_PSQL"),
            python: from("BENCH_PYTHON"),
            beside: from("BENCH_BESIDE").unwrap_or_else(|| PathBuf::from("bench/beside")),
            postgres: std::env::var("TEST_DATABASE_URL").ok(),
            filler: from("BENCH_FILLER"),
        })
    }

    pub(crate) fn sheets(&self) -> Sheets {
        Sheets::in_folder(self.folder.join("sheets"), self.seed)
    }

    /// The program, with nothing said by the environment.
    pub(crate) fn ingestd(&self) -> Command {
        let mut command = Command::new(&self.ingestd);
        command
            .env_remove("INGESTD_DATABASE_URL")
            .env_remove("RUST_LOG");
        command
    }

    /// One of our own parts, as a process.
    pub(crate) fn part(&self, name: &str) -> Command {
        let mut command = Command::new(&self.me);
        command.args(["part", name]);
        command
    }

    /// A program of `beside/`; an error where there is no Python.
    pub(crate) fn beside(&self, name: &str) -> Result<Command> {
        let python = self.python.as_ref();
        let python = python.context("there is no Python with the packages of requirements.txt")?;
        let mut command = Command::new(python);
        command.arg(self.beside.join(format!("{name}.py")));
        Ok(command)
    }

    pub(crate) fn psql(&self) -> Result<Command> {
        let psql = self
            .psql
            .as_ref()
            .context("there is no psql beside PostgreSQL's programs")?;
        Ok(Command::new(psql))
    }

    pub(crate) fn postgres(&self) -> Result<&str> {
        self.postgres.as_deref().context("there is no PostgreSQL")
    }

    /// Nothing but a folder: for tests.
    #[cfg(test)]
    pub(crate) fn in_folder(folder: &std::path::Path) -> Ground {
        Ground {
            rows: 100,
            times: 1,
            seed: 1,
            history: Vec::new(),
            folder: folder.to_owned(),
            scratch: tempfile::tempdir_in(folder).expect("a folder of a test can be written"),
            ingestd: PathBuf::new(),
            me: PathBuf::new(),
            psql: None,
            python: None,
            beside: PathBuf::new(),
            postgres: None,
            filler: None,
        }
    }

    pub(crate) fn filler(&self) -> Result<Command> {
        let filler = self.filler.as_ref();
        let filler = filler.context("the ledger's tests, which fill a database, were not built")?;
        Ok(Command::new(filler))
    }
}
