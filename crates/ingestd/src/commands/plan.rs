//! `plan`: what sending a sheet would do, row by row. Nothing is sent, and nothing of the sheet is
//! stored.
//!
//! The sheet is read twice, as `check --bills` reads it: first for what only its end shows (what
//! stands twice, what holds it as a whole) and for its payers, about whose open bills the hub is then
//! asked; and again to judge each row against what the ledger knows by then. Memory holds a block of
//! rows.

mod outcome;
mod reading;
mod telling;

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ingest_ledger::{FailedRow, FileLine, HeldElsewhere, Ledger, NewBill, PauseKind, held_by};

use super::check::plain_file_name;
use super::printing::many;
use super::terminal::{Terminal, account_meant};
use crate::cli::PlanArgs;
use crate::config::{Account, duration_shown};
use crate::contained::Reader;
use crate::elsewhere;
use crate::exit::{Exit, Failure};
use crate::folder::{self, MarkerError};
use crate::gateway::{self, AskError};
use crate::intake;
use crate::service::{AskedBy, asked_first};
use crate::sheet::{SheetRules, SheetSummary};
use crate::world::World;
pub use outcome::{Becomes, Outcome, PlannedRow, Tally};
use reading::{Found, RowRead};

/// How far a plan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// So many rows were read.
    Read(u64),
    /// The hub was asked about so many requests.
    Asked(u64),
    /// So many rows were judged, of all.
    Judged(u64, u64),
}

/// What holds for the file as a whole.
#[derive(Debug)]
pub struct Planned {
    /// What reading it came to.
    pub summary: SheetSummary,
    /// The file that has the same bytes: then nothing of this one would be stored or sent.
    pub duplicate_of: Option<FileLine>,
    /// Why all that is good in it would wait for a person, if it would.
    pub held: Option<String>,
    /// Who asked the hub.
    pub asked_by: AskedBy,
    /// About how many requests.
    pub requests: u64,
    /// What else is worth knowing before it is sent.
    pub notes: Vec<String>,
    /// Rows and rupees by outcome.
    pub tally: Tally,
}

impl Planned {
    /// Whether a person should look at it before it is sent.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let waits = [Becomes::Held, Becomes::Invalid]
            .into_iter()
            .any(|becomes| self.tally.of(becomes).rows > 0);
        if waits { Exit::Attention } else { Exit::Done }
    }
}

/// Foresees what taking a file would do, and hands on each row in order.
///
/// # Errors
/// Exit 2: the account, its login or its inbox is not this ledger's. Exit 3: the file can't be read,
/// or changed meanwhile. Exit 4: the hub could not be asked, within `patience`, about everything.
/// Exit 5. Or whatever `each` answers.
pub async fn plan(
    ledger: &Ledger,
    account: &Arc<Account>,
    path: &Path,
    patience: Duration,
    progress: &mut dyn FnMut(Stage),
    each: &mut dyn FnMut(PlannedRow) -> Result<(), Failure>,
) -> Result<Planned, Failure> {
    let name = plain_file_name(path)?;
    let ledger_id = ours(ledger, account).await?;
    let sha256 = reading::sha256_of(path).await?;
    let duplicate_of = ledger.taken_before(&account.name, &sha256).await?;

    // A first account has nothing that a row could meet, and a duplicate meets only its own file.
    let judged = duplicate_of.is_none() && ledger.has_billed_before(&account.name).await?;
    let (mut chunks, mut failed, mut several_sheets) = (BTreeSet::new(), Vec::new(), false);
    let rules = SheetRules::of(account, Reader::AChild);
    let rules = intake::as_usual(rules, ledger, &account.name).await?;
    let mut payers = reading::Reading::payers(path, &name, &rules, &ledger_id);
    let mut corrected_twice = HashSet::new();
    while let Some(block) = payers.next().await {
        if judged {
            let identifiers: Vec<&str> = block.identifiers.iter().map(String::as_str).collect();
            let open = ledger.open_chunks_of_payers(&account.name, &identifiers);
            chunks.extend(open.await?);
            failed.extend(ledger.failed_of_payers(&account.name, &identifiers).await?);
        }
        several_sheets |= block.several_sheets;
        corrected_twice.extend(block.corrected_twice);
        progress(Stage::Read(block.read));
    }
    let summary = payers.end().await?;
    let held = match duplicate_of {
        Some(_) => None,
        None => {
            let mappings = intake::mappings_of(&summary, account);
            let departs = match summary.valid > 0 {
                true => ledger.mapping_departs(&account.name, &mappings).await?,
                false => None,
            };
            let departs = departs.map(|departs| account.language.departures(&departs));
            held_by(intake::hold_of(&summary, account), departs)
        }
    };
    let since = Instant::now();
    let asked_by = asked_first(ledger, account, &chunks, patience, &mut |asked| {
        progress(Stage::Asked(asked as u64));
    })
    .await?;

    let elsewhere = held_elsewhere(ledger, account, failed, (since, patience)).await?;

    let mut tally = Tally::default();
    let changed = account.changed_bills.in_the_ledger();
    let mut rows = reading::Reading::rows(
        path,
        &name,
        &rules,
        &ledger_id,
        &summary,
        (several_sheets, corrected_twice),
    );
    while let Some(mut block) = rows.next().await {
        if duplicate_of.is_none() {
            reading::held_against_origin(ledger, account, &mut block).await?;
        }
        // What a token names is judged even where there is no bill that a row could meet.
        let corrects = duplicate_of.is_none() && block.iter().any(RowRead::corrects);
        let bills: Vec<NewBill<'_>> = match judged || corrects {
            true => block.iter().filter_map(RowRead::bill).collect(),
            false => Vec::new(),
        };
        let mut verdicts = ledger
            .foresee(&account.name, changed, &elsewhere, &bills)
            .await?
            .into_iter();
        for row in &block {
            let planned = match (&duplicate_of, &row.found) {
                (Some(of), _) => row.planned(Outcome::Duplicate).says(same_bytes(of)),
                (None, Found::Invalid(why)) => row.planned(Outcome::Invalid).says(why.clone()),
                (None, Found::LaterRowWins(why)) => {
                    row.planned(Outcome::LaterRowWins).says(why.clone())
                }
                (None, Found::Bill) => {
                    let planned = row.planned(Outcome::New);
                    planned.meets(verdicts.next(), held.as_ref())
                }
            };
            tally.count(&planned, row.amount);
            each(planned)?;
        }
        progress(Stage::Judged(tally.rows(), summary.rows));
    }
    let again = rows.end().await?;
    if !reading::is_same(&again, &summary) || reading::sha256_of(path).await? != sha256 {
        return Err(Failure::file(format!("{name} changed while it was read"))
            .help("plan it again once it is complete"));
    }
    Ok(Planned {
        summary,
        duplicate_of,
        // A file of which nothing would go, or wait, is held by nothing.
        held: held
            .map(|(_, why)| why)
            .filter(|_| tally.of(Becomes::Held).rows > 0),
        asked_by,
        requests: chunks.len() as u64,
        notes: notes(ledger, account).await?,
        tally,
    })
}

