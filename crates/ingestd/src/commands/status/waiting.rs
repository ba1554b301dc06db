//! What waits for a person, and the command that decides it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use ingest_ledger::{ChunkFilter, ChunkState, FileLine, Ledger, RowFilter, RowState, row_of};
use serde::Serialize;

use super::deciding::deciding;
use super::held::{command_behind, rows_named, what_goes_first, why_held};
use crate::cli::{RowList, sheet_option};
use crate::commands::printing::{cell, many, moment};
use crate::commands::rows::bulk_id;
use crate::exit::Failure;

/// Unknown rows that are looked at to find those of taken chunks, and how many at a time.
const ROWS_LOOKED_AT: usize = 100_000;
const ROWS_AT_A_TIME: u32 = 5_000;
/// Row numbers and ranges that fit in a command that is to be copied.
pub(super) const ROW_PARTS_MAX: usize = 20;

/// Something that a person decides.
#[derive(Clone, Debug, Serialize)]
pub struct Waiting {
    /// Whose it is.
    pub account: String,
    /// In which file.
    pub file_id: i64,
    /// The file's name.
    pub file_name: String,
    /// Of which chunk, where it is one.
    pub chunk_id: Option<i64>,
    /// How many rows.
    pub rows: u64,
    /// `held`, `unknown` or `failed`.
    pub what: &'static str,
    /// Why they wait.
    pub why: String,
    /// What decides it.
    pub command: String,
}

impl Waiting {
    /// What waits, and why.
    #[must_use]
    pub fn sentence(&self) -> String {
        let place = match self.chunk_id {
            Some(chunk) => format!("chunk {chunk} of file {}", self.file_id),
            None => format!("file {}", self.file_id),
        };
        format!(
            "{place} ({}, {}): {} {}: {}",
            self.file_name,
            self.account,
            many(self.rows, "row"),
            self.what,
            self.why
        )
    }

    pub(super) fn cells(&self) -> Vec<String> {
        vec![
            self.account.clone(),
            self.file_id.to_string(),
            cell(self.chunk_id),
            self.rows.to_string(),
            self.what.to_owned(),
            self.why.clone(),
            self.command.clone(),
        ]
    }
}

/// What waits for a person in these files.
///
/// # Errors
/// Exit 5: the database.
pub async fn waiting(ledger: &Ledger, files: &[FileLine]) -> Result<Vec<Waiting>, Failure> {
    let mut waiting = Vec::new();
    for file in files {
        if count(file, RowState::Held) > 0 {
            held(ledger, file, &mut waiting).await?;
        }
        if count(file, RowState::Unknown) > 0 {
            unknown(ledger, file, &mut waiting).await?;
        }
    }
    Ok(waiting)
}

fn count(file: &FileLine, state: RowState) -> i64 {
    file.counts.get(&state).copied().unwrap_or_default()
}

/// The held rows of a file, one entry for each kind of reason.
async fn held(ledger: &Ledger, file: &FileLine, waiting: &mut Vec<Waiting>) -> Result<(), Failure> {
    let list = ledger.held_list(file.file_id).await?;
    let first = what_goes_first(&list);
    for held in list {
        let named = rows_named(ledger, file.file_id, &held.rows).await?;
        waiting.push(Waiting {
            account: file.account.clone(),
            file_id: file.file_id,
            file_name: file.file_name.clone(),
            chunk_id: None,
            rows: held.rows.len(),
            what: "held",
            why: why_held(ledger, &held).await?,
            command: match first {
                Some(first) if held.behind => command_behind(first, file.file_id),
                _ => deciding(held.kind, file.file_id, named.as_deref()),
            },
        });
    }
    Ok(())
}

