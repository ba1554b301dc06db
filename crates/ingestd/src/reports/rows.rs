//! What is stored of a file's rows, brought to the lines that they stand on. A sheet is read once more when
//! a sheet about it is written, maybe by a newer program that takes a line for a row which the one that
//! took the file left out, or the other way round: so each is found by its place, and none by its order.

use std::collections::{HashSet, VecDeque};

use ingest_ledger::{Ledger, LedgerError, ResultRow, ResultRows};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::moments::Moment;

/// Rows fetched at a time.
const PAGE_ROWS: u32 = 2_000;

/// Whoever hands the stored rows over, in the order in which they were read.
pub(super) trait Source {
    /// The next of them; none after the last.
    fn more(&mut self) -> Result<Vec<ResultRow>, LedgerError>;
}

/// The rows of a file in the ledger, fetched page by page from inside a blocking thread: while one page is
/// written, the next one comes.
pub(super) struct Pages {
    ledger: Ledger,
    runtime: tokio::runtime::Handle,
    file_id: i64,
    which: ResultRows,
    coming: Option<JoinHandle<Result<Vec<ResultRow>, LedgerError>>>,
    ended: bool,
}

impl Pages {
    /// Of a file's rows those that a sheet speaks of. Made where a runtime is.
    pub(super) fn of(ledger: &Ledger, file_id: i64, which: ResultRows) -> Pages {
        Pages {
            ledger: ledger.clone(),
            runtime: tokio::runtime::Handle::current(),
            file_id,
            which,
            coming: None,
            ended: false,
        }
    }

    /// The page after this row.
    fn fetch(&self, after: u32) -> JoinHandle<Result<Vec<ResultRow>, LedgerError>> {
        let (ledger, file_id, which) = (self.ledger.clone(), self.file_id, self.which);
        self.runtime
            .spawn(async move { ledger.result_rows(file_id, which, after, PAGE_ROWS).await })
    }
}

impl Source for Pages {
    fn more(&mut self) -> Result<Vec<ResultRow>, LedgerError> {
        if self.ended {
            return Ok(Vec::new());
        }
        let coming = self.coming.take().unwrap_or_else(|| self.fetch(0));
        let page = match self.runtime.block_on(coming) {
            Ok(page) => page?,
            Err(gone) => return Err(LedgerError::Unreachable(gone.to_string())),
        };
        match page.last() {
            Some(last) => self.coming = Some(self.fetch(last.row_no)),
            None => self.ended = true,
        }
        Ok(page)
    }
}

/// The stored rows, asked for line by line as the sheet is read.
pub(super) struct Rows<S> {
    source: S,
    page: VecDeque<ResultRow>,
    ended: bool,
    /// The sheets that were asked about.
    seen: HashSet<String>,
    /// Why there are no more, if they could not be had.
    pub(super) failed: Option<LedgerError>,
    stop: Option<watch::Receiver<bool>>,
}

impl<S: Source> Rows<S> {
    /// `stop` says when to give up.
    pub(super) fn new(source: S, stop: Option<watch::Receiver<bool>>) -> Rows<S> {
        Rows {
            source,
            page: VecDeque::new(),
            ended: false,
            seen: HashSet::new(),
            failed: None,
            stop,
        }
    }

    /// What is stored of the row on this line, if anything is, and this sheet speaks of it. Lines are asked
    /// for in the sheet's order.
    pub(super) fn at(&mut self, sheet: &str, number: u32) -> Option<ResultRow> {
        if self.stop.as_ref().is_some_and(|stop| *stop.borrow()) {
            self.failed = Some(LedgerError::Refused("the service is stopping".to_owned()));
        }
        if !self.seen.is_empty() {
            Moment::ReportHalfWritten.reached();
        }
        if !self.seen.contains(sheet) {
            self.seen.insert(sheet.to_owned());
        }
        loop {
            self.fill();
            let next = self.page.front().filter(|_| self.failed.is_none())?;
            let is_behind = match next.sheet == sheet {
                true => next.row_number < i64::from(number),
                false => self.seen.contains(&next.sheet),
            };
            if !is_behind {
                let is_here = |next: &mut ResultRow| {
                    next.sheet == sheet && next.row_number == i64::from(number)
                };
                return self.page.pop_front_if(is_here);
            }
            // Its line is no row any more, to whoever reads the sheet now.
            self.page.pop_front();
        }
    }

