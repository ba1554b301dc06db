//! One sheet in every dress: whatever format, encoding, delimiter, style of
//! amounts and dates, and order of columns a program wrote it in, packed or
//! not, it is the same bills.

use encoding_rs::{WINDOWS_1252, WINDOWS_1256};
use proptest::prelude::*;

use crate::dress::{self, Book, Cell, Dress, Page, archive, number, text};
use crate::{Folder, read};

#[derive(Debug, Clone)]
struct Bill {
    title: String,
    identifier: String,
    minor: i64,
    date: (i32, u32, u32),
}

/// Whose letters titles are made of: an encoding has not all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letters {
    Latin,
    Urdu,
}

fn bill(letters: Letters) -> impl Strategy<Value = Bill> {
    let title = match letters {
        Letters::Latin => "[A-Z][a-zéü]{2,10}( [A-Z][a-z,;\"]{1,8})?".boxed(),
        Letters::Urdu => prop::collection::vec(prop::sample::select(NAMES.to_vec()), 2..=3)
            .prop_map(|names| names.join(" "))
            .boxed(),
    };
    (
        title,
        "FS-[0-9]{3,8}",
        1i64..100_000_000,
        (2030i32..2060, 1u32..=12, 1u32..=28),
    )
        .prop_map(|(title, identifier, minor, date)| Bill {
            title,
            identifier,
            minor,
            date,
        })
}

/// Names in letters that Windows-1256 has.
const NAMES: [&str; 8] = [
    "محمد",
    "فاطمہ",
    "احمد",
    "عمران",
    "حسن",
    "خالد",
    "اقبال",
    "شاہد",
];

/// Rupees with a comma where Pakistan writes one.
fn in_lakhs(rupees: i64) -> String {
    let digits = rupees.to_string();
    let (mut left, last) = digits.split_at(digits.len().saturating_sub(3));
    let mut grouped = last.to_owned();
    while !left.is_empty() {
        let (before, two) = left.split_at(left.len().saturating_sub(2));
        grouped = format!("{two},{grouped}");
        left = before;
    }
    grouped
}

fn in_urdu_digits(text: &str) -> String {
    let digit = |c: char| match c.to_digit(10) {
        Some(value) => char::from_u32(u32::from('۰') + value).unwrap(),
        None => c,
    };
    text.chars().map(digit).collect()
}

/// How an amount is typed. The last style needs letters that not every
/// encoding has.
const AMOUNT_STYLES: usize = 6;

fn amount(minor: i64, style: usize) -> String {
    let (rupees, paisa) = (minor / 100, minor % 100);
    let plain = format!("{rupees}.{paisa:02}");
    match style {
        0 => plain,
        1 => format!("Rs. {plain}/-"),
        2 => format!("PKR {plain}"),
        3 => format!("{}.{paisa:02}", in_lakhs(rupees)),
        4 => format!(" {plain} Rupees only "),
        _ => format!("{} روپے", in_urdu_digits(&plain)),
    }
}

const DATE_STYLES: usize = 8;

fn date((year, month, day): (i32, u32, u32), style: usize) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let name = MONTHS[month as usize - 1];
    match style {
        0 => format!("{year}-{month:02}-{day:02}"),
        1 => format!("{day:02}/{month:02}/{year}"),
        2 => format!("{day}-{}-{:02}", &name[..3], year % 100),
        3 => format!("{day}.{month}.{year}"),
        4 => format!("{name} {day}, {year}"),
        5 => format!("{day} {name} {year}"),
        6 => format!("{year}-{month:02}-{day:02} 00:00:00"),
        _ => in_urdu_digits(&format!("{day:02}/{month:02}/{year}")),
    }
}

/// The encodings of text files. Of these two have no Urdu digits, and the
/// first of them no Urdu at all.
const ENCODINGS: usize = 8;
const LATIN_ONLY: usize = 0;
const ARABIC: usize = 1;

fn bytes(text: &str, encoding: usize) -> Vec<u8> {
    let units = text.encode_utf16();
    let little: Vec<u8> = units.clone().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
    match encoding {
        LATIN_ONLY => WINDOWS_1252.encode(text).0.into_owned(),
        ARABIC => WINDOWS_1256.encode(text).0.into_owned(),
        2 => text.as_bytes().to_vec(),
        3 => [UTF_8_MARK, text.as_bytes()].concat(),
        4 => [b"\xff\xfe".to_vec(), little].concat(),
        5 => little,
        6 => [b"\xfe\xff".to_vec(), big].concat(),
        _ => big,
    }
}

const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

/// A text file: delimiter, encoding, and how its lines end.
#[derive(Debug, Clone)]
struct Text {
    delimiter: u8,
    encoding: usize,
    crlf: bool,
}

/// What a file is written as.
#[derive(Debug, Clone)]
enum Written {
    Text(Text),
    /// A workbook; `typed` has amounts and dates as texts, not as numbers.
    Book {
        dress: Dress,
        macros: bool,
        typed: bool,
    },
}

impl Written {
    fn letters(&self) -> Letters {
        match self {
            // Every text in this one must have Urdu in it, to be known by.
            Self::Text(text) if text.encoding == ARABIC => Letters::Urdu,
            _ => Letters::Latin,
        }
    }

    /// Whether Urdu digits can be written.
    fn has_urdu_digits(&self) -> bool {
        !matches!(self, Self::Text(text) if text.encoding == LATIN_ONLY || text.encoding == ARABIC)
    }
}

