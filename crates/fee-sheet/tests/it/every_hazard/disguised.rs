//! Files that are something else than they are called, that ask for a
//! password, or that hide a part of themselves; in every format that can.

use super::{Hazard, Must, PLAIN, hazard, refused, rows};
use crate::dress::{ALL, Book, Cell, Dress, Page, archive, number, ods, text, xls, xlsx};

const CSV: &str = "Name,Roll No,Fee,Due Date\nAli,FS-1,1500,2035-03-05\n";

fn old_with_password() -> Vec<u8> {
    xls::write_changed(&Book::plain(), |part, records| {
        if part == 0 {
            records.insert(1, (0x002F, vec![1, 0, 1, 0, 1, 0]));
        }
    })
}

fn open_with_password() -> Vec<u8> {
    ods::write_changed(&Book::plain(), |name, text| match name {
        "META-INF/manifest.xml" => {
            text.replace("/>", "><manifest:encryption-data/></manifest:file-entry>")
        }
        "content.xml" => "what a cipher makes of it".to_owned(),
        _ => text,
    })
}

fn archive_with_password() -> Vec<u8> {
    let mut bytes = archive([("a.csv", CSV.as_bytes().to_vec())]);
    // The mark that an entry is encrypted, in front of it and in the list.
    bytes[6] |= 1;
    let list = bytes.windows(4).position(|part| part == b"PK\x01\x02");
    bytes[list.unwrap() + 8] |= 1;
    bytes
}