    /// Has the next page, once nothing is left of the last one.
    fn fill(&mut self) {
        if self.page.is_empty() && !self.ended && self.failed.is_none() {
            match self.source.more() {
                Ok(page) => self.page = page.into(),
                Err(error) => self.failed = Some(error),
            }
            self.ended = self.page.is_empty();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ingest_ledger::RowState;

    /// Pages of two rows.
    struct Stored(VecDeque<ResultRow>);

    impl Source for Stored {
        fn more(&mut self) -> Result<Vec<ResultRow>, LedgerError> {
            let n = self.0.len().min(2);
            Ok(self.0.drain(..n).collect())
        }
    }

    fn stored(places: &[(&str, i64)]) -> Rows<Stored> {
        let row = |(at, (sheet, row_number)): (usize, &(&str, i64))| ResultRow {
            row_no: at as u32 + 1,
            row_id: at as i64 + 1,
            sheet: (*sheet).to_owned(),
            row_number: *row_number,
            state: RowState::Billed,
            psid: Some(format!("{sheet} {row_number}")),
            message: None,
            problems_json: None,
        };
        let rows = places.iter().enumerate().map(row).collect();
        Rows::new(Stored(rows), None)
    }

    fn told(rows: &mut Rows<Stored>, asked: &[(&str, u32)]) -> Vec<Option<String>> {
        asked
            .iter()
            .map(|(sheet, number)| rows.at(sheet, *number)?.psid)
            .collect()
    }

    fn place(sheet: &str, number: u32) -> Option<String> {
        Some(format!("{sheet} {number}"))
    }

    #[test]
    fn every_row_gets_what_is_stored_of_it() {
        let mut rows = stored(&[("A", 2), ("A", 3), ("B", 2), ("B", 9), ("C", 4)]);
        let asked = [("A", 2), ("A", 3), ("B", 2), ("B", 9), ("C", 4)];
        let each: Vec<_> = asked
            .iter()
            .map(|(sheet, row)| place(sheet, *row))
            .collect();
        assert_eq!(told(&mut rows, &asked), each);
    }

    #[test]
    fn a_line_that_is_no_row_any_more_moves_no_other_psid() {
        let mut rows = stored(&[("A", 2), ("A", 3), ("A", 4), ("A", 5), ("B", 2)]);
        let asked = [("A", 2), ("A", 5), ("B", 2)];
        assert_eq!(
            told(&mut rows, &asked),
            [place("A", 2), place("A", 5), place("B", 2)]
        );
        let mut rows = stored(&[("A", 2), ("A", 3), ("B", 2)]);
        assert_eq!(
            told(&mut rows, &[("A", 2), ("B", 2)]),
            [place("A", 2), place("B", 2)]
        );
    }

    #[test]
    fn a_line_that_was_no_row_when_the_file_was_taken_gets_nothing() {
        let mut rows = stored(&[("A", 3), ("C", 2)]);
        let asked = [("A", 2), ("A", 3), ("A", 4), ("B", 2), ("C", 2), ("C", 3)];
        assert_eq!(
            told(&mut rows, &asked),
            [None, place("A", 3), None, None, place("C", 2), None]
        );
    }

    #[test]
    fn what_could_not_be_had_is_said_and_nothing_more_is_told() {
        struct Away;
        impl Source for Away {
            fn more(&mut self) -> Result<Vec<ResultRow>, LedgerError> {
                Err(LedgerError::Unreachable("away".to_owned()))
            }
        }
        let mut rows = Rows::new(Away, None);
        assert!(rows.at("A", 2).is_none() && rows.at("A", 3).is_none());
        assert!(rows.failed.is_some());
    }
}
