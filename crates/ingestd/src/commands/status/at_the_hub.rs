//! What is amiss at the hub itself: no command of ours mends it, so a person takes it up with the
//! hub, and these lines say with what numbers.

use ingest_ledger::Ledger;
use serde::Serialize;

use crate::commands::printing::{many, moment};
use crate::exit::Failure;

/// Something that only the hub can mend.
#[derive(Clone, Debug, Serialize)]
pub struct AtTheHub {
    /// Whose it is.
    pub account: String,
    /// In which file.
    pub file_id: i64,
    /// The file's name.
    pub file_name: String,
    /// The hub's number of the request, where it is about one.
    pub request_id: Option<String>,
    /// The payment number, where it is about one bill.
    pub psid: Option<String>,
    /// What is amiss.
    pub why: String,
    /// What to ask the hub for.
    pub what_to_do: String,
}

/// All of it: requests that the hub does not show any more, and bills that may be paid twice.
///
/// # Errors
/// Exit 5: the database.
pub(super) async fn at_the_hub(ledger: &Ledger) -> Result<Vec<AtTheHub>, Failure> {
    let mut amiss = Vec::new();
    for line in ledger.unseen_list().await? {
        let held = match u64::try_from(line.rows_held).unwrap_or(0) {
            0 => "no row waits because of it".to_owned(),
            1 => "1 row waits because of it".to_owned(),
            n => format!("{} wait because of it", many(n, "row")),
        };
        amiss.push(AtTheHub {
            why: format!(
                "request {} of {} (chunk {}, {}) can't be read since {} UTC: {}; {held}",
                line.request_id,
                line.account,
                line.chunk_id,
                line.file_name,
                moment(Some(line.since)),
                line.why
            ),
            what_to_do: format!(
                "ask the hub why it does not show request {}; it is read again by itself, ever more rarely",
                line.request_id
            ),
            account: line.account,
            file_id: line.file_id,
            file_name: line.file_name,
            request_id: Some(line.request_id),
            psid: None,
        });
    }
    for bill in ledger.paid_replaced().await? {
        let psid = match &bill.psid {
            Some(psid) => format!("PSID {psid}"),
            None => bill.state.to_string(),
        };
        amiss.push(AtTheHub {
            why: format!(
                "row {} of file {} ({}, {}, {psid}) replaced row {} of {}, which was paid meanwhile: the payer may pay twice",
                bill.row_number,
                bill.file_id,
                bill.file_name,
                bill.account,
                bill.paid_row_number,
                bill.paid_file_name
            ),
            what_to_do: "ask the hub to take the newer bill back, or tell the payer not to pay it; it leaves this list when the hub calls it paid or discarded".to_owned(),
            account: bill.account,
            file_id: bill.file_id,
            file_name: bill.file_name,
            request_id: None,
            psid: bill.psid,
        });
    }
    Ok(amiss)
}