/// The unknown chunks of a file, and the taken chunks that have unknown rows.
async fn unknown(
    ledger: &Ledger,
    file: &FileLine,
    waiting: &mut Vec<Waiting>,
) -> Result<(), Failure> {
    let entry = |chunk_id: i64, rows: u64, why: String, command: String| Waiting {
        account: file.account.clone(),
        file_id: file.file_id,
        file_name: file.file_name.clone(),
        chunk_id: Some(chunk_id),
        rows,
        what: "unknown",
        why,
        command,
    };
    let mut chunks = Vec::new();
    let of_file = ChunkFilter {
        file_id: Some(file.file_id),
        ..ChunkFilter::default()
    };
    crate::commands::chunks::chunks(ledger, &of_file, &mut |chunk| {
        chunks.push(chunk.clone());
        Ok(())
    })
    .await?;
    // Until when the call of each may still be under way.
    let under_way: BTreeMap<i64, DateTime<Utc>> = ledger
        .unknown_chunks(&file.account)
        .await?
        .into_iter()
        .filter(|doubt| !doubt.call_over)
        .map(|doubt| (doubt.chunk.chunk_id, doubt.attempt.deadline_at))
        .collect();
    let mut in_chunks: u64 = 0;
    for chunk in chunks
        .iter()
        .filter(|chunk| chunk.state == ChunkState::Unknown)
    {
        let rows = chunk.row_count.unsigned_abs();
        in_chunks += rows;
        let why = chunk.message.clone();
        waiting.push(entry(
            chunk.chunk_id,
            rows,
            why.unwrap_or_else(|| "its answer was lost".to_owned()),
            chunk_command(
                chunk.chunk_id,
                &file.account,
                under_way.get(&chunk.chunk_id).copied(),
            ),
        ));
    }
    let own = count(file, RowState::Unknown)
        .unsigned_abs()
        .saturating_sub(in_chunks);
    if own == 0 {
        return Ok(());
    }
    let by_request = unknown_of_taken(ledger, file.file_id, own).await?;
    let several_sheets = ledger.has_several_sheets(file.file_id).await?;
    for chunk in chunks
        .iter()
        .filter(|chunk| chunk.state != ChunkState::Unknown)
    {
        let request = bulk_id(chunk.bulk_payment_request_id.as_ref());
        for ((sheet, listed), doubt) in by_request.get(&request).into_iter().flatten() {
            let sheet = match several_sheets {
                true => sheet_option(sheet),
                false => Some(String::new()),
            };
            waiting.push(entry(
                chunk.chunk_id,
                doubt.rows.len() as u64,
                doubt.why(&request, *listed),
                rows_command(
                    chunk.chunk_id,
                    file.file_id,
                    &file.account,
                    sheet.as_deref(),
                    &doubt.rows,
                    listed.then_some(&request),
                ),
            ));
        }
    }
    Ok(())
}

/// Rows in doubt of one call that the hub took, in one sheet.
#[derive(Default)]
struct RowsInDoubt {
    /// Their numbers.
    rows: Vec<u32>,
    /// What is said of the first of them, and of how many others the same is not.
    says: String,
    otherwise: u64,
}

impl RowsInDoubt {
    fn row(&mut self, number: u32, says: String) {
        if self.rows.is_empty() {
            self.says = says;
        } else if self.says != says {
            self.otherwise += 1;
        }
        self.rows.push(number);
    }

    /// `listed`: the hub shows them in the request.
    fn why(&self, request: &str, listed: bool) -> String {
        let says = match self.says.as_str() {
            "" => String::new(),
            says => format!(": {says}"),
        };
        let otherwise = match self.otherwise {
            0 => String::new(),
            n => format!(" (and otherwise of {})", many(n, "row")),
        };
        match listed {
            true => format!(
                "the hub took bulk request {request} and shows them in it, without a word that proves a bill{says}{otherwise}"
            ),
            false => format!(
                "the hub took bulk request {request}, and does not say what became of them{says}{otherwise}"
            ),
        }
    }
}

/// By the sheet, and whether the hub shows them in their request.
type BySheet = BTreeMap<(String, bool), RowsInDoubt>;

/// The unknown rows of calls that the hub took, by the hub's number of the call: it did not say
/// what became of them. `wanted`: as many as there are.
async fn unknown_of_taken(
    ledger: &Ledger,
    file_id: i64,
    wanted: u64,
) -> Result<BTreeMap<String, BySheet>, Failure> {
    let listed = ledger.listed_in_doubt(file_id).await?;
    let mut filter = RowFilter {
        file_id: Some(file_id),
        state: Some(RowState::Unknown),
        limit: ROWS_AT_A_TIME,
        ..RowFilter::default()
    };
    let mut by_request: BTreeMap<String, BySheet> = BTreeMap::new();
    let (mut found, mut looked_at) = (0, 0);
    while found < wanted && looked_at < ROWS_LOOKED_AT {
        let page = ledger.rows(&filter).await?;
        let Some(last) = page.last() else { break };
        filter.after = Some(last.row_id);
        looked_at += page.len();
        for row in &page {
            let request = bulk_id(row.bulk_payment_request_id.as_ref());
            // Rows without a number follow a chunk that is in doubt as a whole.
            if let (false, Ok(number)) = (request.is_empty(), u32::try_from(row.row_number)) {
                let sheets = by_request.entry(request).or_default();
                let is_listed = listed.contains(row_of(row.row_id).1);
                let doubt = sheets.entry((row.sheet.clone(), is_listed)).or_default();
                doubt.row(number, row.message.clone().unwrap_or_default());
                found += 1;
            }
        }
    }
    Ok(by_request)
}

