//! Sheets of utilities: consumers instead of pupils, arrears, paisa, and many
//! more rows.

use anyhow::Result;
use rust_xlsxwriter::Format;

use super::Sheet;
use super::bills::{Bill, Day, Dice};
use super::text::{csv_bytes, record};
use super::workbooks::{date, finish, header, undated_workbook};

/// 12,000 consumers of an electricity company: three chunks. Their reference
/// numbers have 14 digits and begin with a zero, so they must stay text.
pub(super) fn electricity() -> Result<Sheet> {
    const CONSUMERS: u32 = 12_000;
    let mut dice = Dice::new(12_000);
    let mut identifiers = Vec::new();
    let mut records = vec![record([
        "Consumer No",
        "Consumer Name",
        "Billing Month",
        "Units",
        "Bill Amount",
        "Due Date",
        "Payable After Due Date",
    ])];
    for number in 0..CONSUMERS {
        let identifier = format!("0411{:07}{:03}", 1_200_000 + number, 7 * number % 1000);
        let units = 20 + dice.roll(600);
        let amount = 35 * units + dice.roll(35);
        let due = Day(2035, 6, u8::try_from(13 + dice.roll(8)).unwrap_or(13));
        records.push(vec![
            identifier.clone(),
            dice.person(),
            "May 2035".to_owned(),
            units.to_string(),
            amount.to_string(),
            due.slashes(),
            (amount + amount / 10).to_string(),
        ]);
        identifiers.push(identifier);
    }
    Ok(Sheet {
        name: "utility-12000.csv",
        bytes: csv_bytes(records)?,
        identifiers,
    })
}

/// The water bills of a small town: arrears are shown, and what is to be paid is
/// another column. Consumer numbers are numbers, amounts have paisa.
pub(super) fn water() -> Result<Sheet> {
    let mut dice = Dice::new(90);
    let mut workbook = undated_workbook()?;
    let sheet = workbook.add_worksheet().set_name("Water")?;
    let headings = [
        "Consumer No.",
        "Consumer Name",
        "Street",
        "Current Charges",
        "Arrears",
        "Payable Within Due Date",
        "Due Date",
        "Payable After Due Date",
    ];
    header(sheet, 0, &headings)?;
    let money = Format::new().set_num_format("#,##0.00");
    let whole = Format::new().set_num_format("0");
    let day = Format::new().set_num_format("dd-mmm-yyyy");
    let mut bills = Vec::new();
    for (row, number) in (1..=90).zip(2_030_100_001_u32..) {
        let (charges, arrears) = (
            45_000 + 25 * dice.roll(2000),
            50 * dice.roll(3) * dice.roll(400),
        );
        let bill = Bill {
            identifier: number.to_string(),
            title: dice.person(),
            amount: charges + arrears,
            late_amount: charges + arrears + 5_000,
            due: Day(2035, 7, 20),
        };
        sheet.write_number_with_format(row, 0, number, &whole)?;
        sheet.write_string(row, 1, &bill.title)?;
        sheet.write_string(row, 2, format!("Street {}", 1 + dice.roll(12)))?;
        sheet.write_number_with_format(row, 3, rupees(charges)?, &money)?;
        sheet.write_number_with_format(row, 4, rupees(arrears)?, &money)?;
        sheet.write_number_with_format(row, 5, rupees(bill.amount)?, &money)?;
        sheet.write_datetime_with_format(row, 6, date(bill.due)?, &day)?;
        sheet.write_number_with_format(row, 7, rupees(bill.late_amount)?, &money)?;
        bills.push(bill);
    }
    finish("tehsil-water-bills.xlsx", workbook, &bills)
}

/// A workbook's cell holds a float; ours is read from text, never computed.
fn rupees(paisa: u32) -> Result<f64> {
    Ok(format!("{}.{:02}", paisa / 100, paisa % 100).parse()?)
}
