//! Held rows of a file: why they are held, in a sentence, and the command that decides it.

use ingest_ledger::{HeldLine, Ledger, LedgerError, RowSet};

use super::waiting::ROW_PARTS_MAX;
use crate::cli::{RowList, sheet_option};
use crate::commands::counted;

/// Rows whose numbers are looked up for a command; more would not fit into it.
const NUMBERS_LOOKED_UP_MAX: u64 = 2_000;

/// Why they are held: of several reasons the first, and of which row that is said.
///
/// # Errors
/// The database's.
pub(super) async fn why_held(ledger: &Ledger, held: &HeldLine) -> Result<String, LedgerError> {
    let Some((rows, reason)) = held.reasons.first() else {
        return Ok(String::new());
    };
    if held.reasons.len() == 1 {
        return Ok(reason.clone());
    }
    let first: RowSet = rows.first().into_iter().collect();
    let of = ledger.bills(held.file_id, &first).await?;
    let place = of
        .first()
        .map(|bill| format!("row {}: ", bill.row_number))
        .unwrap_or_default();
    let more = counted(
        held.rows.len() - rows.len(),
        "more row for a reason of its own",
        "more rows for reasons of their own",
    );
    Ok(format!("{place}{reason}; and {more}"))
}

/// What a command adds to name just these rows of a file: ` --rows 5,9-12`, with ` --sheet 'X'`
/// before it where the file has several; `None`: that can't be written in one command that is to be
/// copied.
///
/// # Errors
/// The database's.
pub async fn rows_named(
    ledger: &Ledger,
    file_id: i64,
    rows: &RowSet,
) -> Result<Option<String>, LedgerError> {
    let looked_up = match rows.len() {
        ..=NUMBERS_LOOKED_UP_MAX => rows.clone(),
        // Rows are numbered sheet by sheet, so the first and the last tell.
        _ => [rows.first(), rows.last()].into_iter().flatten().collect(),
    };
    let bills = ledger.bills(file_id, &looked_up).await?;
    let (Some(first), Some(last)) = (bills.first(), bills.last()) else {
        return Ok(None);
    };
    let sheet = match ledger.has_several_sheets(file_id).await? {
        false => String::new(),
        true if first.sheet == last.sheet => match sheet_option(&first.sheet) {
            Some(option) => option,
            None => return Ok(None),
        },
        true => return Ok(None),
    };
    let numbers = bills
        .iter()
        .filter_map(|bill| u32::try_from(bill.row_number).ok());
    let list = RowList::of(numbers);
    if looked_up != *rows || list.parts() > ROW_PARTS_MAX {
        return Ok(None);
    }
    Ok(Some(format!("{sheet} --rows {list}")))
}

/// What happens to the rows of a file before what holds the file itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// `approve FILE` lifts their own holds.
    Approved,
    /// Each waits for something of its own, and goes before that only if it is named.
    Named,
}

/// Of a file that is held itself, and each of whose rows is held for a reason of its own as well;
/// `None`: it is not so.
#[must_use]
pub fn what_goes_first(list: &[HeldLine]) -> Option<First> {
    let behind = list.iter().any(|line| line.behind);
    let mut own = list.iter().filter(|line| !line.behind);
    behind.then(|| match own.all(|line| line.kind.needs_naming()) {
        true => First::Named,
        false => First::Approved,
    })
}

/// What decides the hold of such a file.
#[must_use]
pub fn command_behind(first: First, file_id: i64) -> String {
    match first {
        First::Approved => format!(
            "its rows are held for reasons of their own, too: `ingestd approve {file_id}` lifts those first, and asked once more it lifts this; \
             `ingestd cancel {file_id}` never sends it"
        ),
        First::Named => format!(
            "`ingestd approve {file_id}` lifts this alone: each of its rows then goes by what it waits for itself; `ingestd cancel {file_id}` never sends it"
        ),
    }
}

#[cfg(test)]
mod tests {
    use ingest_ledger::HoldKind;

    use super::*;

    #[test]
    fn what_holds_a_file_behind_its_rows_is_said_to_be_lifted_when_it_is() {
        let line = |kind, behind| HeldLine {
            file_id: 38,
            kind,
            rows: RowSet::range(1, 2),
            reasons: Vec::new(),
            behind,
        };
        let first = |own: &[HoldKind]| {
            let mut list = vec![line(HoldKind::Approval, true)];
            list.extend(own.iter().map(|kind| line(*kind, false)));
            what_goes_first(&list)
        };
        assert_eq!(
            first(&[HoldKind::Waits, HoldKind::Unseen]),
            Some(First::Named)
        );
        let some_are_lifted = [HoldKind::Waits, HoldKind::Changed];
        assert_eq!(first(&some_are_lifted), Some(First::Approved));
        assert_eq!(what_goes_first(&[line(HoldKind::Approval, false)]), None);
        let alone = command_behind(First::Named, 38);
        assert!(alone.starts_with("`ingestd approve 38` lifts this alone"));
    }
}
