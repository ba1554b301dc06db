//! Workbooks as schools make them: titles above, totals below, Urdu, several
//! classes in one file.

use anyhow::Result;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Formula, Workbook, Worksheet,
};

use super::Sheet;
use super::bills::{Bill, Day, Dice, identifiers, pupils};

/// A workbook that is the same bytes whenever it is made.
pub(super) fn undated_workbook() -> Result<Workbook> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_ymd(2035, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    Ok(workbook)
}

pub(super) fn date(day: Day) -> Result<ExcelDateTime> {
    Ok(ExcelDateTime::from_ymd(day.0, day.1, day.2)?)
}

/// Letterhead in merged cells, a blank line, real dates, formatted amounts, and
/// a row of totals whose label is no pupil.
pub(super) fn crescent() -> Result<Sheet> {
    let bills = pupils(&mut Dice::new(40), "CMA-", 40, 6200, Day(2035, 3, 15));
    let mut workbook = undated_workbook()?;
    let sheet = workbook.add_worksheet().set_name("March 2035")?;
    let title = Format::new()
        .set_bold()
        .set_font_size(16)
        .set_align(FormatAlign::Center);
    let bold = Format::new().set_bold();
    let money = Format::new().set_num_format("#,##0.00");
    let total = Format::new().set_num_format("#,##0.00").set_bold();
    let day = Format::new().set_num_format("dd/mm/yyyy");

    sheet.merge_range(0, 0, 0, 6, "Crescent Model Academy, Sahiwal", &title)?;
    sheet.merge_range(1, 0, 1, 6, "Fee for the month of March 2035", &bold)?;
    let headings = [
        "S. No.",
        "Student Name",
        "Class",
        "Adm. No.",
        "Fee (Rs.)",
        "Due Date",
        "Fee After Due Date (Rs.)",
    ];
    header(sheet, 3, &headings)?;
    let mut row = 4;
    for (number, bill) in (1_u32..).zip(&bills) {
        sheet.write_number(row, 0, number)?;
        sheet.write_string(row, 1, &bill.title)?;
        sheet.write_string(row, 2, if number <= 20 { "9-A" } else { "9-B" })?;
        sheet.write_string(row, 3, &bill.identifier)?;
        sheet.write_number_with_format(row, 4, bill.amount, &money)?;
        sheet.write_datetime_with_format(row, 5, date(bill.due)?, &day)?;
        sheet.write_number_with_format(row, 6, bill.late_amount, &money)?;
        row += 1;
    }
    let sum = |amount: fn(&Bill) -> u32| bills.iter().map(amount).sum::<u32>().to_string();
    let fees = Formula::new(format!("=SUM(E5:E{row})")).set_result(sum(|bill| bill.amount));
    let late = Formula::new(format!("=SUM(G5:G{row})")).set_result(sum(|bill| bill.late_amount));
    sheet.write_string_with_format(row, 1, "Total", &bold)?;
    sheet.write_formula_with_format(row, 4, fees, &total)?;
    sheet.write_formula_with_format(row, 6, late, &total)?;
    sheet.set_column_width(1, 26)?;
    sheet.set_column_width(6, 26)?;
    finish("crescent-academy-fees.xlsx", workbook, &bills)
}

