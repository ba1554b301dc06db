//! The options of each command, as its `--help` explains them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use clap::Args;
use clap::builder::PossibleValuesParser;

use super::RowList;
use crate::config::parse_duration;
use crate::language::Language;

/// `--account`, where one is needed.
#[derive(Clone, Debug, Args)]
pub struct Whose {
    /// The account (may be left out where the configuration has just one)
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
}

/// `--no-wait` and `--patience`, for commands that ask the service to do something.
#[derive(Clone, Debug, Args)]
pub struct NoWait {
    /// Return as soon as it is decided; do not wait until the rows are billed, final or held
    #[arg(long)]
    pub no_wait: bool,
    /// How long the hub may take; what is not finished by then is left to the service (exit 1)
    #[arg(long, conflicts_with = "no_wait", default_value = "10m", value_name = "TIME", value_parser = parse_duration)]
    pub patience: Duration,
}

/// `demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to keep it (default: a new folder below the system's temporary one)
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// A generated sheet of so many rows, instead of the example sheets
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=16_000_000))]
    pub rows: Option<u32>,
}

/// `run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Take what lies in the inboxes, and end when every row is final, billed, or waits for a person
    #[arg(long)]
    pub once: bool,
    /// With --once: how long the hub may take; what is not finished by then is left as it is (exit 1)
    #[arg(long, requires = "once", default_value = "10m", value_name = "TIME", value_parser = parse_duration)]
    pub patience: Duration,
}

/// `check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The sheets
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// By the rules of this account
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// Add each valid row as it would be sent
    #[arg(long)]
    pub bills: bool,
}

/// `map`
#[derive(Debug, Args)]
pub struct MapArgs {
    /// The sheet
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Of which account
    #[command(flatten)]
    pub whose: Whose,
}

/// `plan`
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The sheet
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Of which account
    #[command(flatten)]
    pub whose: Whose,
    /// How long asking the hub about earlier bills may take; after that there is no answer (exit 4)
    #[arg(long, default_value = "10m", value_name = "TIME", value_parser = parse_duration)]
    pub patience: Duration,
}

/// `submit`
#[derive(Debug, Args)]
pub struct SubmitArgs {
    /// The sheet
    pub file: PathBuf,
    /// Of which account
    #[command(flatten)]
    pub whose: Whose,
    /// Stay until every row is final, billed, or waits for a person
    #[arg(long)]
    pub wait: bool,
    /// With --wait: how long the hub may take; what is not finished by then is left to the service (exit 1)
    #[arg(long, requires = "wait", default_value = "10m", value_name = "TIME", value_parser = parse_duration)]
    pub patience: Duration,
}

/// `files`
#[derive(Debug, Args)]
pub struct FilesArgs {
    /// Of this account
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// In this state
    #[arg(long, value_name = "STATE", value_parser = file_states())]
    pub state: Option<String>,
    /// At most so many, the newest first
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
}

/// `chunks`
#[derive(Debug, Args)]
pub struct ChunksArgs {
    /// In this state
    #[arg(long, value_name = "STATE", value_parser = chunk_states())]
    pub state: Option<String>,
    /// Of this file
    #[arg(long, value_name = "ID")]
    pub file: Option<i64>,
    /// Of this account
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
}

/// `foreign`
#[derive(Debug, Args)]
pub struct ForeignArgs {
    /// Of this account
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// Of this payer
    #[arg(long, value_name = "IDENTIFIER")]
    pub identifier: Option<String>,
}

/// `rows`
#[derive(Debug, Args)]
pub struct RowsArgs {
    /// Of this file
    #[arg(long, value_name = "ID")]
    pub file: Option<i64>,
    /// Of this worksheet
    #[arg(long, value_name = "SHEET")]
    pub sheet: Option<String>,
    /// In this state
    #[arg(long, value_name = "STATE", value_parser = row_states())]
    pub state: Option<String>,
    /// Of this payer
    #[arg(long, value_name = "IDENTIFIER")]
    pub identifier: Option<String>,
    /// With this PSID
    #[arg(long, value_name = "PSID")]
    pub psid: Option<String>,
    /// Of this account
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

/// `decisions`
#[derive(Debug, Args)]
pub struct DecisionsArgs {
    /// Of this account
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// About this file
    #[arg(long, value_name = "ID")]
    pub file: Option<i64>,
    /// The newest N alone
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub last: Option<u32>,
}

/// `retry`
#[derive(Debug, Args)]
pub struct RetryArgs {
    /// Rows of this file
    #[arg(long, value_name = "ID")]
    pub file: Option<i64>,
    /// Rows of this worksheet
    #[arg(long, value_name = "SHEET")]
    pub sheet: Option<String>,
    /// These rows of --file, as the sheet counts them: 5,9-12
    #[arg(long, value_name = "ROWS")]
    pub rows: Option<RowList>,
    /// Rows in this state only
    #[arg(long, value_name = "STATE", value_parser = ["rejected", "errored"])]
    pub state: Option<String>,
    /// Rows of this account
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// Only list what would be sent, what not, and why
    #[arg(long)]
    pub dry_run: bool,
    /// Whether to wait
    #[command(flatten)]
    pub waiting: NoWait,
}

/// `approve`
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The file's number, as `files` lists it
    #[arg(value_name = "FILE_ID")]
    pub file_id: i64,
    /// Why, for whoever reads it later
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Only rows of this worksheet
    #[arg(long, value_name = "SHEET")]
    pub sheet: Option<String>,
    /// Only these rows, as the sheet counts them: 5,9-12
    #[arg(long, value_name = "ROWS")]
    pub rows: Option<RowList>,
    /// Whether to wait
    #[command(flatten)]
    pub waiting: NoWait,
}

