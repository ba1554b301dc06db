//! Everything that goes wrong in a sheet, one row each, between rows that are
//! right. The first column says what the row shows.

use super::Sheet;

/// By hand, to be read: the spreadsheet's row 2 is the first below the header.
const TEXT: &str = r##"Shows,Student Name,Registration No,Amount,Due Date,Amount After Due Date
right,Ahmed Bhatti,MK-001,2500,2035-03-31,2600
no identifier,Sana Malik,,2500,2035-03-31,2600
no title,,MK-003,2500,2035-03-31,2600
a letter O for a zero,Bilal Shah,MK-004,"12,0O",2035-03-31,12500
an amount of nothing,Hina Awan,MK-005,0,2035-03-31,100
a negative amount,Omar Baig,MK-006,-500,2035-03-31,600
three decimals,Zara Niazi,MK-007,1250.555,2035-03-31,1300
less when late,Haris Lodhi,MK-008,2500,2035-03-31,2400
a day that does not exist,Iqra Dar,MK-009,2500,31/02/2035,2600
a due date long past,Saad Virk,MK-010,2500,10/03/2001,2600
an identifier that a spreadsheet destroyed,Maham Rana,3.52E+12,2500,2035-03-31,2600
the same pupil twice,Fahad Kakar,MK-012,2500,2035-03-31,2600
the same pupil twice,Fahad Kakar,MK-012,2500,2035-03-31,2600
an error cell,Laiba Zaidi,MK-014,#N/A,2035-03-31,2600
a due date in words,Usman Gill,MK-015,2500,next week,2600
no amount,Rabia Jatoi,MK-016,,2035-03-31,2600
no due date,Noman Aslam,MK-017,2500,,2600
a late amount that is no number,Kinza Soomro,MK-018,2500,2035-03-31,as above
only a warning: blanks around,  Yasir Hashmi  , MK-019 ,2500,2035-03-31,2600
only a warning: late is ten times the amount,Eman Tareen,MK-020,1400,2035-03-31,14550
only a warning: differs in case from the next,Waleed Butt,MK-021a,2500,2035-03-31,2600
only a warning: differs in case from the one above,Sidra Butt,MK-021A,2500,2035-03-31,2600
right: a blank late amount,Tahir Gondal,MK-023,2500,2035-03-31,
right,Zainab Mirza,MK-024,2500.50,2035-03-31,2600.50
"##;

/// The identifiers of the rows that can be billed.
const BILLED: &[&str] = &[
    "MK-001", "MK-019", "MK-020", "MK-021a", "MK-021A", "MK-023", "MK-024",
];

pub(super) fn mistakes() -> Sheet {
    Sheet {
        name: "mistakes.csv",
        bytes: TEXT.replace('\n', "\r\n").into_bytes(),
        identifiers: BILLED
            .iter()
            .map(|identifier| (*identifier).to_owned())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_rows_that_say_right_or_only_a_warning_are_billed() {
        let sheet = mistakes();
        let mut reader = csv::Reader::from_reader(sheet.bytes.as_slice());
        let billed: Vec<String> = reader
            .records()
            .map(Result::unwrap)
            .filter(|row| row[0].starts_with("right") || row[0].starts_with("only a warning"))
            .map(|row| row[2].trim().to_owned())
            .collect();
        assert_eq!(billed, sheet.identifiers);
    }
}
