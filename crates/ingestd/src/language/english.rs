//! The sentences in English: of cells and rows here, of sheets and files in
//! `sheets`.

mod note;
mod sheets;

use chrono::NaiveDate;
use fee_sheet::{Flaw, Hold, LeftWhy, Remark, Unreadable};
use ingest_ledger::{Departures, RowState};

use super::{Words, numbered, quoted, rupees};
use crate::said::{FilePlace, Frame, Grounds, OfFile, OfNote, Place, Said};

pub(super) struct English;

const WRITE_AMOUNT: &str = "write the amount in digits, such as 1500 or 1500.50";
const WRITE_RUPEES: &str = "write the amount in rupees, such as 1500";
const WRITE_DATE: &str = "write it like 2035-03-05 or 5-Mar-2035";
const TYPE_AGAIN: &str = "format the column as text and type the identifier again";

impl Words for English {
    fn of_cell(&self, field: &str, shown: &str, said: &Said) -> String {
        match said {
            Said::Flaw(flaw) => of_flaw(shown, flaw),
            Said::OrderAssumed(date) => format!(
                "day and month of {shown} can be read either way round, and it is taken for {}: write it like 2035-03-05 to be sure",
                day(*date)
            ),
            Said::YearMayComeFirst(date) => format!(
                "{shown} is taken for {}, which is long from now, and may as well begin with its year: write it like 2035-03-05 to be sure",
                day(*date)
            ),
            Said::DayNumberTaken(date) => format!(
                "{shown} is taken for the spreadsheet's number of the day {}: write the date like 2035-03-05 to be sure",
                day(*date)
            ),
            Said::DayNotShown(date) => format!(
                "the sheet shows only {shown}, and the cell has the day {}, which is taken: show the whole date, like 2035-03-05, to be sure",
                day(*date)
            ),
            Said::PaisaNotShown(paisa) => format!(
                "the sheet shows {shown}, and the cell has {}, which is what is sent: write whole rupees, or show two decimals, to be sure",
                quoted(&rupees(*paisa))
            ),
            Said::Blank => format!("this cell is blank: {}", advice(field)),
            Said::Nought => format!("{shown} is not more than 0: {}", advice(field)),
            Said::Negative => format!(
                "{shown} is less than 0, by its minus or its parentheses: {}",
                advice(field)
            ),
            Said::LateBelowAmount(amount) => format!(
                "{shown} is less than the amount: write {} or more, or leave it blank to charge the amount",
                rupees(*amount)
            ),
            Said::LateMuchHigher(amount) => format!(
                "{shown} is three times the amount ({}) or more: look for a digit too many",
                rupees(*amount)
            ),
            Said::YearOutOfRange => {
                format!("the year of {shown} lies too far ahead for a bill: {WRITE_DATE}")
            }
            Said::Past(today) => format!("{shown} has passed: write {today} or a later day"),
            Said::PastButSent => format!(
                "{shown} has passed: it is sent, but the amount after the due date applies at once"
            ),
            Said::TooLong(chars, most) => format!(
                "{shown} has {chars} characters, and {most} are sent at most: {}",
                advice(field)
            ),
            Said::Trimmed(sent) => format!(
                "there are blanks at its ends, or line breaks in it: it is sent as {}",
                quoted(sent)
            ),
            Said::Unseen(unseen, sent) => format!(
                "there are characters in it that nobody sees ({}): it is sent without them, as {}",
                numbered(unseen),
                quoted(sent)
            ),
            Said::LaterRowCounts(place) => format!(
                "this identifier stands again in {}, and the last one counts: nothing is sent for this row",
                named(place)
            ),
            Said::LaterRowsCount => "this identifier stands again further down, and the last row of it counts: nothing is sent for this row".to_owned(),
            Said::Twice(others, more) => format!(
                "this identifier stands more than once in the file (also in {}): none of them is sent; keep one row for each payer, or give each its own identifier",
                listed(others, *more)
            ),
            Said::AllTwice => "this identifier stands more than once in the file: none of its rows is sent; keep one row for each payer, or give each its own identifier".to_owned(),
            Said::InOrigin(place) => format!(
                "this identifier stands in the file that this row corrects, too ({}, which is {}), and nothing is sent for this row: give each payer its own identifier, or leave this row out",
                of_file_named(place),
                place.state
            ),
            Said::LaterInOrigin(place) => format!(
                "this identifier stands again further down in the file that this row corrects ({}), and the last one counts: nothing is sent for this row",
                of_file_named(place)
            ),
            Said::Twin(place) => format!(
                "differs only in capital letters, or in how its letters are written, from the identifier in {}: if it is the same payer, write both the same way",
                named(place)
            ),
        }
    }

    fn of_file(&self, _: &Unreadable) -> Option<String> {
        None
    }

    fn of_hold(&self, _: &Hold) -> Option<String> {
        None
    }

    fn of_remark(&self, _: &Remark) -> Option<String> {
        None
    }

    fn of_left(&self, _: &LeftWhy) -> Option<String> {
        None
    }

