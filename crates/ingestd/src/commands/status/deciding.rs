//! Who decides held rows, and how: of each kind of hold what stands on a screen, beside what stands in
//! the note next to the sheet. The administrator reads the one and copies its command; a bursar reads
//! the other, and takes it to the administrator.

use ingest_ledger::HoldKind;

/// What decides held rows.
pub struct Deciding {
    /// On a screen: commands between backticks.
    pub screen: String,
    /// In a note: sentences.
    pub note: String,
}

/// What decides held rows; every kind of reason has its words. `named` is what a command adds to name
/// just these rows.
#[must_use]
pub fn deciding(kind: HoldKind, file_id: i64, named: Option<&str>) -> Deciding {
    let list = format!("`ingestd rows --file {file_id} --state held` lists them");
    let approval = approval(file_id, named);
    let approved = approval.replace('`', "");
    let decided_by = |approved: &str| {
        format!("The administrator decides: {approved}, or ingestd cancel {file_id}")
    };
    match kind {
        HoldKind::Waits => Deciding {
            screen: format!(
                "goes on by itself once the earlier row is decided; to send it all the same: {approval} ({list})"
            ),
            note: format!(
                "They go on by themselves when the earlier row is done. The administrator can send them all the same: {approved}"
            ),
        },
        HoldKind::Overtaken => Deciding {
            screen: format!(
                "{approval} sends it behind the newer row, `ingestd cancel {file_id}` never ({list})"
            ),
            note: format!(
                "Sent now, they would take the newer row's place, or be a second bill. {}",
                decided_by(&approved)
            ),
        },
        HoldKind::Elsewhere => Deciding {
            screen: format!(
                "goes on by itself once that request is known to hold nothing of the kind; look at it on the hub's own pages: {approval} sends it all the same, `ingestd cancel {file_id}` never ({list})"
            ),
            note: format!(
                "The failed row may be billed all the same. If the hub's own pages show that no bill of it is left to pay, the administrator can send them: {approved}; or never: ingestd cancel {file_id}"
            ),
        },
        HoldKind::ChangedPaid => Deciding {
            screen: format!(
                "{approval} bills it once more, `ingestd cancel {file_id}` never ({list})"
            ),
            note: format!(
                "The earlier bill is paid, so sending makes a second bill for the payer. {}",
                decided_by(&approved)
            ),
        },
        HoldKind::Unseen => Deciding {
            screen: format!(
                "goes on by itself once the hub shows that request again; to send it all the same: {approval}, or never: `ingestd cancel {file_id}` ({list})"
            ),
            note: format!(
                "They go on by themselves when the hub shows that request again. If the hub's own pages show that no bill of it is left to pay, the administrator can send them: {approved}; or never: ingestd cancel {file_id}"
            ),
        },
        HoldKind::Approval | HoldKind::File => Deciding {
            screen: format!(
                "`ingestd approve {file_id}` sends it, `ingestd cancel {file_id}` never"
            ),
            note: decided_by(&format!("ingestd approve {file_id}")),
        },
        HoldKind::Changed | HoldKind::Later => {
            // Without --rows it lets go whatever else is held, too.
            let named = named.unwrap_or_default();
            Deciding {
                screen: format!(
                    "`ingestd approve {file_id}{named}` sends them, `ingestd cancel {file_id}` never ({list})"
                ),
                note: decided_by(&format!("ingestd approve {file_id}{named}")),
            }
        }
        HoldKind::Refused | HoldKind::TooLarge | HoldKind::Token => Deciding {
            screen: format!(
                "`ingestd approve {file_id}` sends them, `ingestd cancel {file_id}` never ({list})"
            ),
            note: decided_by(&format!("ingestd approve {file_id}")),
        },
    }
}

/// The command that lets just these rows go; in words where they can't be named in one that could be
/// copied as it stands.
fn approval(file_id: i64, named: Option<&str>) -> String {
    match named {
        Some(named) => format!("`ingestd approve {file_id}{named}`"),
        None => format!(
            "an approval of file {file_id} with --rows and their numbers (and --sheet, where it has several)"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_rows_as_their_sentence_does() {
        for kind in [
            HoldKind::Changed,
            HoldKind::Later,
            HoldKind::Overtaken,
            HoldKind::Elsewhere,
            HoldKind::ChangedPaid,
            HoldKind::Unseen,
            HoldKind::Waits,
        ] {
            let command = screen(kind, 38, Some(" --rows 13"));
            assert!(
                command.contains("`ingestd approve 38 --rows 13`"),
                "{command}"
            );
        }
        for kind in [HoldKind::Approval, HoldKind::File, HoldKind::Token] {
            let command = screen(kind, 38, Some(" --rows 13"));
            assert!(command.contains("`ingestd approve 38`"), "{command}");
        }
        // Rows that can't be written: what is held for other reasons needs --rows, these don't.
        let command = screen(HoldKind::Changed, 38, None);
        assert!(command.contains("`ingestd approve 38`"), "{command}");
        let command = screen(HoldKind::ChangedPaid, 38, None);
        assert!(!command.contains("`ingestd approve"), "{command}");
        let list = "`ingestd rows --file 38 --state held` lists them";
        assert!(command.contains(list), "{command}");
    }

    fn screen(kind: HoldKind, file_id: i64, named: Option<&str>) -> String {
        deciding(kind, file_id, named).screen
    }

    #[test]
    fn a_note_names_the_same_rows_without_a_mark_that_a_bursar_would_copy() {
        for kind in [HoldKind::Changed, HoldKind::ChangedPaid, HoldKind::Waits] {
            let Deciding { screen, note } = deciding(kind, 38, Some(" --rows 13"));
            assert!(
                screen.contains("`ingestd approve 38 --rows 13`"),
                "{screen}"
            );
            assert!(note.contains("ingestd approve 38 --rows 13"), "{note}");
            assert!(!note.contains('`'), "{note}");
        }
    }
}