/// The names that hazards have in each format.
type Names = [&'static str; 4];

/// The same book in every format.
fn dressed(names: Names, book: &Book, must: impl Fn() -> Must) -> Vec<Hazard> {
    let dressed = ALL.iter().zip(names);
    dressed
        .map(|(dress, name)| hazard(name, dress.write(book), must()))
        .collect()
}

/// A page with two bills, and another two that stand on a hidden sheet.
fn page() -> Page {
    let mut page = Page::new("Class 5");
    page.headings(0);
    page.bill(1, "Ali", "FS-1", "1500");
    page.bill(2, "Sana", "FS-2", "1600");
    page
}

const SANA: &str = "3|Sana|FS-2|1600.00|2035-03-05|";

pub(super) fn all() -> Vec<Hazard> {
    let mut all = vec![
        hazard(
            "a password",
            xls::container("EncryptedPackage", &[7; 5_000]),
            refused("password"),
        ),
        hazard(
            "a password of an old workbook",
            old_with_password(),
            refused("password"),
        ),
        hazard(
            "a password of an OpenDocument",
            open_with_password(),
            refused("password"),
        ),
        hazard(
            "a password of an archive",
            archive_with_password(),
            refused("password"),
        ),
        hazard(
            "HTML named .xls",
            "<html><body><table><tr><td>Name</td></tr></table></body></html>",
            refused("web page"),
        ),
        hazard("CSV named .xlsx", CSV, super::plain()),
        hazard("an empty file", "", refused("empty")),
        hazard("a file of blanks", " \n\r\n\t\n", refused("empty")),
        hazard("a PDF", "%PDF-1.7\n", refused("PDF")),
        hazard("a workbook cut short", cut_short(), refused("damaged")),
    ];
    let mut hidden = page();
    hidden.hidden_rows.push(2);
    all.extend(dressed(
        [
            "hidden rows",
            "hidden rows, xlsb",
            "hidden rows, xls",
            "hidden rows, ods",
        ],
        &Book::of(hidden),
        || Must::Held(rows(&[PLAIN, SANA]), "hidden rows (1, the last is row 3)"),
    ));
    let mut book = Book::plain();
    let mut old = page();
    (old.name, old.hidden) = ("Old".to_owned(), true);
    book.pages.push(old);
    all.extend(dressed(
        [
            "a hidden sheet",
            "a hidden sheet, xlsb",
            "a hidden sheet, xls",
            "a hidden sheet, ods",
        ],
        &book,
        || {
            Must::Read(
                rows(&[PLAIN]),
                &["`Old` is hidden", "the sheet is left: it is hidden"],
            )
        },
    ));
    let mut hidden = page();
    hidden.hidden_columns.push(1);
    all.extend(dressed(
        [
            "hidden columns",
            "hidden columns, xlsb",
            "hidden columns, xls",
            "hidden columns, ods",
        ],
        &Book::of(hidden),
        || Must::Read(rows(&[PLAIN, SANA]), &["hidden columns"]),
    ));
    let mut merged = page();
    merged.merged.push((1, 2, 2, 2));
    merged
        .cells
        .retain(|(row, column, _)| (*row, *column) != (2, 2));
    all.extend(dressed(
        [
            "merged cells",
            "merged cells, xlsb",
            "merged cells, xls",
            "merged cells, ods",
        ],
        &Book::of(merged),
        || Must::Held(rows(&[PLAIN, "3|Sana|FS-2||2035-03-05|"]), "C2:C3"),
    ));
    let mut error = page();
    error.cells.push((1, 4, Cell::Error("#REF!")));
    all.extend(dressed(
        [
            "an error cell",
            "an error cell, xlsb",
            "an error cell, xls",
            "an error cell, ods",
        ],
        &Book::of(error),
        || {
            let ali = "2|Ali|FS-1|1500.00|2035-03-05|ErrorCell(\"#REF!\")";
            Must::Read(rows(&[ali, SANA]), &[])
        },
    ));
    for epoch_1904 in [false, true] {
        let names = match epoch_1904 {
            false => [
                "days since 1900",
                "days since 1900, xlsb",
                "days since 1900, xls",
                "days since 1900, ods",
            ],
            true => [
                "days since 1904",
                "days since 1904, xlsb",
                "days since 1904, xls",
                "days since 1904, ods",
            ],
        };
        for (dress, name) in ALL.iter().zip(names) {
            all.push(hazard(
                name,
                days(*dress, epoch_1904),
                Must::Read(rows(&[PLAIN, SANA]), &[]),
            ));
        }
    }
    all.extend(uncalculated());
    all
}

fn cut_short() -> Vec<u8> {
    let whole = xlsx::write(&Book::plain());
    whole[..whole.len() / 2].to_vec()
}

/// A day that looks like one, and one that is a bare number.
fn days(dress: Dress, epoch_1904: bool) -> Vec<u8> {
    let mut page = Page::new("Class 5");
    page.headings(0).bill(1, "Ali", "FS-1", "1500");
    let bare = if epoch_1904 { "47911" } else { "49373" };
    page.row(
        2,
        [text("Sana"), text("FS-2"), number("1600"), number(bare)],
    );
    let mut book = Book::of(page);
    if dress != Dress::Xlsx {
        book.epoch_1904 = epoch_1904;
        return dress.write(&book);
    }
    xlsx::write_changed(&book, |name, text| match name {
        "xl/workbook.xml" if epoch_1904 => {
            text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ")
        }
        _ if epoch_1904 => text.replace("<v>49373</v>", "<v>47911</v>"),
        _ => text,
    })
}

/// Formulas that no program has calculated.
fn uncalculated() -> Vec<Hazard> {
    let said = || {
        Must::Read(
            rows(&["2|Ali|FS-1|1500.00|2035-03-05|FormulaWithoutValue"]),
            &[],
        )
    };
    let mut page = Page::new("Class 5");
    page.headings(0).bill(1, "Ali", "FS-1", "1500");
    page.cells.push((1, 4, Cell::Uncalculated));
    let book = Book::of(page);
    let bare = xlsx::write_changed(&Book::plain(), |name, text| match name {
        "xl/worksheets/sheet1.xml" => text.replacen(
            "</row></sheetData>",
            "<c r=\"E2\"><f>C2+100</f></c></row></sheetData>",
            1,
        ),
        _ => text,
    });
    vec![
        hazard("a formula without a value", bare, said()),
        hazard(
            "a formula without a value, xls",
            Dress::Xls.write(&book),
            said(),
        ),
        hazard(
            "a formula without a value, ods",
            Dress::Ods.write(&book),
            said(),
        ),
    ]
}
