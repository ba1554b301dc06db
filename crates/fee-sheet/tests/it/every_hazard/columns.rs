//! Sheets as people make them: what a spreadsheet did to their values, what
//! stands around the table, and how its columns are headed.

use super::{Hazard, Must, PLAIN, hazard, plain, refused, rows};
use crate::dress::{Book, Cell, Page, number, text, xlsx};

fn book(change: impl Fn(&mut Page)) -> Vec<u8> {
    let mut page = Page::new("Class 5");
    page.headings(0).bill(1, "Ali", "FS-1", "1500");
    change(&mut page);
    xlsx::write(&Book::of(page))
}

/// Cells far to the right and far below that hold nothing but blanks.
fn ghosts() -> Vec<u8> {
    book(|page| {
        for row in 0..40 {
            page.cells.push((row, 30, text(" ")));
        }
    })
}

fn codes(values: &[Cell]) -> Vec<u8> {
    let mut page = Page::new("Class 5");
    page.headings(0);
    for (row, value) in (1..).zip(values) {
        let cells = [
            text("Ali"),
            value.clone(),
            number("1500"),
            Cell::Day(2035, 3, 5),
        ];
        page.row(row, cells);
    }
    xlsx::write(&Book::of(page))
}

pub(super) fn all() -> Vec<Hazard> {
    vec![
        hazard(
            "an identifier turned into 3.5202E+12",
            "Name,Roll No,Fee,Due Date\nAli,3.5202E+12,1500,2035-03-05\n",
            Must::Read(rows(&["2|Ali|PrecisionLost|1500.00|2035-03-05|"]), &[]),
        ),
        hazard(
            "an identifier of more digits than a number holds",
            codes(&[number("1001391001001548")]),
            Must::Read(rows(&["2|Ali|PrecisionLost|1500.00|2035-03-05|"]), &[]),
        ),
        hazard(
            "an identifier turned into a date",
            codes(&[Cell::Day(2035, 1, 2)]),
            Must::Read(rows(&["2|Ali|TurnedIntoDate|1500.00|2035-03-05|"]), &[]),
        ),
        hazard(
            "identifiers stripped of their noughts",
            "Name,Roll No,Fee,Due Date\nAli,000123,1500,2035-03-05\nAli,456,1500,2035-03-05\nAli,000124,1500,2035-03-05\nAli,78,1500,2035-03-05\n",
            Must::Held(
                rows(&[
                    "2|Ali|000123|1500.00|2035-03-05|",
                    "3|Ali|456|1500.00|2035-03-05|",
                    "4|Ali|000124|1500.00|2035-03-05|",
                    "5|Ali|78|1500.00|2035-03-05|",
                ]),
                "noughts",
            ),
        ),
        hazard(
            "numbers as text",
            book(|page| {
                page.row(
                    2,
                    [
                        text("Sana"),
                        text("0012"),
                        text("1,50,000"),
                        text("5-Mar-35"),
                    ],
                );
            }),
            Must::Read(rows(&[PLAIN, "3|Sana|0012|150000.00|2035-03-05|"]), &[]),
        ),
        hazard(
            "texts as numbers",
            book(|page| {
                page.row(
                    2,
                    [
                        number("7"),
                        number("3520212345671"),
                        number("0.1"),
                        number("49373"),
                    ],
                );
            }),
            Must::Read(rows(&[PLAIN, "3|7|3520212345671|0.10|2035-03-05|"]), &[]),
        ),
        hazard(
            "title lines above the header, and blank lines",
            "Greenfield School,,,\n\"Fees, March\",,,\n,,,\nName,Roll No,Fee,Due Date\n\nAli,FS-1,1500,2035-03-05\n\n",
            Must::Read(
                rows(&["6|Ali|FS-1|1500.00|2035-03-05|"]),
                &["header_row: 4"],
            ),
        ),
        hazard("ghost columns", ghosts(), plain()),
        hazard(
            "a totals row that fits",
            "Name,Roll No,Fee,Due Date\nAli,FS-1,1500,2035-03-05\nTotal,,1500,\n",
            Must::Read(rows(&[PLAIN]), &["totals row"]),
        ),
        hazard(
            "a totals row that differs",
            "Name,Roll No,Fee,Due Date\nAli,FS-1,1500,2035-03-05\nTotal,,1600,\n",
            Must::Held(rows(&[PLAIN]), "1600"),
        ),
        hazard(
            "a heading twice",
            "Name,Roll No,Fee,Fee,Due Date\nAli,FS-1,1500,1600,2035-03-05\n",
            refused("two columns"),
        ),
        hazard(
            "a heading that is missing",
            "Name,Roll No,Fee\nAli,FS-1,1500\n",
            refused("no column for the Due date"),
        ),
        hazard(
            "misspelt headings",
            "Studnet Name,Roll No,Fee,Due Daet\nAli,FS-1,1500,2035-03-05\n",
            Must::Read(rows(&[PLAIN]), &["guesses: [\"title\", \"due_date\"]"]),
        ),
        hazard(
            "headings in Urdu",
            "طالب علم کا نام,رول نمبر,فيس,آخری تاریخ\nAli,FS-1,۱۵۰۰,۵ مارچ ۲۰۳۵\n",
            plain(),
        ),
        hazard(
            "headings in Roman Urdu",
            "Naam,Roll No,Raqam,Aakhri Tareekh\nAli,FS-1,1500,2035-03-05\n",
            plain(),
        ),
    ]
}
