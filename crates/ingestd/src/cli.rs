//! The command line: every command with its options, as `--help` explains them.
//!
//! What the words mean is parsed here; what they do is in `commands`, one file each.

mod ending;
mod explained;
mod logging;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub use ending::{code, one_sentence_for_a_defect, print_failure};
pub use logging::start as start_log;
pub use values::RowList;

use crate::config::parse_duration;

/// The exit codes, as the README has them.
pub const EXIT_CODES: &str = "\
Exit codes:
   0  done (`demo`: all went as meant, its bad rows included)
   1  done, and rows are invalid, rejected, errored, held or unknown
   2  usage or configuration (a port in use is one)
   3  a file can't be read
   4  the hub refused or can't be reached
   5  the database
  70  a defect of ours";

/// Takes fee sheets from a folder and turns every row into a bill at a payment hub, exactly once.
#[derive(Debug, Parser)]
#[command(name = "ingestd", version, about, after_help = EXIT_CODES, max_term_width = 100)]
#[command(disable_help_subcommand = true, propagate_version = true)]
pub struct Cli {
    /// The options that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Where `--help` lists the options that every command takes: below those of the command.
const EVERYWHERE: &str = "Options of every command";

/// The options that every command takes.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The configuration (default: ingestd.toml here)
    #[arg(long, global = true, value_name = "FILE", help_heading = EVERYWHERE)]
    pub config: Option<PathBuf>,
    /// How the answer is printed: table, json or csv; json stands alone on standard output
    #[arg(long, global = true, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    #[arg(hide_possible_values = true, help_heading = EVERYWHERE)]
    pub format: Format,
    /// Say more in the log (-vv: still more)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = EVERYWHERE)]
    pub verbose: u8,
    /// Say errors only, and show no progress
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = EVERYWHERE)]
    pub quiet: bool,
}

/// How a list is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the whole way of a sheet: a simulated hub, an embedded database, and example sheets
    Demo(DemoArgs),
    /// Write a commented ingestd.toml and its folders
    Init {
        /// Where
        #[arg(default_value = ".", value_name = "DIR")]
        dir: PathBuf,
    },
    /// Run the service
    Run(RunArgs),
    /// Read and validate sheets: no network, no database
    Check(CheckArgs),
    /// Take one file as if it had been dropped into the inbox
    Submit(SubmitArgs),
    /// One screen: accounts, files in work, and what waits for a person
    Status,
    /// The files that were taken, newest first
    Files(FilesArgs),
    /// One file
    File {
        /// Its number, as `files` lists it
        #[arg(value_name = "ID")]
        file_id: i64,
    },
    /// The calls to the hub, each with its rows' count and state
    Chunks(ChunksArgs),
    /// Rows and their state
    Rows(RowsArgs),
    /// Send failed rows again, the hub asked first
    #[command(after_help = explained::RETRY)]
    Retry(RetryArgs),
    /// Release what is held: a person has looked at it, and it may be sent
    #[command(after_help = explained::APPROVE)]
    Approve(ApproveArgs),
    /// Never send those rows of a file that are not at the hub
    #[command(after_help = explained::CANCEL)]
    Cancel {
        /// The file's number, as `files` lists it
        #[arg(value_name = "FILE_ID")]
        file_id: i64,
    },
    /// Decide what became of a chunk whose answer was lost
    #[command(after_help = explained::RESOLVE)]
    Resolve(ResolveArgs),
    /// Send nothing more for an account, until `resume`
    #[command(after_help = explained::PAUSE)]
    Pause {
        /// The account
        account: String,
        /// Why, for whoever reads `status`
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Let a paused account send again
    #[command(after_help = explained::RESUME)]
    Resume {
        /// The account
        account: String,
        /// The database came back from a backup: have it take over the inbox, once the hub was asked for what it lacks
        #[arg(long)]
        restored: bool,
    },
    /// Write the result sheet of a file again
    Export {
        /// The file's number, as `files` lists it
        #[arg(value_name = "FILE_ID")]
        file_id: i64,
        /// Where to (ending .xlsx or .csv); else beside the other result sheets
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Sign in at the hub, to see whether user and password are right
    Login {
        /// Of which account
        #[command(flatten)]
        whose: Whose,
    },
    /// The hub's payments, by hand
    #[command(subcommand)]
    Payments(PaymentsCommand),
    /// The hub's bulk requests, by hand
    #[command(subcommand)]
    Bulk(BulkCommand),
    /// Check the invariants of the whole database
    Verify,
    /// Check configuration, database, folders, credentials, clock and TLS
    Doctor,
    /// Run the simulated hub on its own
    Sandbox(SandboxArgs),
    /// Print the completions of a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// `--account`, where one is needed.
#[derive(Clone, Debug, Args)]
pub struct Whose {
    /// The account (may be left out where the configuration has just one)
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
}

/// `--no-wait`, for commands that ask the service to do something.
#[derive(Clone, Debug, Args)]
pub struct NoWait {
    /// Return as soon as it is decided; do not wait until the rows are billed, final or held
    #[arg(long)]
    pub no_wait: bool,
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

/// `retry`
#[derive(Debug, Args)]
pub struct RetryArgs {
    /// Rows of this file
    #[arg(long, value_name = "ID")]
    pub file: Option<i64>,
    /// Rows of this worksheet
    #[arg(long, value_name = "SHEET")]
    pub sheet: Option<String>,
    /// These rows, as the sheet counts them: 5,9-12 (of every file, without --file)
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

/// `payments …`
#[derive(Debug, Subcommand)]
pub enum PaymentsCommand {
    /// The hub's payments, latest change first
    List {
        /// Of which account
        #[command(flatten)]
        whose: Whose,
        /// Which part of the list
        #[command(flatten)]
        page: PageArgs,
    },
    /// One payment
    Get {
        /// Its id at the hub
        #[arg(value_name = "PAYMENT_ID")]
        payment_id: String,
        /// Of which account
        #[command(flatten)]
        whose: Whose,
    },
    /// Every payment that ever had a PSID, newest first
    Search {
        /// The PSID
        psid: String,
        /// Of which account
        #[command(flatten)]
        whose: Whose,
        /// Which part of the list
        #[command(flatten)]
        page: PageArgs,
    },
    /// Bill one payer: stored as a file of one row, and sent down the same road
    Add(AddArgs),
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

/// `bulk …`
#[derive(Debug, Subcommand)]
pub enum BulkCommand {
    /// The hub's bulk requests
    List {
        /// Of which account
        #[command(flatten)]
        whose: Whose,
        /// Which part of the list
        #[command(flatten)]
        page: PageArgs,
    },
    /// One bulk request with its payments
    Show {
        /// Its id at the hub
        #[arg(value_name = "BULK_ID")]
        request_id: String,
        /// Of which account
        #[command(flatten)]
        whose: Whose,
    },
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

#[cfg(test)]
mod tests;
