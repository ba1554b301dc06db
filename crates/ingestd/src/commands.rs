//! What each command does, one file each: first a function that answers, then how a terminal shows it.
//!
//! The functions that answer take a configuration and a ledger and print nothing; whoever else asks
//! the same (a page, a test) calls them and shows the answer in its own way.

pub mod approve;
pub mod archive;
pub mod cancel;
pub mod check;
pub mod chunks;
pub mod completions;
pub mod decisions;
pub mod demo;
pub mod doctor;
pub mod export;
pub mod files;
pub mod foreign;
pub mod hub;
pub mod init;
pub mod map;
pub mod pause;
pub mod payments_add;
pub mod plan;
pub mod reconcile;
pub mod resolve;
pub mod retry;
pub mod rows;
pub mod run;
pub mod sandbox;
pub mod status;
pub mod submit;
pub mod template;
pub mod verify;

mod asking;
pub(crate) mod printing;
mod spill;
mod terminal;

use crate::cli::{Cli, Command, PaymentsCommand};
use crate::exit::{Exit, Failure};
pub(crate) use printing::{counted, many};
use terminal::Terminal;

/// Of each thread that runs the road.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// Does what the command line asks.
///
/// # Errors
/// The one sentence for the person who asked, with its exit code.
pub fn dispatch(cli: Cli) -> Result<Exit, Failure> {
    let terminal = Terminal::new(cli.global);
    match cli.command {
        Command::Check(args) => check::command(&terminal, &args),
        Command::Completions { shell } => completions::command(&terminal, shell),
        Command::Init { dir } => init::command(&terminal, &dir),
        Command::Map(args) => map::command(&terminal, &args),
        Command::ReadSheet { file } => crate::contained::read_sheet(&file),
        command => {
            // A step of the road is deep: decisions ask, which look, which read. Untouched stack costs nothing.
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .thread_stack_size(STACK_BYTES)
                .enable_all()
                .build()
                .map_err(|error| {
                    Failure::defect(format!("the program can't start its threads: {error}"))
                })?;
            runtime.block_on(dispatch_waiting(&terminal, command))
        }
    }
}

/// The commands that wait for a database, a hub, or a service.
async fn dispatch_waiting(terminal: &Terminal, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Approve(args) => approve::command(terminal, args).await,
        Command::Archive(args) => archive::command(terminal, args).await,
        Command::Bulk(command) => hub::bulk(terminal, command).await,
        Command::Cancel { file_id } => cancel::command(terminal, file_id).await,
        Command::Chunks(args) => chunks::command(terminal, args).await,
        Command::Decisions(args) => decisions::command(terminal, args).await,
        Command::Demo(args) => demo::command(terminal, args).await,
        Command::Doctor => doctor::command(terminal).await,
        Command::Export(args) => export::command(terminal, &args).await,
        Command::File { file_id } => files::one(terminal, file_id).await,
        Command::Files(args) => files::command(terminal, args).await,
        Command::Foreign(args) => foreign::command(terminal, args).await,
        Command::Login { whose } => hub::login(terminal, &whose).await,
        Command::Pause { account, reason } => {
            pause::pause_command(terminal, &account, reason.as_deref()).await
        }
        Command::Payments(PaymentsCommand::Add(args)) => {
            payments_add::command(terminal, args).await
        }
        Command::Payments(command) => hub::payments(terminal, command).await,
        Command::Plan(args) => plan::command(terminal, args).await,
        Command::Reconcile(args) => reconcile::command(terminal, args).await,
        Command::Resolve(args) => resolve::command(terminal, args).await,
        Command::Resume {
            account,
            moved,
            restored,
        } => {
            let how = pause::Resuming { moved, restored };
            pause::resume_command(terminal, &account, how).await
        }
        Command::Retry(args) => retry::command(terminal, args).await,
        Command::Rows(args) => rows::command(terminal, args).await,
        Command::Run(args) => run::command(terminal, &args).await,
        Command::Sandbox(args) => sandbox::command(terminal, args).await,
        Command::Status => status::command(terminal).await,
        Command::Submit(args) => submit::command(terminal, args).await,
        Command::Template(args) => template::command(terminal, &args).await,
        Command::Verify => verify::command(terminal).await,
        Command::Check(_)
        | Command::Completions { .. }
        | Command::Init { .. }
        | Command::Map(_)
        | Command::ReadSheet { .. } => Err(Failure::defect(
            "a command that waits for nothing was asked to wait",
        )),
    }
}
