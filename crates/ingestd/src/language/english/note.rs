//! The notes beside a sheet: a bursar reads them, and takes them to the administrator, so commands
//! stand in them without the marks that somebody would copy.

use ingest_ledger::HoldKind;

use crate::commands::counted;
use crate::commands::status::{First, approval, command_behind};
use crate::said::OfNote;

pub(super) fn of_note(note: &OfNote) -> String {
    match note {
        OfNote::Waits { file, file_id } => {
            format!("{file} (file {file_id}): this waits for a person.")
        }
        OfNote::Held(n) => counted(*n, "row is held", "rows are held"),
        OfNote::Rows(n) => counted(*n, "row", "rows"),
        OfNote::More(n) => format!(
            "and {}; the result sheet says it for each",
            counted(*n, "more", "more")
        ),
        OfNote::Numbers {
            numbers,
            one,
            sheet,
        } => {
            let rows = if *one { "row" } else { "rows" };
            match sheet {
                Some(sheet) => format!("{rows} {numbers} of {sheet}"),
                None => format!("{rows} {numbers}"),
            }
        }
        OfNote::Decides {
            kind,
            file_id,
            named,
        } => deciding(*kind, *file_id, named.as_deref()),
        OfNote::Behind { named, file_id } => {
            let first = if *named {
                First::Named
            } else {
                First::Approved
            };
            let command = command_behind(first, *file_id).replace('`', "");
            format!("The administrator decides: {command}")
        }
        OfNote::Unknown { rows, why, command } => {
            let unknown = counted(*rows, "row is unknown", "rows are unknown");
            format!("{unknown}: {why}\n  {command}")
        }
        OfNote::SameBytes {
            name,
            of,
            taken_at,
            file_id,
        } => format!(
            "{name} holds exactly what {of} held, which was taken on {taken_at} as file {file_id}.\n\
             Nothing was sent for it again. `ingestd export {file_id}` writes the results of file {file_id}."
        ),
        OfNote::NothingSent(name) => format!(
            "Nothing of {name} was sent. Correct the file and drop it into the inbox again."
        ),
    }
}

/// What decides held rows; every kind of reason has its words. `named` is what a command adds to name
/// just these rows.
fn deciding(kind: HoldKind, file_id: i64, named: Option<&str>) -> String {
    let approved = approval(file_id, named).replace('`', "");
    let decided_by = |approved: &str| {
        format!("The administrator decides: {approved}, or ingestd cancel {file_id}")
    };
    match kind {
        HoldKind::Waits => format!(
            "They go on by themselves when the earlier row is done. The administrator can send them all the same: {approved}"
        ),
        HoldKind::Overtaken => format!(
            "Sent now, they would take the newer row's place, or be a second bill. {}",
            decided_by(&approved)
        ),
        HoldKind::Elsewhere => format!(
            "The failed row may be billed all the same. If the hub's own pages show that no bill of it is left to pay, the administrator can send them: {approved}; or never: ingestd cancel {file_id}"
        ),
        HoldKind::ChangedPaid => format!(
            "The earlier bill is paid, so sending makes a second bill for the payer. {}",
            decided_by(&approved)
        ),
        HoldKind::Unseen => format!(
            "They go on by themselves when the hub shows that request again. If the hub's own pages show that no bill of it is left to pay, the administrator can send them: {approved}; or never: ingestd cancel {file_id}"
        ),
        // Without --rows it lets go whatever else is held, too.
        HoldKind::Changed | HoldKind::Later => decided_by(&format!(
            "ingestd approve {file_id}{}",
            named.unwrap_or_default()
        )),
        HoldKind::Approval
        | HoldKind::File
        | HoldKind::Refused
        | HoldKind::TooLarge
        | HoldKind::Token => decided_by(&format!("ingestd approve {file_id}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_the_same_rows_without_a_mark_that_a_bursar_would_copy() {
        for kind in [HoldKind::Changed, HoldKind::ChangedPaid, HoldKind::Waits] {
            let note = deciding(kind, 38, Some(" --rows 13"));
            assert!(note.contains("ingestd approve 38 --rows 13"), "{note}");
            assert!(!note.contains('`'), "{note}");
        }
    }
}
