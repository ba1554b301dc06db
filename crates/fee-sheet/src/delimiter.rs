//! Which character stands between the cells of a text file: the one under
//! which most headings are found, and then the one that cuts the lines most
//! evenly.

use csv::{ReaderBuilder, StringRecord};

use crate::header::Matcher;

/// The candidates, in the order in which ties go.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What the start of a text says of the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) delimiter: u8,
    /// The first line is `sep=;`, which a spreadsheet obeys and does not show.
    pub(crate) says_separator: bool,
}

/// Tells the layout from the first lines; `complete` if they are all there is.
pub(crate) fn told(sample: &str, complete: bool, lines: usize, matcher: &Matcher) -> Layout {
    if let Some(delimiter) = said(sample) {
        return Layout {
            delimiter,
            says_separator: true,
        };
    }
    let mut best = (CANDIDATES[0], (0, 0, 0));
    for delimiter in CANDIDATES {
        let records = records(sample, complete, lines, delimiter);
        let score = score(&records, matcher);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    Layout {
        delimiter: best.0,
        says_separator: false,
    }
}

fn said(sample: &str) -> Option<u8> {
    let line = sample.lines().next()?.trim().trim_matches('"');
    let [delimiter] = line
        .strip_prefix("sep=")
        .or_else(|| line.strip_prefix("SEP="))?
        .as_bytes()
    else {
        return None;
    };
    Some(*delimiter)
}

fn records(sample: &str, complete: bool, lines: usize, delimiter: u8) -> Vec<StringRecord> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(sample.as_bytes());
    let mut records: Vec<StringRecord> = reader
        .records()
        .take(lines + 1)
        .filter_map(Result::ok)
        .collect();
    if records.len() > lines || !complete {
        // The last one may be cut.
        records.pop();
    }
    records
}

/// Headings found in the best line; lines of the commonest width among those
/// of more than one cell; that width.
fn score(records: &[StringRecord], matcher: &Matcher) -> (usize, usize, usize) {
    let headings = records
        .iter()
        .map(|record| {
            let cells = record.iter().enumerate();
            matcher
                .line(cells.filter_map(|(column, text)| Some((u16::try_from(column).ok()?, text))))
                .matched
        })
        .max()
        .unwrap_or(0);
    let mut widths: Vec<usize> = records
        .iter()
        .map(StringRecord::len)
        .filter(|width| *width > 1)
        .collect();
    widths.sort_unstable();
    let commonest = widths
        .chunk_by(|one, other| one == other)
        .map(|same| (same.len(), same[0]))
        .max()
        .unwrap_or((0, 0));
    (headings, commonest.0, commonest.1)
}
