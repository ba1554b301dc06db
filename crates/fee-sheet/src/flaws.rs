//! What can be wrong with one cell, and what is only worth mentioning. Both
//! are enums, so that a caller can say them in another language; their
//! `Display` is one sentence for a bursar that says what to write instead.

use std::fmt;

/// Why a cell has no usable value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// An amount that is no number.
    NotANumber,
    /// An amount whose commas, points and blanks stand where neither way of
    /// writing thousands has them, or can be read two ways.
    OddGrouping,
    /// An amount that is shown as a rate.
    Percentage,
    /// An amount in other money than rupees, or in thousands of them, by its sign or
    /// its word.
    OtherCurrency(String),
    /// An amount finer than a paisa.
    TooManyDecimals,
    /// An amount beyond all money.
    TooLarge,
    /// A due date that is no date.
    NotADate,
    /// A date of a day that no month has.
    NoSuchDay,
    /// A date without its day or its year.
    IncompleteDate,
    /// A date that can be read two ways, where the account asks to refuse it.
    AmbiguousDate,
    /// A year of two digits that may be of the last century.
    DoubtfulYear,
    /// An identifier of which the spreadsheet has thrown digits away.
    PrecisionLost,
    /// An identifier that the spreadsheet turned into a date.
    TurnedIntoDate,
    /// An identifier that is a word, where a number stands for the name.
    Exchanged {
        /// What stands for the name.
        name: String,
    },
    /// A cell that shows nothing but `#####`: its column was too narrow when
    /// the sheet was saved.
    TooNarrow,
    /// A cell whose number format shows something else than is in it.
    ShownOtherwise {
        /// What the sheet shows; blank where it shows nothing.
        shown: String,
        /// What is in the cell.
        held: String,
    },
    /// A cell that shows an error such as `#REF!`.
    ErrorCell(String),
    /// A formula that was never calculated.
    FormulaWithoutValue,
    /// A line of a text file with more cells than its headings: the values may
    /// stand in the wrong columns.
    MoreCells {
        /// How many cells the line has.
        cells: usize,
        /// How many headings there are.
        headings: usize,
    },
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "This is not a number: write the amount in digits, like 1500 or 1500.50.",
            Self::OddGrouping => {
                "The commas, points or blanks of this amount leave open how much it is: write it like 1500, 150,000 or 1,50,000."
            }
            Self::Percentage => {
                "This is a percentage, not an amount: write the amount in rupees, like 1500."
            }
            Self::OtherCurrency(sign) => {
                return write!(
                    f,
                    "This amount is shown in {sign}, and bills are in rupees: write the amount in rupees, like 1500."
                );
            }
            Self::TooManyDecimals => {
                "This amount has more than two decimals: round it to paisa, like 1500.50."
            }
            Self::TooLarge => "This amount is too large: write the amount of one bill in rupees.",
            Self::NotADate => "This is not a date: write it like 2035-03-05 or 5-Mar-2035.",
            Self::NoSuchDay => {
                "There is no such day in the calendar: write the date like 2035-03-05 or 5-Mar-2035."
            }
            Self::IncompleteDate => {
                "This date lacks its day or its year: write all of it, like 2035-03-05 or 5-Mar-2035."
            }
            Self::AmbiguousDate => {
                "Day and month of this date can be read either way round: write it like 2035-03-05 or 5-Mar-2035."
            }
            Self::DoubtfulYear => {
                "The year of this date may be of this century or of the last: write all four digits, like 2035-03-05."
            }
            Self::PrecisionLost => {
                "The spreadsheet has destroyed this identifier, its last digits are lost: format the column as text and type the identifier again."
            }
            Self::TurnedIntoDate => {
                "The spreadsheet has turned this identifier into a date: format the column as text and type the identifier again."
            }
            Self::Exchanged { name } => {
                return write!(
                    f,
                    "This identifier is a word, and {name} stands where the name should be: the two seem to be exchanged, so write each into its own column."
                );
            }
            Self::TooNarrow => {
                "This cell shows only #####, since its column was too narrow when the sheet was saved: widen the column, save the sheet again, or type the value itself."
            }
            Self::ShownOtherwise { shown, held } => {
                let shown = if shown.is_empty() { "nothing" } else { shown };
                return write!(
                    f,
                    "The sheet shows {shown} here by its number format, and {held} is in the cell: give it a plain number format, look which of them is meant, and save the sheet again."
                );
            }
            Self::ErrorCell(text) => {
                return write!(
                    f,
                    "This cell shows the error {text}: mend its formula, or type the value itself."
                );
            }
            Self::MoreCells { cells, headings } => {
                return write!(
                    f,
                    "This line has {cells} cells and the headings are {headings}, so the values may stand in the wrong columns: put a value that has a comma in it into quotation marks, or give every column a heading."
                );
            }
            Self::FormulaWithoutValue => {
                "This cell has a formula whose value was never calculated: open the sheet in a spreadsheet program and save it, or type the value itself."
            }
        })
    }
}

/// What was assumed to read a cell. The value is usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// Day and month could be read either way; the account's order was taken.
    DateOrderAssumed,
    /// The year, of two digits, was taken to stand last, and may stand first.
    YearMayComeFirst,
    /// A bare number was taken for the spreadsheet's day number.
    DayNumberTaken,
    /// The sheet shows month and year, and the cell has a day.
    DayNotShown,
    /// The sheet shows an amount without its paisa, and the cell has them.
    PaisaNotShown,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DateOrderAssumed => {
                "Day and month of this date can be read either way round, and the account's usual order was taken: write it like 2035-03-05 to be sure."
            }
            Self::YearMayComeFirst => {
                "This date may as well begin with its year: write it like 2035-03-05 to be sure."
            }
            Self::DayNumberTaken => {
                "This number was taken for a spreadsheet's day number: write the date like 2035-03-05 to be sure."
            }
            Self::DayNotShown => {
                "The sheet shows only month and year of this date, and the cell's day was taken: show the whole date to be sure."
            }
            Self::PaisaNotShown => {
                "The sheet shows this amount rounded, and what is in the cell was taken, paisa and all: show two decimals to be sure."
            }
        })
    }
}