    fn of_departures(&self, _: &Departures) -> Option<String> {
        None
    }

    fn of_the_file(&self, said: &OfFile) -> String {
        sheets::of_the_file(said)
    }

    fn of_grounds(&self, grounds: &Grounds) -> String {
        sheets::of_grounds(grounds)
    }

    fn of_frame(&self, frame: &Frame) -> String {
        sheets::of_frame(frame)
    }

    fn of_note(&self, said: &OfNote) -> String {
        note::of_note(said)
    }

    fn of_stored(&self, _state: RowState, words: &str) -> String {
        words.to_owned()
    }

    fn label(&self, field: &str) -> &'static str {
        match field {
            "title" => "Title",
            "identifier" => "Identifier",
            "amount" => "Amount",
            "due_date" => "Due Date",
            "amount_after_due_date" => "Amount After Due Date",
            _ => "",
        }
    }
}

fn of_flaw(shown: &str, flaw: &Flaw) -> String {
    match flaw {
        Flaw::NotANumber => format!("{shown} is not a number: {WRITE_AMOUNT}"),
        Flaw::OddGrouping => format!(
            "the commas, points or blanks of {shown} leave open how much it is: write it like 1500, 150,000 or 1,50,000"
        ),
        Flaw::Percentage => {
            format!("{shown} is a percentage and not an amount: {WRITE_RUPEES}")
        }
        Flaw::OtherCurrency(sign) => {
            format!("{shown} is an amount in {sign}, and bills are in rupees: {WRITE_RUPEES}")
        }
        Flaw::TooManyDecimals => {
            format!("{shown} has more than two decimals: round it to paisa, such as 1500.50")
        }
        Flaw::TooLarge => {
            format!("{shown} is too large: write the amount of one bill in rupees, such as 1500")
        }
        Flaw::NotADate => format!("{shown} is not a date: {WRITE_DATE}"),
        Flaw::NoSuchDay => format!("{shown} is a day that no calendar has: {WRITE_DATE}"),
        Flaw::IncompleteDate => {
            format!("{shown} lacks its day or its year: write the whole date, like 2035-03-05 or 5-Mar-2035")
        }
        Flaw::AmbiguousDate => {
            format!("day and month of {shown} can be read either way round: {WRITE_DATE}")
        }
        Flaw::DoubtfulYear => format!(
            "the year of {shown} may be of this century or of the last: write all four digits, like 2035-03-05"
        ),
        Flaw::PrecisionLost => format!(
            "{shown} is what the spreadsheet has left of this identifier, its last digits are lost: {TYPE_AGAIN}"
        ),
        Flaw::TurnedIntoDate => {
            format!("the spreadsheet has turned this identifier into the date {shown}: {TYPE_AGAIN}")
        }
        Flaw::Exchanged { name } => format!(
            "{shown} is a word and no number, and {} stands where the name should be: the two seem to be exchanged, so write each into its own column",
            quoted(name)
        ),
        Flaw::TooNarrow => format!(
            "only {shown} is left, since the column was too narrow when the sheet was saved: widen the column and save the sheet again, or type the value itself"
        ),
        Flaw::ShownOtherwise { shown, held } => format!(
            "by its number format the sheet shows {} here, and {} is in the cell: give it a plain number format, look which of them is meant, and save the sheet again",
            if shown.is_empty() { "nothing".to_owned() } else { quoted(shown) },
            quoted(held)
        ),
        Flaw::ErrorCell(error) => {
            format!("this cell shows the error {error}: mend its formula, or type the value itself")
        }
        Flaw::MoreCells { cells, headings } => format!(
            "this line has {cells} cells and the headings are {headings}, so the values may stand in the wrong columns: put a value that has a comma in it into quotation marks, or give every column a heading"
        ),
        Flaw::FormulaWithoutValue => "the formula of this cell was never calculated: open the sheet in a spreadsheet program and save it, or type the value itself".to_owned(),
    }
}

fn advice(field: &str) -> &'static str {
    match field {
        "title" => "write the payer's name",
        "identifier" => "write the payer's number at the school",
        "amount" => "write the fee in rupees, such as 1500",
        "due_date" => "write the last day of payment, such as 2035-08-31",
        "amount_after_due_date" => {
            "write rupees, such as 1500, or leave it blank to charge the amount"
        }
        _ => "write what belongs here",
    }
}

/// `5 March 2035`, in quotes.
fn day(date: NaiveDate) -> String {
    format!("`{}`", date.format("%-d %B %Y"))
}

fn of_file_named(place: &FilePlace) -> String {
    format!(
        "row {} of the sheet {} in {}",
        place.row,
        quoted(&place.sheet),
        quoted(&place.file)
    )
}

fn named(place: &Place) -> String {
    match &place.sheet {
        None => format!("row {}", place.row),
        Some(sheet) => format!("row {} of sheet {}", place.row, quoted(sheet)),
    }
}

fn listed(places: &[Place], more: usize) -> String {
    let named: Vec<String> = places.iter().map(named).collect();
    match more {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
