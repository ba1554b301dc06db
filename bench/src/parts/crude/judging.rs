//! The rules of `check` by hand, for sheets as the bench makes them: those of `beside/judged.py`.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use chrono::NaiveDate;

/// A row, and what it bills if it is valid.
pub(super) struct Judged {
    pub(super) row_no: i64,
    pub(super) title: String,
    pub(super) identifier: String,
    pub(super) bill: Option<Bill>,
}

/// What a valid row bills, in paisa.
pub(super) struct Bill {
    pub(super) amount: i64,
    pub(super) due: NaiveDate,
    pub(super) late: i64,
}

impl Judged {
    /// Its line for COPY.
    pub(super) fn line(&self) -> String {
        let (row_no, title, identifier) = (self.row_no, told(&self.title), told(&self.identifier));
        match &self.bill {
            Some(Bill { amount, due, late }) => {
                format!("{row_no}\t{title}\t{identifier}\t{amount}\t{due}\t{late}\t\\N\n")
            }
            None => format!("{row_no}\t{title}\t{identifier}\t\\N\t\\N\t\\N\t\\N\n"),
        }
    }
}

/// As COPY wants a text.
fn told(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains(['\\', '\t', '\n', '\r']) {
        let text = text.replace('\\', "\\\\").replace('\t', "\\t");
        text.replace('\n', "\\n").replace('\r', "\\r").into()
    } else {
        text.into()
    }
}

/// Every row of the sheet, duplicates found.
pub(super) fn judged(path: &Path) -> Result<Vec<Judged>> {
    let today = chrono::Local::now().date_naive();
    let mut reader = csv::ReaderBuilder::new().from_path(path)?;
    let mut record = csv::StringRecord::new();
    let mut rows: Vec<Judged> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    while reader.read_record(&mut record)? {
        let cell = |n: usize| record.get(n).unwrap_or_default().trim();
        let identifier = cell(1).to_owned();
        let mut bill = bill([cell(0), cell(1), cell(2), cell(3), cell(4)], today);
        if !identifier.is_empty() {
            if let Some(first) = seen.get(&identifier) {
                bill = None;
                rows[*first].bill = None;
            } else {
                seen.insert(identifier.clone(), rows.len());
            }
        }
        rows.push(Judged {
            row_no: i64::try_from(rows.len())? + 1,
            title: cell(0).to_owned(),
            identifier,
            bill,
        });
    }
    Ok(rows)
}

/// Title, identifier, amount, due date, late amount: by themselves.
fn bill([title, identifier, amount, due, late]: [&str; 5], today: NaiveDate) -> Option<Bill> {
    let amount = paisa(amount).filter(|amount| *amount > 0)?;
    let late = match late {
        "" => amount,
        late => paisa(late)?,
    };
    let due = NaiveDate::parse_from_str(due, "%Y-%m-%d").ok()?;
    let good = !title.is_empty() && !identifier.is_empty() && late >= amount && due >= today;
    good.then_some(Bill { amount, due, late })
}

fn paisa(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || whole.len() > 13 || !digits(decimals) || decimals.len() > 2 {
        return None;
    }
    let tens = if decimals.len() == 1 { 10 } else { 1 };
    Some(whole.parse::<i64>().ok()? * 100 + decimals.parse::<i64>().ok()? * tens)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::sheets::Sheets;

    #[test]
    fn amounts_are_read_to_the_paisa() {
        assert_eq!(paisa("1500"), Some(150_000));
        assert_eq!(paisa("0.5"), Some(50));
        assert_eq!(paisa("12.34"), Some(1_234));
        for odd in ["", ".", "1.", ".5", "1.234", "12O", "-1", "+1", "1,000"] {
            assert_eq!(paisa(odd), None, "{odd}");
        }
    }

    #[test]
    fn about_one_row_in_fifty_of_a_sheet_is_invalid_and_neighbours_of_one_name_both_are() {
        let folder = tempfile::tempdir().unwrap();
        let sheets = Sheets::in_folder(folder.path().to_owned(), 1);
        let rows = judged(&sheets.csv(10_000).unwrap()).unwrap();
        let invalid = rows.iter().filter(|row| row.bill.is_none()).count();
        assert!((150..300).contains(&invalid), "{invalid}");
        let twice = |two: &&[Judged]| two[0].identifier == two[1].identifier;
        let twins: Vec<_> = rows.windows(2).filter(twice).collect();
        assert!(!twins.is_empty());
        assert!(
            twins
                .iter()
                .all(|two| two.iter().all(|row| row.bill.is_none()))
        );
    }

    #[test]
    fn a_line_for_copy_keeps_what_would_part_it() {
        let row = Judged {
            row_no: 1,
            title: "a\tb\\c".to_owned(),
            identifier: "GF-1".to_owned(),
            bill: None,
        };
        assert_eq!(row.line(), "1\ta\\tb\\\\c\tGF-1\t\\N\t\\N\t\\N\t\\N\n");
    }
}