fn written() -> impl Strategy<Value = Written> {
    let delimiters = prop::sample::select(vec![b',', b';', b'\t', b'|']);
    let texts =
        (delimiters, 0..ENCODINGS, any::<bool>()).prop_map(|(delimiter, encoding, crlf)| {
            Written::Text(Text {
                delimiter,
                encoding,
                crlf,
            })
        });
    let dresses = prop::sample::select(dress::ALL.to_vec());
    let books =
        (dresses, any::<bool>(), any::<bool>()).prop_map(|(dress, macros, typed)| Written::Book {
            dress,
            macros: macros && dress == Dress::Xlsx,
            typed,
        });
    prop_oneof![2 => texts, 1 => books]
}

/// What is written, and its bills, in letters that it has.
fn case() -> impl Strategy<Value = (Written, Vec<Bill>)> {
    (written(), any::<bool>()).prop_flat_map(|(written, urdu)| {
        let letters = match written.letters() {
            Letters::Latin if urdu && written.has_urdu_digits() => Letters::Urdu,
            letters => letters,
        };
        // An encoding is told from the letters, of which there must be some.
        let bills = prop::collection::vec(bill(letters), 3..12);
        (Just(written), bills)
    })
}

const HEADINGS: [&str; 4] = ["Student Name", "Reg. No", "Fee (Rs.)", "Due Date"];

/// How the bills of one sheet are put down.
#[derive(Debug, Clone)]
struct Style {
    amounts: usize,
    dates: usize,
    /// Which column comes first, and so on.
    order: Vec<usize>,
    titled: bool,
}

impl Style {
    fn in_order<T: Clone>(&self, cells: [T; 4]) -> Vec<T> {
        self.order.iter().map(|at| cells[*at].clone()).collect()
    }

    /// The cells of a bill, as they are typed.
    fn typed(&self, bill: &Bill) -> [String; 4] {
        [
            bill.title.clone(),
            bill.identifier.clone(),
            amount(bill.minor, self.amounts),
            date(bill.date, self.dates),
        ]
    }

    fn text(&self, bills: &[Bill], written: &Text) -> Vec<u8> {
        let terminator = match written.crlf {
            true => csv::Terminator::CRLF,
            false => csv::Terminator::Any(b'\n'),
        };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(written.delimiter)
            .flexible(true)
            .terminator(terminator)
            .from_writer(Vec::new());
        if self.titled {
            writer.write_record(["Greenfield School"]).unwrap();
        }
        writer.write_record(self.in_order(HEADINGS)).unwrap();
        for bill in bills {
            writer
                .write_record(self.in_order(self.typed(bill)))
                .unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        bytes(&text, written.encoding)
    }

    fn book(&self, bills: &[Bill], typed: bool) -> Book {
        let mut page = Page::new("Fees");
        let mut next = 0;
        if self.titled {
            page.row(0, [text("Greenfield School")]);
            next = 1;
        }
        page.row(next, self.in_order(HEADINGS.map(text)));
        for bill in bills {
            next += 1;
            let cells = match typed {
                true => self.typed(bill).map(|cell| text(&cell)),
                false => {
                    let plain = amount(bill.minor, 0);
                    let shortest = plain.trim_end_matches('0').trim_end_matches('.');
                    let (year, month, day) = bill.date;
                    [
                        text(&bill.title),
                        text(&bill.identifier),
                        number(shortest),
                        Cell::Day(year, month, day),
                    ]
                }
            };
            page.row(next, self.in_order(cells));
        }
        Book::of(page)
    }

    fn file(&self, bills: &[Bill], written: &Written) -> Vec<u8> {
        match written {
            Written::Text(text) => self.text(bills, text),
            Written::Book {
                dress,
                macros,
                typed,
            } => {
                let file = dress.write(&self.book(bills, *typed));
                match macros {
                    true => dress::xlsx::with_macros(file),
                    false => file,
                }
            }
        }
    }
}

fn style() -> impl Strategy<Value = Style> {
    let order = Just(vec![0usize, 1, 2, 3]).prop_shuffle();
    (0..AMOUNT_STYLES, 0..DATE_STYLES, order, any::<bool>()).prop_map(
        |(amounts, dates, order, titled)| Style {
            amounts,
            dates,
            order,
            titled,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_sheet_gives_the_same_rows_in_every_dress(
        (written, bills) in case(),
        mut style in style(),
        packed in prop::bool::weighted(0.25),
    ) {
        if !written.has_urdu_digits() {
            style.amounts = style.amounts.min(AMOUNT_STYLES - 2);
            style.dates = style.dates.min(DATE_STYLES - 2);
        }
        let mut file = style.file(&bills, &written);
        if packed {
            file = archive([("class 5.dat", file)]);
        }
        let folder = Folder::new();
        let read = read(&folder.file("dress.dat", file)).unwrap();
        prop_assert_eq!(&read.held, &None);
        prop_assert_eq!(read.rows.len(), bills.len());
        for (index, (row, bill)) in read.rows.iter().zip(&bills).enumerate() {
            let number = u32::try_from(index).unwrap() + if style.titled { 3 } else { 2 };
            let want = [
                bill.title.clone(),
                bill.identifier.clone(),
                amount(bill.minor, 0),
                date(bill.date, 0),
                String::new(),
            ];
            prop_assert_eq!((row.number, &row.values), (number, &want));
        }
    }
}
