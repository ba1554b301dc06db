//! The sentences in English that speak of a sheet or a file as a whole.

use crate::commands::printing::{grouped, many, shown};
use crate::said::{Frame, Grounds, OfFile};
use crate::sheet::rupees;

pub(super) fn of_the_file(said: &OfFile) -> String {
    match said {
        OfFile::LinesLeftOut(1) => "1 line below the header is no row and was left out".to_owned(),
        OfFile::LinesLeftOut(n) => {
            format!("{n} lines below the header are no rows and were left out")
        }
        OfFile::SheetsLeft(names, more) => {
            let named: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let named = named.join(", ");
            match (names.len(), more) {
                (1, 0) => format!("the sheet {named} was left"),
                (_, 0) => format!("the sheets {named} were left"),
                (_, more) => format!("the sheets {named} and {more} more were left"),
            }
        }
        OfFile::Guess(guess) => format!(
            "the {} of the sheet `{}` is taken from column {} “{}”, {}",
            guess.field.replace('_', " "),
            guess.sheet,
            guess.column,
            guess.heading,
            of_grounds(&guess.how)
        ),
        OfFile::AllApproved => "this account asks for approval before anything is sent".to_owned(),
        OfFile::OverLimit { total, limit } => format!(
            "its bills come to Rs. {}, more than the Rs. {} this account sends without approval",
            rupees(*total),
            rupees(*limit)
        ),
        OfFile::IdentifiersTooLong(limit) => format!(
            "its identifiers are too long to be compared (the limit is {limit} MB in all): write into that column what the school calls its pupils by, and nothing else"
        ),
        OfFile::TooManyRows => "more rows than can be counted".to_owned(),
        OfFile::TooMuchMoney => "its amounts add up to more than can be counted".to_owned(),
    }
}

pub(super) fn of_grounds(grounds: &Grounds) -> String {
    match grounds {
        Grounds::Spelling(other) => format!("a guess: spelt like “{other}”"),
        Grounds::Choice(other) => format!("a guess: and not “{other}”"),
        Grounds::Shape => "a guess: by what stands in it".to_owned(),
        Grounds::Known(how) => how.clone(),
    }
}

pub(super) fn of_frame(frame: &Frame) -> String {
    match frame {
        Frame::Table(sheet, header_row, mapping) => {
            let mapping: Vec<String> = mapping
                .iter()
                .map(|(field, heading)| {
                    format!("{} = {:?}", field.replace('_', " "), shown(heading))
                })
                .collect();
            format!(
                "sheet {:?}: header in row {header_row}; {}",
                shown(sheet),
                mapping.join(", ")
            )
        }
        Frame::NotUsed(columns) => format!("not used: {}", shown(columns)),
        Frame::Counts {
            rows,
            valid,
            invalid,
            skipped,
            total,
        } => {
            let skipped = match skipped {
                0 => String::new(),
                skipped => format!(", {} skipped", grouped(*skipped)),
            };
            format!(
                "{}: {} valid, {} invalid{skipped}; the valid ones come to Rs. {}",
                many(*rows, "row"),
                grouped(*valid),
                grouped(*invalid),
                rupees(*total)
            )
        }
        Frame::WouldWait(why) => {
            format!("The whole file would wait for a person: {}", shown(why))
        }
        Frame::Wrong => "Wrong (these rows are not sent):".to_owned(),
        Frame::ToLookAt => "To look at (no reason not to send a row):".to_owned(),
        Frame::LeftOut => "Left out (no rows):".to_owned(),
        Frame::Left(sheet, row, why) => {
            format!("sheet {:?} row {row}: {}", shown(sheet), shown(why))
        }
        Frame::LeftMore(more) => format!("and {} more; --format json lists all", grouped(*more)),
        Frame::OtherKinds(count) => {
            format!(
                "{} × of other kinds; --format csv lists all",
                grouped(*count)
            )
        }
        Frame::AndMore(more) => format!(" and {} more", grouped(*more)),
        Frame::Row(row) => format!("row {row}"),
        Frame::FilesChecked(n) => format!("{} checked", many(*n, "file")),
        Frame::TableBelow(sheet, header_row) => {
            format!("sheet {:?}, header in row {header_row}", shown(sheet))
        }
        Frame::Column {
            field,
            column,
            heading,
            grounds,
            examples,
        } => format!(
            "{field:<22} column {column} {:?} ({}): {examples}",
            shown(heading),
            shown(grounds)
        ),
        Frame::Headings(headings) => format!("its headings: {headings}"),
        Frame::WriteHeading => "write here how the sheet heads it".to_owned(),
        Frame::NameHeadings(table, file) => {
            format!("name the headings under {table} in {file}, and map it again")
        }
    }
}
