//! A correction is checked for duplicates against the file it came from, as if it stood there: the
//! sheet it comes back in holds the corrected rows alone.

use ingest_ledger::{Correction, InOrigin, Ledger, LedgerError};

use crate::config::{Account, DuplicateRule};
use crate::sheet::{RowProblem, TwiceOutcome};

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
        Some(OriginTwice {
            row_no: other.row_no,
            outcome,
            problem: RowProblem {
                field: "identifier".to_owned(),
                cell: None,
                value: of_row
                    .map(|one| one.identifier.to_owned())
                    .unwrap_or_default(),
                problem: sentence(&other, outcome),
                warning: outcome == TwiceOutcome::Skipped,
            },
        })
    };
    Ok(found.into_iter().filter_map(twice).collect())
}

fn sentence(other: &InOrigin, outcome: TwiceOutcome) -> String {
    let place = format!(
        "row {} of the sheet `{}` in {}",
        other.row_number, other.sheet, other.file_name
    );
    match outcome {
        TwiceOutcome::Invalid => format!(
            "this identifier stands in the file that this row corrects, too ({place}, which is {}): nothing is sent for this row; give each payer its own identifier, or leave this row out",
            other.state
        ),
        TwiceOutcome::Skipped => format!(
            "this identifier stands again further down in the file that this row corrects ({place}), and the last one counts: nothing is sent for this row"
        ),
    }
}
