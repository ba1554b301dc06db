//! A correction is checked for duplicates against the file it came from, as if it stood there: the
//! sheet it comes back in holds the corrected rows alone.

use ingest_ledger::{Correction, InOrigin, Ledger, LedgerError};

use crate::config::{Account, DuplicateRule};
use crate::said::{FilePlace, Said};
use crate::sheet::{RowProblem, TwiceOutcome};

/// The field that all of this is about.
const FIELD: &str = "identifier";

/// A correction whose identifier stands in the file it came from, too.
pub(crate) struct OriginTwice {
    /// Its number in its own file, as it was asked about.
    pub(crate) row_no: u32,
    /// What becomes of it.
    pub(crate) outcome: TwiceOutcome,
    /// What a person reads about it.
    pub(crate) problem: RowProblem,
}

/// Those of these corrections that another row of the file they came from makes invalid, or goes
/// before, by the account's rule for what stands twice in one file.
pub(crate) async fn in_origin(
    ledger: &Ledger,
    account: &Account,
    corrections: &[Correction<'_>],
) -> Result<Vec<OriginTwice>, LedgerError> {
    if corrections.is_empty() {
        return Ok(Vec::new());
    }
    let found = ledger.stands_in_origin(&account.name, corrections).await?;
    let twice = |other: InOrigin| {
        let outcome = match account.duplicate_identifiers {
            DuplicateRule::Reject => TwiceOutcome::Invalid,
            DuplicateRule::LastWins if other.comes_later => TwiceOutcome::Skipped,
            DuplicateRule::LastWins => return None,
        };
        let of_row = corrections.iter().find(|one| one.row_no == other.row_no);
        let identifier = of_row.map_or("", |one| one.identifier);
        let place = FilePlace {
            file: other.file_name,
            sheet: other.sheet,
            row: other.row_number,
            state: other.state.as_str(),
        };
        let said = match outcome {
            TwiceOutcome::Invalid => Said::InOrigin(place),
            TwiceOutcome::Skipped => Said::LaterInOrigin(place),
        };
        Some(OriginTwice {
            row_no: other.row_no,
            outcome,
            problem: RowProblem {
                field: FIELD.to_owned(),
                cell: None,
                value: identifier.to_owned(),
                problem: account.language.said(FIELD, identifier, &said),
                warning: outcome == TwiceOutcome::Skipped,
            },
        })
    };
    Ok(found.into_iter().filter_map(twice).collect())
}
