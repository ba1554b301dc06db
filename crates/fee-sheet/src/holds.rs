//! Why a file waits for a person: what was found in its sheets, in no language.
//! The sentence in English stands here, as that of a refusal does; whoever
//! speaks another language says it anew from the same facts.

use std::fmt;

use crate::column_name;

/// A reason found in a sheet to ask a person before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The sheet.
    pub sheet: String,
    /// What was found in it.
    pub why: HoldWhy,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HoldWhy {
    /// Rows below the headings are hidden.
    HiddenRows {
        /// How many.
        rows: u64,
        /// The last of them.
        last: u32,
    },
    /// Rows below the headings have something struck through.
    StruckRows {
        /// How many.
        rows: u64,
        /// The last of them.
        last: u32,
    },
    /// Lines above the headings that look like rows: a sheet that was sorted with its headings.
    RowsAbove {
        /// How many.
        rows: u64,
        /// The last of them.
        last: u32,
        /// Where the headings stand.
        headings: u32,
    },
    /// The heading of an amount names other money than rupees.
    HeadingInOtherMoney {
        /// The column.
        column: Place,
        /// The sign of that money, or the word for it.
        money: String,
        /// The field.
        field: FieldNamed,
    },
    /// The number format of amounts shows other money than rupees.
    ShownInOtherMoney {
        /// The column.
        column: Place,
        /// The sign of that money.
        sign: char,
        /// The first of them.
        first: Shown,
    },
    /// A sheet has most of the headings that are needed, and is left.
    LacksHeadings {
        /// What has no heading.
        missing: Vec<FieldNamed>,
    },
    /// Further down stand other headings, and some are missing.
    OtherHeadings {
        /// Their row.
        row: u32,
        /// The row of the headings that are read by.
        first: u32,
        /// What has no heading.
        missing: Vec<FieldNamed>,
    },
    /// A column speaks of what is paid late, and is not read.
    LateNotRead {
        /// The column.
        column: Place,
        /// The field that it may be meant for.
        field: FieldNamed,
        /// Where the amount is taken from.
        amount: Option<Place>,
        /// The column that the amount would be without it, where the amount that
        /// is read has it in it.
        within: Option<Place>,
    },
    /// A column says that a payer is not to be billed.
    NotToBeBilled {
        /// The column.
        column: Place,
        /// The first cell that says so.
        first: Shown,
    },
    /// The sheet is called as one of bills that are paid, or of payers who have left.
    CalledPaid,
    /// The title of a section says so of the rows below it.
    SectionPaid {
        /// The title, and its row.
        title: Shown,
    },
    /// All rows have the due date of a line above them, and a line further down says another.
    OtherDateBelow {
        /// The line that it was taken from.
        above: Shown,
        /// The other one.
        other: Shown,
    },
    /// The amount is for once, and a column says how often it is charged.
    Times {
        /// Where the amount is taken from.
        amount: Place,
        /// The column that says how often.
        times: Place,
        /// The first cell that says more than once.
        first: Shown,
    },
    /// Identifiers may not be what was typed.
    IdentifiersChanged {
        /// The column.
        column: Place,
        /// What may have happened to them.
        how: Changed,
        /// The first of them.
        first: Shown,
        /// How many there are.
        count: u64,
    },
    /// A column says that bills are paid.
    PaidAlready {
        /// The column.
        column: Place,
        /// The first row that is.
        row: u32,
    },
    /// Money stands beside the amount, and may belong to it.
    MoneyBeside {
        /// Where the amount is taken from.
        amount: Place,
        /// What stands beside it, one column at least.
        beside: Vec<(Place, BesideWhat)>,
        /// The one of them that may be what is to be paid.
        instead: Option<Place>,
    },
    /// Dates of one column have the day first, and others the month.
    DatesDisagree {
        /// The column.
        column: Place,
        /// Its field.
        field: FieldNamed,
        /// One that can't be read in the order that was taken.
        against: Shown,
        /// One that leaves it open.
        open: Shown,
        /// The order that was taken has the day first.
        day_first: bool,
        /// The heading asks for that order.
        written: bool,
    },
    /// A spreadsheet may have taken days for months.
    DatesTurned {
        /// The column.
        column: Place,
        /// A date that it took for a text.
        text: Shown,
        /// One that it took for a date.
        date: Shown,
    },
    /// Some identifiers have lost the noughts that others begin with.
    NoughtsLost {
        /// The column.
        column: Place,
        /// How many digits the others have.
        digits: usize,
        /// One of those.
        padded: Shown,
        /// The first row of a shorter one.
        first: u32,
        /// How many shorter ones there are.
        count: u64,
    },
    /// Lines of a text file lack just the cells that have no heading.
    OneColumnOff {
        /// The first of them.
        row: u32,
        /// How many cells it has.
        cells: usize,
        /// How many the headings have.
        headings: usize,
        /// The columns without heading, by their letters.
        bare: Vec<String>,
    },
    /// Some lines of a text file end earlier than the others, right behind a value that is read.
    EndsEarly {
        /// The column in which they end.
        column: Place,
        /// The first of them.
        first: u32,
        /// How many there are.
        count: u64,
        /// How many cells they have.
        cells: usize,
        /// How many the headings have.
        headings: usize,
    },
    /// Behind a text that is read stands a column without heading, in which some lines have something.
    BesideText {
        /// The text's column.
        column: Place,
        /// The other one, by its letters.
        bare: String,
        /// The first that has something there.
        first: Shown,
    },
    /// A totals row says another sum than its rows.
    TotalDiffers {
        /// Its row.
        row: u32,
        /// The amount that it sums.
        field: FieldNamed,
        /// What it says, in minor units.
        said: i64,
        /// What the rows come to.
        above: i64,
    },
    /// A row that would be billed is called a total, and has the sum of those above it.
    TotalAsRow {
        /// What it is called, and its row.
        named: Shown,
        /// What it has, in minor units.
        amount: i64,
    },
    /// Cells are merged over several rows.
    MergedRows {
        /// The first cell.
        first: String,
        /// The last one.
        last: String,
    },
    /// More cells are merged than are looked at.
    TooManyMerged {
        /// How many are.
        limit: usize,
    },
    /// There is more of what was said before this, and it is not said one by one.
    More {
        /// How many.
        count: u64,
    },
}

