//! Sheets that are plain text: what schools save as CSV, and what comes out when
//! their computers speak another language than ours.

use anyhow::Result;

use super::Sheet;
use super::bills::{Bill, Day, Dice, grouped, identifiers, pupils};

/// Records as CSV with the line ends of Windows, as every spreadsheet writes it.
pub(super) fn csv_bytes(records: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for record in records {
        writer.write_record(record)?;
    }
    Ok(writer.into_inner()?)
}

pub(super) fn record<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// The one everybody should send: a clean CSV with a header.
pub(super) fn greenfield() -> Result<Sheet> {
    let bills = pupils(&mut Dice::new(5), "GF-5-", 32, 4500, Day(2035, 3, 10));
    let mut records = vec![record([
        "Student Name",
        "Registration No",
        "Amount",
        "Due Date",
        "Amount After Due Date",
    ])];
    records.extend(bills.iter().map(|bill| {
        vec![
            bill.title.clone(),
            bill.identifier.clone(),
            bill.amount.to_string(),
            bill.due.iso(),
            bill.late_amount.to_string(),
        ]
    }));
    Ok(Sheet {
        name: "greenfield-class-5.csv",
        bytes: csv_bytes(records)?,
        identifiers: identifiers(&bills),
    })
}

/// Semicolons and Windows-1252: a computer set to a European language. Names
/// carry accents and the curly apostrophe that Word puts in.
pub(super) fn city_school() -> Sheet {
    const NAMES: &[&str] = &[
        "José Almeida",
        "Anthony D’Souza",
        "Renée Fernandes",
        "Zoë Pinto",
        "François Gill",
        "Agnès Lobo",
        "Günther Masih",
        "Inês Rodrigues",
        "Chloé D’Mello",
        "Nuño Pereira",
        "Béatrice Sadiq",
        "Joël Bhatti",
        "Anaïs Mathews",
        "Tomás D’Costa",
        "Hélène Samuel",
        "Björn Rehmat",
        "Lucía Emmanuel",
        "André D’Cruz",
    ];
    let count = u32::try_from(NAMES.len()).unwrap_or(0);
    let bills = pupils(
        &mut Dice::new(1252),
        "CITY/2035/",
        count,
        7500,
        Day(2035, 4, 15),
    );
    let mut text = String::from("Name;Roll No;Class;Fee;Due Date;Fee After Due Date\r\n");
    for (bill, name) in bills.iter().zip(NAMES) {
        text += &format!(
            "{name};{};8-B;{}.00;{};{}.00\r\n",
            bill.identifier,
            bill.amount,
            bill.due.slashes(),
            bill.late_amount,
        );
    }
    Sheet {
        name: "city-school-semicolon-1252.csv",
        bytes: windows_1252(&text),
        identifiers: identifiers(&bills),
    }
}

/// The few letters that these names need. Others would be a mistake in here, and
/// become a question mark as they do in a spreadsheet.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| match letter {
            '’' => 0x92,
            '\u{80}'..='\u{9f}' => b'?',
            _ => u8::try_from(u32::from(letter)).unwrap_or(b'?'),
        })
        .collect()
}

/// What Excel calls "Unicode Text": tabs, UTF-16 with a byte order mark.
pub(super) fn oxbridge() -> Sheet {
    let bills = pupils(&mut Dice::new(16), "OX24-", 24, 12_500, Day(2035, 5, 10));
    let mut text = String::from(
        "\u{feff}Adm No\tStudent's Name\tGuardian's Name\tFee Payable\tDue Date\tAfter Due Date\r\n",
    );
    let mut guardians = Dice::new(61);
    for bill in &bills {
        text += &format!(
            "{}\t{}\t{}\t{}\t{}\t{}\r\n",
            bill.identifier,
            bill.title,
            guardians.person(),
            quoted(&grouped(bill.amount)),
            bill.due.slashes(),
            quoted(&grouped(bill.late_amount)),
        );
    }
    Sheet {
        name: "oxbridge-tabs.txt",
        bytes: text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        identifiers: identifiers(&bills),
    }
}

/// Excel quotes a cell with a comma even where tabs separate.
fn quoted(cell: &str) -> String {
    if cell.contains(',') {
        format!("\"{cell}\"")
    } else {
        cell.to_owned()
    }
}

/// Roman Urdu headings, and amounts and dates as they are written on paper.
pub(super) fn hilltop() -> Result<Sheet> {
    let bills = pupils(&mut Dice::new(35), "HT-", 20, 1500, Day(2035, 3, 5));
    let rupees = |amount| format!("Rs. {}/-", grouped(amount));
    let mut records = vec![record([
        "Naam",
        "Dakhla Number",
        "Jamaat",
        "Raqam",
        "Aakhri Tareekh",
        "Tareekh Ke Baad Raqam",
    ])];
    records.extend(bills.iter().map(|bill: &Bill| {
        vec![
            bill.title.clone(),
            bill.identifier.clone(),
            "Nursery".to_owned(),
            rupees(bill.amount),
            bill.due.short(),
            rupees(bill.late_amount),
        ]
    }));
    Ok(Sheet {
        name: "hilltop-nursery-rupees.csv",
        bytes: csv_bytes(records)?,
        identifiers: identifiers(&bills),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_the_curly_apostrophe_are_one_byte_each() {
        assert_eq!(windows_1252("José D’S"), b"Jos\xe9 D\x92S");
        assert!(
            !city_school().bytes.contains(&b'?'),
            "a letter that Windows-1252 lacks"
        );
    }

    #[test]
    fn unicode_text_begins_with_its_byte_order_mark() {
        assert!(oxbridge().bytes.starts_with(b"\xff\xfeA\0d\0m\0"));
    }
}