/// Insists that what is known of the account's bills is in this ledger; answers its id. A plan made
/// on another database would call everything new.
async fn ours(ledger: &Ledger, account: &Account) -> Result<String, Failure> {
    ledger.account_put(&account.name, &account.login()).await?;
    let ledger_id = ledger.ledger_id().await?;
    folder::marked_by_no_other(&account.inbox, &ledger_id).map_err(|error| match error {
        MarkerError::Io { source, .. } => folder::unusable(&account.name, &account.inbox, &source),
        MarkerError::OtherLedger { .. } => {
            Failure::usage(format!("account {}: {error}", account.name))
        }
    })?;
    Ok(ledger_id)
}

/// The payers of whom a failed row may be billed at the hub all the same: nobody stores what these
/// requests hold, so they are read here, whoever serves the account.
async fn held_elsewhere(
    ledger: &Ledger,
    account: &Account,
    failed: Vec<FailedRow>,
    (since, patience): (Instant, Duration),
) -> Result<HeldElsewhere, Failure> {
    if failed.is_empty() {
        return Ok(HeldElsewhere::new());
    }
    let gateway = gateway::of(account, ledger, &World::real())?;
    let asked = elsewhere::of_payers(ledger, account, &*gateway, failed);
    let left = patience.saturating_sub(since.elapsed());
    let why = match tokio::time::timeout(left, asked).await {
        Ok(asked) => match asked? {
            Ok(held) => return Ok(held),
            Err(AskError::Ledger(why)) => return Err(Failure::new(Exit::Database, why)),
            Err(error) => error.to_string(),
        },
        Err(_) => format!(
            "asking the hub took longer than {}",
            duration_shown(patience)
        ),
    };
    Err(Failure::hub(format!(
        "account {}: failed rows were not looked for at the hub, so what their payers' new bills would meet can't be told: {why}",
        account.name
    ))
    .help("`ingestd doctor` looks closer"))
}

fn same_bytes(of: &FileLine) -> String {
    format!(
        "the same bytes were taken before, as file {}: {}",
        of.file_id, of.file_name
    )
}

/// What stands in the way of sending anything at all.
async fn notes(ledger: &Ledger, account: &Account) -> Result<Vec<String>, Failure> {
    let lines = ledger.accounts().await?;
    let line = lines.iter().find(|line| line.account == account.name);
    let paused = line.and_then(|line| line.paused_kind.map(|kind| (kind, &line.paused_reason)));
    Ok(paused
        .map(|(kind, reason)| {
            let why = reason.as_deref().unwrap_or("a person paused it");
            let until = match kind {
                PauseKind::Person => format!("until `ingestd resume {}`", account.name),
                PauseKind::Restored => "until then".to_owned(),
                PauseKind::Refused | PauseKind::SignIn => "until the hub lets it in".to_owned(),
            };
            format!(
                "account {} is paused ({why}): nothing is sent {until}",
                account.name
            )
        })
        .into_iter()
        .collect())
}

pub(super) async fn command(terminal: &Terminal, args: PlanArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let account = account_meant(&config, &args.whose)?;
    let mut paper = terminal.paper();
    let mut telling = telling::Telling::begin(&mut paper, &args.file, account)?;
    let mut bar = terminal.progress(&args.file.display().to_string(), None);
    let mut stage = Stage::Read(0);
    let mut progress = |now: Stage| {
        if std::mem::discriminant(&now) != std::mem::discriminant(&stage) {
            bar.finish_and_clear();
            bar = match now {
                Stage::Asked(_) => terminal.waiting("asking the hub about earlier bills"),
                Stage::Read(_) => terminal.progress("read", None),
                Stage::Judged(_, of) => terminal.progress("judged", Some(of)),
            };
        }
        stage = now;
        match now {
            Stage::Read(n) | Stage::Judged(n, _) => bar.set_position(n),
            Stage::Asked(n) => {
                bar.set_message(format!("asked the hub about {}", many(n, "request")))
            }
        }
    };
    let (file, patience) = (&args.file, args.patience);
    let planned = plan(
        &ledger,
        account,
        file,
        patience,
        &mut progress,
        &mut |row| telling.row(&row),
    )
    .await;
    bar.finish_and_clear();
    let planned = planned?;
    telling.end(&planned)?;
    paper.finish()?;
    ledger.close().await;
    Ok(planned.exit())
}
