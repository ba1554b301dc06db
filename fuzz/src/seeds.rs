//! What a corpus begins with: sheets as schools make them, in every format.
//! Where the environment names a folder, a target writes them into it before
//! the engine looks there.

use std::path::Path;
use std::sync::atomic::AtomicU32;

use crate::written::dress::{Book, Cell, Dress, Page, archive, number, ods, text, xls, xlsb, xlsx};
use crate::{archives, frames, reading, records};

/// The environment names the folder.
const FOLDER: &str = "FUZZ_SEEDS";

/// Writes the seeds, if they are asked for.
pub fn sow(seeds: impl FnOnce() -> Vec<Vec<u8>>) {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).expect("a folder for the seeds");
    for (number, seed) in seeds().into_iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number:03}")), seed).expect("a seed is written");
    }
}

/// Sheets as text.
pub fn csv() -> Vec<Vec<u8>> {
    let comma = "Greenfield School\n\nStudent Name,Reg No,Fee,Due Date,After Due Date\nAli,FS-1,1500,2035-03-05,1600\n\"Khan, Sana\",00012,\"Rs. 1,50,000/-\",05/03/2035,\n,,,,\nTotal,,151500,,\nPrincipal ______\n";
    let urdu = "نام,رول نمبر,فیس,آخری تاریخ\nعائشہ صدیقہ,۱۲,۱۵۰۰ روپے,۵ مارچ ۲۰۳۵\n";
    let two_lines = "Student,Roll No,Fee,,Due Date\n,,Within Due Date,After Due Date,\nAli,R-1,1500,1600,2035-03-10\nSana,R-2,1500,1600,13/03/2035\nTotal,,3000,3200,\n";
    let two_tables = "Name,Roll No,Fee,Due Date\nAli,1,1500,05-Mar-35\n\nRoll No,Name,Due Date,Fee\n2,Sana,25/12/2035,1700\nClass 6\nName,Roll No,Fee,Due Date\n3,Zain,x,49373\n";
    let odd = "Name;Roll No;Fee;Due Date\r\n\"A\"\"li\nKhan\";=\"0012\";(1,500);2035-03-05 00:00:00\r\nSana;3.5202E+12;#REF!;31/02/2035\r\nx;#####;1.500;5/3/35\r";
    let utf16 = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        b"\xff\xfe".iter().copied().chain(units).collect()
    };
    let mut seeds: Vec<Vec<u8>> = [comma, urdu, two_lines, two_tables, odd]
        .iter()
        .map(|text| text.as_bytes().to_vec())
        .collect();
    seeds.extend([
        comma.replace(',', "\t").into_bytes(),
        comma.replace(',', "|").into_bytes(),
        ["\u{feff}", urdu].concat().into_bytes(),
        utf16(urdu),
        utf16(two_lines),
        "Name,Roll No,Fee,Due Date\nZo\u{eb},1,1500,2035-03-05\n"
            .chars()
            .map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?'))
            .collect(),
    ]);
    seeds
}

/// Books as schools make them.
fn books() -> Vec<Book> {
    let mut page = Page::new("Class 5");
    page.row(0, [text("Greenfield School")]);
    page.headings(2);
    page.bill(3, "Ali", "FS-1", "1500");
    page.bill(4, "Sana", "FS-2", "1500.25");
    page.row(5, [text("فاطمہ"), number("3520212345671"), number("0.1")]);
    page.cells.push((5, 3, Cell::Day(2036, 2, 29)));
    page.row(
        6,
        [
            text("Zain"),
            Cell::Shown("95".into(), "000000", "000095".into()),
            Cell::Formula(Box::new(number("2000.5"))),
            number("49373"),
            Cell::Error("#REF!"),
        ],
    );
    page.row(7, [text("Hina"), Cell::Day(2035, 1, 1), Cell::Truth(true)]);
    page.row(8, [text("Total"), text(""), number("5000.85")]);
    page.merged.push((0, 0, 0, 4));
    page.hidden_columns.push(4);
    page.hidden_rows.push(6);
    let mut old = Page::new("Old");
    old.hidden = true;
    old.headings(0).bill(1, "Never", "FS-9", "1");
    let mut notes = Page::new("Notes");
    notes.row(1, [text("Please fill in")]);
    let several = Book {
        pages: vec![notes, old, page.clone()],
        epoch_1904: true,
    };
    vec![Book::plain(), Book::of(page), several]
}

/// Workbooks that are archives, laid open; one as it is.
fn laid_open(dress: Dress) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = books()
        .iter()
        .map(|book| archives::open(&dress.write(book)))
        .collect();
    seeds.push(dress.write(&Book::plain()));
    seeds
}

/// Workbooks of Excel since 2007.
pub fn xlsx() -> Vec<Vec<u8>> {
    laid_open(Dress::Xlsx)
}

/// The same in their binary writing.
pub fn xlsb() -> Vec<Vec<u8>> {
    laid_open(Dress::Xlsb)
}

/// OpenDocument workbooks.
pub fn ods() -> Vec<Vec<u8>> {
    laid_open(Dress::Ods)
}

/// Workbooks of Excel 97 to 2003: their records, and a container.
pub fn xls() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = books()
        .iter()
        .map(|book| {
            let parts = std::cell::RefCell::new(Vec::new());
            xls::write_changed(book, |_, part| parts.borrow_mut().push(part.clone()));
            records::open_xls(&parts.into_inner())
        })
        .collect();
    seeds.push(xls::write(&Book::plain()));
    seeds
}

/// Archives of sheets.
pub fn zip() -> Vec<Vec<u8>> {
    let csv = b"Name,Roll No,Fee,Due Date\nSana,FS-2,1200,2035-03-05\n".to_vec();
    let parts = vec![
        ("class 1.xlsx", xlsx::write(&Book::plain())),
        ("more/class 2.csv", csv.clone()),
        ("class 3.ods", ods::write(&Book::plain())),
        ("class 4.xls", xls::write(&Book::plain())),
        ("class 5.dat", xlsb::write(&Book::plain())),
        ("__MACOSX/._a.csv", b"\0\x05\x16\x07".to_vec()),
        ("notice.pdf", b"%PDF-1.7".to_vec()),
        ("empty.csv", Vec::new()),
        ("readme.txt", b"Please bill all of them\n".to_vec()),
    ];
    let whole = archive(parts.clone());
    let small = archive(vec![("a.csv", csv.clone()), ("b.csv", csv)]);
    vec![archives::open(&whole), archives::open(&small), small, whole]
}

/// What a child process sends of all these sheets, frame by frame.
pub fn sent() -> Vec<Vec<u8>> {
    let folder = std::env::temp_dir();
    let path = folder.join(format!("ingestd-fuzz-seed.{}", std::process::id()));
    let mut files = csv();
    files.extend(books().iter().map(xlsb::write));
    files.extend(zip());
    let seeds = files.iter().filter_map(|file| {
        std::fs::write(&path, file).ok()?;
        let mut stream = Vec::new();
        let options = reading::options();
        let skip = AtomicU32::new(0);
        fee_sheet::send_lines(&path, "fees", &options, &skip, &mut stream).ok()?;
        Some(frames::open(&stream))
    });
    let seeds = seeds.collect();
    let _ = std::fs::remove_file(&path);
    seeds
}

/// Texts, one a seed.
pub fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
