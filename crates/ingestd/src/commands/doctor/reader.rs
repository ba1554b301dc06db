//! The child process that takes sheets apart: whether one can be started here, and whether all its
//! walls stand. It is asked to read a sheet of one row.

use std::io::Write;

use fee_sheet::SheetRow;

use super::Finding;
use crate::contained::{Reader, lacking};
use crate::exit::{Exit, Failure};
use crate::sheet::SheetRules;

const WHAT: &str = "sheets";
const SHEET: &str = "Name,Roll No,Fee,Due Date\nAli,1,1500,2035-03-05\n";

pub(super) async fn look() -> Finding {
    let read = tokio::task::spawn_blocking(read_one).await;
    let read = read.unwrap_or_else(|_| Err(Failure::defect("the reader of a sheet died")));
    let lacking = lacking();
    match read {
        Err(failure) => Finding::bad(
            WHAT,
            Exit::Defect,
            format!("no sheet can be read: {}", failure.sentence),
            "sheets are read in a child process of this program: let it start one, with /proc to be seen and room for temporary files",
        ),
        Ok(()) if lacking.is_empty() => Finding::good(
            WHAT,
            "read in a child process with limits of memory, time and files, and no network",
        ),
        Ok(()) => Finding::good(
            WHAT,
            format!(
                "read in a child process, which this system does not keep apart by {}",
                lacking.join(", ")
            ),
        )
        .but("a hostile sheet is less contained here: allow the service rlimits and seccomp filters, or run it on another system"),
    }
}

fn read_one() -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::defect(error.to_string());
    let mut sheet = tempfile::NamedTempFile::new().map_err(|error| failed(&error))?;
    sheet
        .write_all(SHEET.as_bytes())
        .map_err(|error| failed(&error))?;
    let options = SheetRules::defaults(Reader::AChild).read_options();
    let mut row = SheetRow::default();
    let mut reader =
        fee_sheet::open(sheet.path(), "doctor.csv", &options).map_err(|error| failed(&error))?;
    while reader.next_row(&mut row).map_err(|error| failed(&error))? {}
    Ok(())
}
