//! The command line: the tree of commands, as `--help` explains it.
//!
//! What the words mean is parsed here; what they do is in `commands`, one file each.

mod ending;
mod explained;
mod logging;
mod options;
mod typed;
mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use ending::{code, one_sentence_for_a_defect, print_failure};
pub use logging::start as start_log;
pub use options::{
    AddArgs, ApproveArgs, ArchiveArgs, CheckArgs, ChunksArgs, DecisionsArgs, DemoArgs, ExportArgs,
    FilesArgs, ForeignArgs, MapArgs, NoWait, PageArgs, PlanArgs, ReconcileArgs, ResolveArgs,
    RetryArgs, RowsArgs, RunArgs, SandboxArgs, SubmitArgs, TemplateArgs, Whose,
};
pub use typed::{as_typed, started_with};
pub use values::{RowList, as_one_word, sheet_option};

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
    /// Write the workbook to hand to a school: headings, rules in the cells, and how to fill it in
    #[command(after_help = explained::TEMPLATE)]
    Template(TemplateArgs),
    /// Run the service
    Run(RunArgs),
    /// Read and validate sheets: no network, no database
    Check(CheckArgs),
    /// Show which column of a sheet serves which field, and write the columns table that says so
    #[command(after_help = explained::MAP)]
    Map(MapArgs),
    /// Say what sending a sheet would do, row by row; nothing is sent or stored
    #[command(after_help = explained::PLAN)]
    Plan(PlanArgs),
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
    /// What people decided, newest first: who, when, on what evidence, and what came of it
    #[command(after_help = explained::DECISIONS)]
    Decisions(DecisionsArgs),
    /// Bills at the hub that this database did not make, and that count as billed before
    #[command(after_help = explained::FOREIGN)]
    Foreign(ForeignArgs),
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
    /// Ask the hub now about everything that is not final
    #[command(after_help = explained::RECONCILE)]
    Reconcile(ReconcileArgs),
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
        /// The hub has another address, or calls the user by another name, and is the same hub: what was billed there stays known
        #[arg(long)]
        moved: bool,
        /// The database came back from a backup: have it take over the account, once the hub was asked for what it lacks
        #[arg(long)]
        restored: bool,
    },
    /// Move old rows out of the database into packed files, and back; without options, list what was moved
    #[command(after_help = explained::ARCHIVE)]
    Archive(ArchiveArgs),
    /// Write the result sheet of a file again
    #[command(after_help = explained::EXPORT)]
    Export(ExportArgs),
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
    /// Take one sheet apart for the process that asks on standard input
    #[command(hide = true)]
    ReadSheet {
        /// The sheet
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
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

#[cfg(test)]
mod tests;