/// `resolve`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what_happened").required(true))]
pub struct ResolveArgs {
    /// The chunk's number, as `chunks` and `status` list it
    #[arg(value_name = "CHUNK_ID")]
    pub chunk_id: i64,
    /// Only rows of this worksheet
    #[arg(long, value_name = "SHEET")]
    pub sheet: Option<String>,
    /// Only these rows, as the sheet counts them: 5,9-12
    #[arg(long, value_name = "ROWS")]
    pub rows: Option<RowList>,
    /// The hub took it: this is the number of its bulk request (`ingestd bulk list` lists them)
    #[arg(long, value_name = "BULK_ID", group = "what_happened")]
    pub sent: Option<String>,
    /// The hub never got it: its rows are judged anew and sent again
    #[arg(long, group = "what_happened")]
    pub not_sent: bool,
    /// Whether to wait
    #[command(flatten)]
    pub waiting: NoWait,
}

/// `reconcile`
#[derive(Debug, Args)]
pub struct ReconcileArgs {
    /// What belongs to this file alone
    #[arg(long, value_name = "ID")]
    pub file: Option<i64>,
    /// What belongs to this account alone
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// How long to wait for each account; what is not asked about by then is left to the service (exit 1)
    #[arg(long, default_value = "10m", value_name = "TIME", value_parser = parse_duration)]
    pub patience: Duration,
}

/// `template`
#[derive(Debug, Args)]
pub struct TemplateArgs {
    /// Of which account
    #[command(flatten)]
    pub whose: Whose,
    /// Where to, ending .xlsx (default: ACCOUNT.template.xlsx in the current folder)
    #[arg(long, visible_alias = "out", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// In English or in Urdu (default: the account's language)
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub language: Option<Language>,
}

/// `archive`
#[derive(Debug, Args)]
pub struct ArchiveArgs {
    /// Move out rows due before this day (yyyy-mm-dd), of files that came to rest before it
    #[arg(long, value_name = "DATE", conflicts_with = "restore")]
    pub before: Option<NaiveDate>,
    /// Put back every row of this file that was moved out
    #[arg(long, value_name = "FILE_ID", conflicts_with = "account")]
    pub restore: Option<i64>,
    /// Of this account alone
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// Where the packed files are written, or lie now (default: .archive in the inbox)
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// `export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The file's number, as `files` lists it
    #[arg(value_name = "FILE_ID")]
    pub file_id: i64,
    /// Where to, ending .xlsx or .csv (default: NAME.results.xlsx in the current folder)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `payments add`
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Of which account
    #[command(flatten)]
    pub whose: Whose,
    /// What the payer's bank shows
    #[arg(long, value_name = "TEXT")]
    pub title: String,
    /// Who pays, in your own numbering
    #[arg(long, value_name = "TEXT")]
    pub identifier: String,
    /// In rupees: 1500 or 1500.50
    #[arg(long, value_name = "AMOUNT")]
    pub amount: String,
    /// The last day of the amount: 2035-03-31
    #[arg(long, value_name = "DATE", alias = "due_date")]
    pub due_date: String,
    /// In rupees; the amount, if left out
    #[arg(
        long,
        value_name = "AMOUNT",
        alias = "amount_after_due_date",
        visible_alias = "late-amount"
    )]
    pub amount_after_due_date: Option<String>,
    /// Whether to wait
    #[command(flatten)]
    pub waiting: NoWait,
}

/// Which page of a list of the hub.
#[derive(Clone, Debug, Args)]
pub struct PageArgs {
    /// Which page, from 0; all of them if left out
    #[arg(long, value_name = "N")]
    pub page: Option<u32>,
    /// How many a page
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub page_size: u32,
}

/// `sandbox`
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// Where it listens; this machine only
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8700")]
    pub listen: SocketAddr,
    /// Remember everything in this file, and go on from it
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// Where it posts its callbacks
    #[arg(long, value_name = "URL")]
    pub callback: Option<String>,
    /// Who may sign in
    #[arg(long, value_name = "NAME", default_value = "demo")]
    pub username: String,
    /// With which password
    #[arg(long, value_name = "PASSWORD", default_value = "demo")]
    pub password: String,
}

fn row_states() -> PossibleValuesParser {
    PossibleValuesParser::new(
        ingest_ledger::RowState::ALL
            .iter()
            .map(|state| state.as_str()),
    )
}

fn chunk_states() -> PossibleValuesParser {
    PossibleValuesParser::new(
        ingest_ledger::ChunkState::ALL
            .iter()
            .map(|state| state.as_str()),
    )
}

fn file_states() -> PossibleValuesParser {
    PossibleValuesParser::new(
        ingest_ledger::FileState::ALL
            .iter()
            .map(|state| state.as_str()),
    )
}