/// A field, by its name and by the label that a heading may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldNamed {
    /// As in [`crate::Field::name`].
    pub name: &'static str,
    /// As in [`crate::Field::label`].
    pub label: &'static str,
}

/// What a column of money beside the amount holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BesideWhat {
    /// Something that is charged.
    Charge,
    /// A discount.
    LetOff,
    /// What was paid.
    Paid,
    /// Another sum.
    Sum,
}

/// What may have happened to identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// A spreadsheet made dates of them.
    Dates,
    /// A spreadsheet made noughts of their last digits.
    Noughts,
    /// A program wrote them as numbers with a point.
    Pointed,
    /// A quotation mark stands at their ends.
    Quoted,
}

/// A column: its letters, and its heading if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `F`.
    pub letters: String,
    /// As written.
    pub heading: Option<String>,
}

impl Place {
    /// The column, from 0.
    pub(crate) fn of(column: u16, heading: Option<&str>) -> Place {
        Place {
            letters: column_name(column),
            heading: heading.map(str::to_owned),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.heading {
            Some(heading) => write!(f, "{} “{heading}”", self.letters),
            None => f.write_str(&self.letters),
        }
    }
}

/// What a cell shows, and its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// As the sheet shows it.
    pub text: String,
    /// The row.
    pub row: u32,
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use HoldWhy as W;
        let sheet = &self.sheet;
        match &self.why {
            W::HiddenRows { rows, last } => write!(
                f,
                "the sheet `{sheet}` has hidden rows ({rows}, the last is row {last}): unhide or delete them, or decide that they are to be billed too"
            ),
            W::StruckRows { rows, last } => write!(
                f,
                "the sheet `{sheet}` has rows in which something is struck through ({rows}, the last is row {last}): delete what is crossed out, or decide that it is to be billed too"
            ),
            W::RowsAbove {
                rows,
                last,
                headings,
            } => write!(
                f,
                "the sheet `{sheet}` has lines that look like rows above its headings in row {headings} ({rows}, the last is row {last}), and none of them would be billed: was it sorted together with its headings? Move the headings above all rows, or approve to bill only those below"
            ),
            W::HeadingInOtherMoney {
                column,
                money,
                field,
            } => write!(
                f,
                "column {column} of the sheet `{sheet}` speaks of {money}, and amounts are rupees: write rupees and head the column “{}”, or approve to bill its numbers as rupees",
                field.label
            ),
            W::ShownInOtherMoney {
                column,
                sign,
                first,
            } => write!(
                f,
                "column {column} of the sheet `{sheet}` shows amounts in {sign} ({}, row {}), and bills are in rupees: give its cells another number format, or write rupees, or approve to bill its numbers as rupees",
                first.text, first.row
            ),
            W::LacksHeadings { missing } => write!(
                f,
                "the sheet `{sheet}` has headings of bills, and none for {}: it is left; head its columns as in the other sheets, or take it out, or approve to send the others alone",
                labels(missing)
            ),
            W::OtherHeadings {
                row,
                first,
                missing,
            } => write!(
                f,
                "row {row} of the sheet `{sheet}` holds other headings than row {first}, and none for {}: the lines below it are left out; head all their columns as in row {first}, or give them a sheet of their own, or approve to send the lines above alone",
                labels(missing)
            ),
            W::LateNotRead {
                column,
                field,
                amount: Some(amount),
                within: Some(within),
            } => write!(
                f,
                "column {column} of the sheet `{sheet}` speaks of a late amount but isn't the {}, and the amount of column {amount} has it in it: if column {within} is to be paid until the due date, name its heading for the amount under `columns` in the account's configuration, and that of column {} for the {}; approving sends column {}, with what is for being late, from the first day",
                field.label.to_lowercase(),
                amount.letters,
                field.label.to_lowercase(),
                amount.letters
            ),
            W::LateNotRead {
                column,
                field,
                amount,
                ..
            } => {
                let plain = field.label.to_lowercase();
                // Which one that is, is not plain where a total stands beside the fee.
                let amount = amount.as_ref();
                let of_column =
                    amount.map_or_else(String::new, |place| format!(" (column {place})"));
                write!(
                    f,
                    "column {column} of the sheet `{sheet}` speaks of a late amount but isn't the {plain}: write the full {plain} in a column headed “{}”, or approve to send the amount alone{of_column}",
                    field.label
                )
            }
            W::NotToBeBilled { column, first } => write!(
                f,
                "column {column} of the sheet `{sheet}` says that somebody may not be billed any more ({}, row {}): take such rows out, or approve to bill them all the same",
                first.text, first.row
            ),
            W::CalledPaid => write!(
                f,
                "the sheet `{sheet}` is called like one of bills that are paid or of payers who have left: take it out, or approve to bill its rows all the same"
            ),
            W::SectionPaid { title } => write!(
                f,
                "“{}” (row {}) of the sheet `{sheet}` says of the rows below it that their bills are paid, or that their payers have left: take such rows out, or approve to bill them all the same",
                title.text, title.row
            ),
            W::OtherDateBelow { above, other } => write!(
                f,
                "“{}” (row {}) of the sheet `{sheet}` says another due date than “{}” (row {}), which all rows were given: write each row's own due date into a column, or approve to send all with that one",
                other.text, other.row, above.text, above.row
            ),
            W::Times {
                amount,
                times,
                first,
            } => write!(
                f,
                "the amount is taken from column {amount} of the sheet `{sheet}`, and column {times} may say how often it is to be paid ({}, row {}): write all that is to be paid in column {}, or approve to send column {} as it stands, once",
                first.text, first.row, amount.letters, amount.letters
            ),
            W::IdentifiersChanged {
                column,
                how,
                first,
                count,
            } => {
                let (said, mend) = match how {
                    Changed::Dates => (
                        "look like dates",
                        "a spreadsheet may have made them of numbers such as 5-1; format the column as text and write them again",
                    ),
                    Changed::Noughts => (
                        "all end in noughts",
                        "a spreadsheet may have thrown their last digits away; format the column as text and write them again",
                    ),
                    Changed::Pointed => (
                        "all end in .0",
                        "a program may have written them as numbers with a point; write them without it",
                    ),
                    Changed::Quoted => (
                        "have a quotation mark at an end",
                        "it may not belong to them; write them without it",
                    ),
                };
                write!(
                    f,
                    "identifiers of column {column} of the sheet `{sheet}` {said} ({}, row {}; {count} in all): {mend}, or approve if they are right as they are",
                    first.text, first.row
                )
            }
            W::PaidAlready { column, row } => write!(
                f,
                "column {column} of the sheet `{sheet}` says that a bill is paid already (row {row} is the first): take the paid rows out, or approve to bill them all the same"
            ),
            W::MoneyBeside {
                amount,
                beside,
                instead,
            } => {
                let said = beside
                    .iter()
                    .map(|(place, what)| format!("column {place} {}", holds(*what)));
                let said = listed(&said.collect::<Vec<_>>());
                let letters = beside.iter().map(|(place, _)| place.letters.clone());
                let named = listed(&letters.collect::<Vec<_>>());
                let columns = if beside.len() == 1 {
                    "column"
                } else {
                    "columns"
                };
                let own = &amount.letters;
                write!(
                    f,
                    "the amount is taken from column {amount} of the sheet `{sheet}`, and {said}: "
                )?;
                if let Some(instead) = instead {
                    write!(
                        f,
                        "if what is to be paid is in column {}, name its heading for the amount under `columns` in the account's configuration; else ",
                        instead.letters
                    )?;
                }
                write!(
                    f,
                    "write all that is to be paid in column {own} and take {columns} {named} out, or approve to send column {own} alone; if that is right every time, name its heading under `columns` in the account's configuration"
                )
            }
            W::DatesDisagree {
                column,
                field,
                against,
                open,
                day_first,
                written,
            } => {
                let (first, other, form) = match day_first {
                    true => ("day", "month", "mm/dd/yyyy"),
                    false => ("month", "day", "dd/mm/yyyy"),
                };
                let heading = if *written {
                    "correct the form in the heading".to_owned()
                } else {
                    format!(
                        "head the column “{} ({form})” if that is its form",
                        field.label
                    )
                };
                write!(
                    f,
                    "the dates of column {column} of the sheet `{sheet}` disagree: {} (row {}) has the {other} first, and {} (row {}) is read with the {first} first: write them like 2035-03-05, or {heading}, or approve to read those that leave it open with the {first} first",
                    against.text, against.row, open.text, open.row
                )
            }
            W::DatesTurned { column, text, date } => write!(
                f,
                "in column {column} of the sheet `{sheet}` the spreadsheet took some dates for texts ({}, row {}) and may have taken day and month of the others for each other ({}, row {}): write them like 2035-03-05, or approve if the dates in the result are right",
                text.text, text.row, date.text, date.row
            ),
            W::NoughtsLost {
                column,
                digits,
                padded,
                first,
                count,
            } => {
                let those = if *count == 1 {
                    format!("the one of row {first} is shorter and begins with none")
                } else {
                    format!("{count} are shorter and begin with none (the first in row {first})")
                };
                write!(
                    f,
                    "identifiers of column {column} of the sheet `{sheet}` have {digits} digits and begin with noughts ({}, row {}), and {those}: the spreadsheet may have taken the noughts away; format the column as text and write them again, or approve if they are right as they are",
                    padded.text, padded.row
                )
            }
            W::OneColumnOff {
                row,
                cells,
                headings,
                bare,
            } => write!(
                f,
                "row {row} of the sheet `{sheet}` has {cells} cells and the headings are {headings}, of which {} has no name, so the values may stand in the wrong columns: take the blank heading out, or leave a blank cell in each row, or approve if the columns are right as they are read",
                bare.join(" and ")
            ),
            W::EndsEarly {
                column,
                first,
                count,
                cells,
                headings,
            } => {
                let rows = match count {
                    1 => format!("row {first} of the sheet `{sheet}` ends"),
                    count => format!(
                        "{count} rows of the sheet `{sheet}` end (the first is row {first})"
                    ),
                };
                write!(
                    f,
                    "{rows} in column {column}, after {cells} of {headings} cells, and the others go on: two values may have run together there; part them, or leave the last cells blank, or approve if they are right as they are"
                )
            }
            W::BesideText {
                column,
                bare,
                first,
            } => write!(
                f,
                "column {bare} of the sheet `{sheet}` has no heading, and stands behind column {column}: what is there in some rows ({}, row {}) may be the rest of that, parted by a comma; put such a value into quotation marks, or give the column a heading, or approve if it is not",
                first.text, first.row
            ),
            W::TotalDiffers {
                row,
                field,
                said,
                above,
            } => write!(
                f,
                "the totals row of the sheet `{sheet}` (row {row}) has {} for the {}, but the rows above it come to {}: look for a row that is missing, there twice or mistyped, or approve to send the rows as they are",
                written(*said),
                field.label,
                written(*above)
            ),
            W::TotalAsRow { named, amount } => write!(
                f,
                "row {} of the sheet `{sheet}` is called “{}” and has {}, which the rows above it come to, so it seems to be their total: take it out, or approve to bill it too",
                named.row,
                named.text,
                written(*amount)
            ),
            W::MergedRows { first, last } => write!(
                f,
                "the cells {first}:{last} of the sheet `{sheet}` are merged over several rows, and only the first of these rows has the value: unmerge them and write the value into each row, or approve to send the rows as they are"
            ),
            W::More { count } => write!(
                f,
                "there are {count} more like that (the last in the sheet `{sheet}`): mend them too, or approve"
            ),
            W::TooManyMerged { limit } => write!(
                f,
                "the sheet `{sheet}` has more than {limit} merged ranges, too many to look at: unmerge its cells and write the values into each row, or approve to send the rows as they are"
            ),
        }
    }
}

fn holds(what: BesideWhat) -> &'static str {
    match what {
        BesideWhat::Charge => "holds amounts too",
        BesideWhat::LetOff => "holds what is let off",
        BesideWhat::Paid => "holds what is paid already",
        BesideWhat::Sum => "holds another amount",
    }
}

fn labels(fields: &[FieldNamed]) -> String {
    let labels: Vec<String> = fields
        .iter()
        .map(|field| format!("“{}”", field.label))
        .collect();
    labels.join(" and ")
}

/// `one`, `one and two`, `one, two and three`.
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

fn written(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}
