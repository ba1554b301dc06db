//! `ingestd demo`: the whole road on real sheets, with an embedded database and the sandbox hub.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use asaanbill_sandbox::{Sandbox, SandboxConfig};
use ingest_ledger::{FileFilter, FileLine, FileState, Ledger, RowState};

use super::{RunOptions, run};
use crate::config::Config;
use crate::exit::{Exit, Failure};

/// What the demo shows.
#[derive(Clone, Debug, Default)]
pub struct DemoOptions {
    /// Where everything is put, and stays; a fresh temporary folder if not given.
    pub dir: Option<PathBuf>,
    /// A generated sheet of so many rows instead of the example sheets.
    pub rows: Option<u32>,
    /// No progress bars.
    pub quiet: bool,
}

/// What came of the demo.
#[derive(Debug)]
pub struct DemoEnd {
    /// Where everything lies.
    pub dir: PathBuf,
    /// Where the result sheets are.
    pub results: PathBuf,
    /// The files, oldest first.
    pub files: Vec<FileLine>,
    /// 0 if all went as meant, its bad rows included.
    pub exit: Exit,
}

/// The sheets of `watch-dir.example`, so that the program alone can show them.
const EXAMPLES: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/example_sheets.rs"));

const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// Runs the demo until nothing is left to do.
///
/// # Errors
/// The folder can't be used, or what `run` fails with.
pub async fn demo(options: &DemoOptions) -> Result<DemoEnd, Failure> {
    let dir = folder(options.dir.as_deref())?;
    let cant =
        |error: std::io::Error| Failure::usage(format!("{} can't be used: {error}", dir.display()));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(|error| Failure::usage(format!("the sandbox hub can't listen: {error}")))?;
    let hub = SandboxConfig {
        journal: Some(dir.join("hub.journal")),
        ..SandboxConfig::default()
    };
    let sandbox = Sandbox::start(listener, hub)
        .map_err(|error| Failure::usage(format!("the sandbox hub can't start: {error}")))?;
    let inbox = dir.join("watch-dir").join("demo");
    fs::create_dir_all(&inbox).map_err(cant)?;
    fs::write(dir.join("demo.password"), "demo\n").map_err(cant)?;
    let config_path = dir.join("ingestd.toml");
    fs::write(&config_path, config_text(&sandbox.base_url())).map_err(cant)?;
    match options.rows {
        Some(rows) => generate(&inbox.join(format!("generated-{rows}.csv")), rows).map_err(cant)?,
        None => {
            for (name, bytes) in EXAMPLES {
                fs::write(inbox.join(name), bytes).map_err(cant)?;
            }
        }
    }
    let config = Config::load(&config_path)?;
    let ran = run(
        &config,
        RunOptions {
            once: true,
            patience: PATIENCE,
            quiet: options.quiet,
        },
    )
    .await;
    let ledger = Ledger::open(&config.database_url).await?;
    let mut files = ledger
        .files(&FileFilter {
            limit: 1000,
            ..FileFilter::default()
        })
        .await?;
    files.reverse();
    let broken = ledger.verify().await?;
    ledger.close().await;
    sandbox.stop().await;
    ran?;
    if let Some(broken) = broken.first() {
        return Err(Failure::defect(format!(
            "invariant {} does not hold: {}",
            broken.invariant, broken.detail
        )));
    }
    let meant = [RowState::Billed, RowState::Invalid, RowState::Paid];
    let all_as_meant = files.iter().all(|file| {
        matches!(file.state, FileState::Settled | FileState::Duplicate)
            && file
                .counts
                .iter()
                .all(|(state, n)| *n == 0 || meant.contains(state))
    });
    Ok(DemoEnd {
        results: inbox.join("results"),
        dir,
        files,
        exit: if all_as_meant {
            Exit::Done
        } else {
            Exit::Attention
        },
    })
}

fn folder(dir: Option<&Path>) -> Result<PathBuf, Failure> {
    let dir = match dir {
        Some(dir) => {
            let taken = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
            if taken {
                return Err(Failure::usage(format!("{} is not empty", dir.display()))
                    .help("name a folder that is empty or does not exist yet"));
            }
            fs::create_dir_all(dir).map_err(|error| {
                Failure::usage(format!("{} can't be made: {error}", dir.display()))
            })?;
            dir.to_owned()
        }
        None => tempfile::Builder::new()
            .prefix("ingestd-demo-")
            .tempdir()
            .map_err(|error| Failure::usage(format!("no temporary folder: {error}")))?
            .keep(),
    };
    fs::canonicalize(&dir).map_err(|error| Failure::usage(format!("{}: {error}", dir.display())))
}

fn config_text(base_url: &str) -> String {
    format!(
        r#"# The demo's configuration: an embedded database and the sandbox hub, which ended with the demo.
[database]
url = "sqlite:ingestd.db"

[accounts.demo]
gateway = "asaanbill"
base_url = "{base_url}"
username = "demo"
password_file = "demo.password"
inbox = "watch-dir/demo"
requests_per_minute = 6000
reads_per_minute = 6000
changed_headings = "allow" # the example sheets are of many schools
scan_every = "1s"
quiet_for = "0s"
"#
    )
}

/// A clean sheet of so many rows.
fn generate(path: &Path, rows: u32) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(fs::File::create(path)?);
    writeln!(out, "Student Name,Student ID,Fee,Due Date,After Due Date")?;
    for n in 1..=rows {
        let fee = 1000 + n % 4000;
        writeln!(out, "Student {n},GEN-{n:07},{fee},2035-09-10,{}", fee + 100)?;
    }
    out.into_inner()?.sync_all()
}
