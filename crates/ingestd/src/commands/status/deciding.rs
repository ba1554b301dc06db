//! What decides held rows, on a screen: the administrator reads it and copies its command. What a note
//! beside the sheet says instead is among the sentences of each language.

use ingest_ledger::HoldKind;

/// What decides held rows, with commands between backticks; every kind of reason has its words.
/// `named` is what a command adds to name just these rows.
#[must_use]
pub fn deciding(kind: HoldKind, file_id: i64, named: Option<&str>) -> String {
    let list = format!("`ingestd rows --file {file_id} --state held` lists them");
    let approval = approval(file_id, named);
    match kind {
        HoldKind::Waits => format!(
            "goes on by itself once the earlier row is decided; to send it all the same: {approval} ({list})"
        ),
        HoldKind::Overtaken => format!(
            "{approval} sends it behind the newer row, `ingestd cancel {file_id}` never ({list})"
        ),
        HoldKind::Elsewhere => format!(
            "goes on by itself once that request is known to hold nothing of the kind; look at it on the hub's own pages: {approval} sends it all the same, `ingestd cancel {file_id}` never ({list})"
        ),
        HoldKind::ChangedPaid => {
            format!("{approval} bills it once more, `ingestd cancel {file_id}` never ({list})")
        }
        HoldKind::Unseen => format!(
            "goes on by itself once the hub shows that request again; to send it all the same: {approval}, or never: `ingestd cancel {file_id}` ({list})"
        ),
        HoldKind::Approval | HoldKind::File => {
            format!("`ingestd approve {file_id}` sends it, `ingestd cancel {file_id}` never")
        }
        HoldKind::Changed | HoldKind::Later => {
            // Without --rows it lets go whatever else is held, too.
            let named = named.unwrap_or_default();
            format!(
                "`ingestd approve {file_id}{named}` sends them, `ingestd cancel {file_id}` never ({list})"
            )
        }
        HoldKind::Refused | HoldKind::TooLarge | HoldKind::Token => format!(
            "`ingestd approve {file_id}` sends them, `ingestd cancel {file_id}` never ({list})"
        ),
    }
}

/// The command that lets just these rows go; in words where they can't be named in one that could be
/// copied as it stands.
pub(crate) fn approval(file_id: i64, named: Option<&str>) -> String {
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
            let command = deciding(kind, 38, Some(" --rows 13"));
            assert!(
                command.contains("`ingestd approve 38 --rows 13`"),
                "{command}"
            );
        }
        for kind in [HoldKind::Approval, HoldKind::File, HoldKind::Token] {
            let command = deciding(kind, 38, Some(" --rows 13"));
            assert!(command.contains("`ingestd approve 38`"), "{command}");
        }
        // Rows that can't be written: what is held for other reasons needs --rows, these don't.
        let command = deciding(HoldKind::Changed, 38, None);
        assert!(command.contains("`ingestd approve 38`"), "{command}");
        let command = deciding(HoldKind::ChangedPaid, 38, None);
        assert!(!command.contains("`ingestd approve"), "{command}");
        let list = "`ingestd rows --file 38 --state held` lists them";
        assert!(command.contains(list), "{command}");
    }
}