/// What decides a chunk in doubt; `until`: its call may be under way, and nothing is decided before.
fn chunk_command(chunk_id: i64, account: &str, until: Option<DateTime<Utc>>) -> String {
    let from = until.map(|until| {
        format!(
            ", from {} UTC on (until then its call may be under way)",
            moment(Some(until))
        )
    });
    format!(
        "looked up by itself, ever more rarely; who knows better{}: `ingestd resolve {chunk_id} --not-sent`, {}",
        from.unwrap_or_default(),
        or_sent(account)
    )
}

/// The other decision: the number of the request is for the person to find.
fn or_sent(account: &str) -> String {
    format!(
        "or --sent and the number of its request in place of --not-sent (`ingestd bulk list --account {account}` lists them)"
    )
}

/// What decides the rows in doubt of a chunk that was taken. `sheet`: the option that names it, if it
/// can be copied. `listed`: the request in which the hub
/// shows them; then nothing that bills them again is offered to be copied.
fn rows_command(
    chunk_id: i64,
    file_id: i64,
    account: &str,
    sheet: Option<&str>,
    rows: &[u32],
    listed: Option<&String>,
) -> String {
    let named = RowList::of(rows.iter().copied());
    let itself = "asked about by itself, ever more rarely";
    let Some(sheet) = sheet.filter(|_| named.parts() <= ROW_PARTS_MAX) else {
        let decide = match listed {
            Some(request) => format!(
                "ask the hub what it makes of them. If it has them: resolve chunk {chunk_id} with --rows and their numbers (and --sheet, if it has several), and \
                 --sent {request}; only if its own pages show that it made no bill of them, with --not-sent, which bills them again"
            ),
            None => format!(
                "who knows better: resolve chunk {chunk_id} with --rows and their numbers (and --sheet, if it has several), and --not-sent, {}",
                or_sent(account)
            ),
        };
        return format!(
            "{itself}; {decide}; `ingestd rows --file {file_id} --state unknown` lists the rows"
        );
    };
    let resolve = format!("ingestd resolve {chunk_id}{sheet} --rows {named}");
    match listed {
        Some(request) => format!(
            "{itself}; ask the hub what it makes of them. If it has them: `{resolve} --sent {request}`. Only if its own pages \
             show that it made no bill of them, --not-sent in place of --sent {request} bills them again"
        ),
        None => format!(
            "{itself}; who knows better: `{resolve} --not-sent`, {}",
            or_sent(account)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_may_be_under_way_is_not_offered_to_be_decided_before_its_time() {
        let command = chunk_command(7, "greenfield", None);
        assert!(command.contains("who knows better: `ingestd resolve 7 --not-sent`, or --sent"));
        assert!(command.contains("`ingestd bulk list --account greenfield`"));
        let command = chunk_command(7, "greenfield", "2035-01-01T00:02:30Z".parse().ok());
        let from = "from 2035-01-01 00:02:30 UTC on";
        assert!(command.contains(from), "{command}");
    }

    #[test]
    fn rows_in_doubt_of_a_taken_chunk_are_named_in_the_command() {
        let command = rows_command(7, 4, "greenfield", Some(""), &[12, 5, 9, 10, 11], None);
        let line = "`ingestd resolve 7 --rows 5,9-12 --not-sent`";
        assert!(command.contains(line), "{command}");
        let command = rows_command(7, 4, "greenfield", Some(" --sheet 'Grade 1'"), &[5], None);
        let line = "`ingestd resolve 7 --sheet 'Grade 1' --rows 5 --not-sent`";
        assert!(command.contains(line), "{command}");
        let scattered: Vec<u32> = (1..=50).map(|n| 2 * n).collect();
        for listed in [None, Some("77".to_owned())] {
            let command = rows_command(7, 4, "greenfield", Some(""), &scattered, listed.as_ref());
            let list = "`ingestd rows --file 4 --state unknown` lists the rows";
            assert!(command.contains(list), "{command}");
            assert!(!command.contains("`ingestd resolve"), "{command}");
        }
    }

    #[test]
    fn rows_that_the_hub_shows_are_not_offered_to_be_billed_again() {
        let command = rows_command(7, 4, "greenfield", Some(""), &[5], Some(&"77".to_owned()));
        assert!(
            command.contains("`ingestd resolve 7 --rows 5 --sent 77`"),
            "{command}"
        );
        assert!(!command.contains("--not-sent`"), "{command}");
        let mut doubt = RowsInDoubt::default();
        for (number, says) in [(5, "the hub says `ON_HOLD`"), (6, "the hub says `ODD`")] {
            doubt.row(number, says.to_owned());
        }
        let why = doubt.why("77", true);
        assert!(
            why.ends_with(": the hub says `ON_HOLD` (and otherwise of 1 row)"),
            "{why}"
        );
    }
}