/// Urdu from right to left: names, headings, and digits in amounts and dates.
pub(super) fn madrasa() -> Result<Sheet> {
    const FIRST: &[&str] = &[
        "احمد",
        "علی",
        "عائشہ",
        "بلال",
        "فاطمہ",
        "حمزہ",
        "حسن",
        "ابراہیم",
        "خدیجہ",
        "مریم",
        "محمد",
        "عمر",
        "زینب",
        "یوسف",
        "صفیہ",
        "طلحہ",
    ];
    const FAMILY: &[&str] = &[
        "خان",
        "قریشی",
        "بھٹی",
        "انصاری",
        "چوہدری",
        "شاہ",
        "ملک",
        "بلوچ",
        "صدیقی",
        "اعوان",
    ];
    let mut dice = Dice::new(786);
    let mut bills = pupils(&mut dice, "MTQ-", 25, 1200, Day(2035, 3, 10));
    for bill in &mut bills {
        bill.title = format!("{} {}", dice.pick(FIRST), dice.pick(FAMILY));
    }
    let mut workbook = undated_workbook()?;
    let sheet = workbook
        .add_worksheet()
        .set_name("فیس مارچ")?
        .set_right_to_left(true);
    let bold = Format::new()
        .set_bold()
        .set_font_size(16)
        .set_align(FormatAlign::Center);
    sheet.merge_range(0, 0, 0, 5, "مدرسہ تعلیم القرآن، بہاولپور", &bold)?;
    header(
        sheet,
        1,
        &[
            "نمبر شمار",
            "نام",
            "داخلہ نمبر",
            "رقم",
            "آخری تاریخ",
            "آخری تاریخ کے بعد رقم",
        ],
    )?;
    for ((number, row), bill) in (1_u32..).zip(2..).zip(&bills) {
        sheet.write_string(row, 0, urdu_digits(&number.to_string()))?;
        sheet.write_string(row, 1, &bill.title)?;
        sheet.write_string(row, 2, &bill.identifier)?;
        sheet.write_string(row, 3, urdu_digits(&bill.amount.to_string()))?;
        sheet.write_string(row, 4, urdu_digits(&bill.due.slashes()))?;
        sheet.write_string(row, 5, urdu_digits(&bill.late_amount.to_string()))?;
    }
    finish("madrasa-urdu.xlsx", workbook, &bills)
}

fn urdu_digits(text: &str) -> String {
    text.chars()
        .map(|letter| match letter.to_digit(10) {
            Some(digit) => char::from_u32(0x06f0 + digit).unwrap_or(letter),
            None => letter,
        })
        .collect()
}

/// Two classes and a page of notes in one workbook; no late amount at all.
pub(super) fn noor() -> Result<Sheet> {
    let mut dice = Dice::new(12);
    let classes = [
        (
            "Class 1",
            pupils(&mut dice, "NPS-1-", 18, 2800, Day(2035, 4, 10)),
        ),
        (
            "Class 2",
            pupils(&mut dice, "NPS-2-", 16, 3000, Day(2035, 4, 10)),
        ),
    ];
    let mut workbook = undated_workbook()?;
    let day = Format::new().set_num_format("d mmm yyyy");
    for (name, bills) in &classes {
        let sheet = workbook.add_worksheet().set_name(*name)?;
        header(
            sheet,
            0,
            &["Reg No", "Student Name", "Total Fee", "Due Date"],
        )?;
        for (row, bill) in (1..).zip(bills) {
            sheet.write_string(row, 0, &bill.identifier)?;
            sheet.write_string(row, 1, &bill.title)?;
            sheet.write_number(row, 2, bill.amount)?;
            sheet.write_datetime_with_format(row, 3, date(bill.due)?, &day)?;
        }
    }
    let notes = workbook.add_worksheet().set_name("Notes")?;
    notes.write_string(
        0,
        0,
        "Brothers and sisters pay half of the admission charges.",
    )?;
    notes.write_string(2, 0, "Office hours: 8 to 1, not on Sundays.")?;
    let bills: Vec<Bill> = classes.into_iter().flat_map(|(_, bills)| bills).collect();
    finish("noor-public-school.xlsx", workbook, &bills)
}

pub(super) fn header(sheet: &mut Worksheet, row: u32, headings: &[&str]) -> Result<()> {
    let bold = Format::new().set_bold();
    for (column, heading) in (0..).zip(headings) {
        sheet.write_string_with_format(row, column, *heading, &bold)?;
    }
    Ok(())
}

pub(super) fn finish(name: &'static str, mut workbook: Workbook, bills: &[Bill]) -> Result<Sheet> {
    Ok(Sheet {
        name,
        bytes: workbook.save_to_buffer()?,
        identifiers: identifiers(bills),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urdu_digits_take_the_place_of_ours() {
        assert_eq!(urdu_digits("10/03/2035"), "۱۰/۰۳/۲۰۳۵");
    }
}
