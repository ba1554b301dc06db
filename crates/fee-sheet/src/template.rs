//! The workbook to hand to a school: the headings that are expected, cells
//! that keep what is typed into them and refuse what could not be billed, and
//! beside them a sheet that says how it is filled in.
//!
//! The example stands on that second sheet, one field below the other: a line
//! that looked like a row would be billed one day.

use std::path::Path;

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, FormatBorder,
    IgnoreError, Workbook, Worksheet, XlsxError,
};

use crate::results::WriteError;
use crate::workbook_out::{AMOUNT_FORMAT, TEXT_FORMAT};
use crate::{FieldKind, column_name};

/// The last row that can be filled in; the rules of the cells reach so far.
const LAST_ROW: u32 = 1_048_575;
/// A column is searched for the same value so far; a longer search would make
/// typing slow.
const SEARCHED_ROWS: u32 = 20_001;
/// What a spreadsheet can hold exactly, to the paisa.
const AMOUNT_MAX: &str = "9999999999999.99";
/// What a spreadsheet shows of a rule: characters of its title and its text.
const TITLE_CHARS: usize = 32;
const TEXT_CHARS: usize = 255;

/// A workbook to be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The name of the sheet that is filled in.
    pub sheet: String,
    /// Its columns, from the left.
    pub columns: Vec<TemplateColumn>,
    /// The sheet beside it.
    pub notes: TemplateNotes,
    /// Whether its language is written from the right.
    pub right_to_left: bool,
}

/// One column of the sheet that is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateColumn {
    /// Its heading.
    pub heading: String,
    /// What it holds, which decides how its cells look.
    pub kind: FieldKind,
    /// What its cells refuse.
    pub rule: CellRule,
    /// What to write, in a sentence or two.
    pub advice: String,
    /// A value as it should be written.
    pub example: String,
}

/// What may be written into a cell of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellRule {
    /// Anything that can be seen.
    Filled,
    /// Anything that can be seen, and that no other row has.
    FilledOnce,
    /// An amount above 0, to the paisa.
    Amount,
    /// The same, and no less than the amount in this column of the row.
    AmountFrom(usize),
    /// A day, today or later.
    DayFromToday,
    /// A day; one before today is asked about.
    DayAskedAbout,
    /// Any day.
    Day,
}

/// The sheet that says how the other is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateNotes {
    /// Its name.
    pub sheet: String,
    /// Its first line.
    pub title: String,
    /// Sentences, a line each.
    pub lines: Vec<String>,
    /// The headings of its table: the column, what to write, an example.
    pub headings: [String; 3],
}

/// Writes a template to `out`, which is not there yet.
///
/// # Errors
/// [`WriteError`]; what then lies at `out` is worthless.
pub fn write_template_xlsx(template: &Template, out: &Path) -> Result<(), WriteError> {
    let mut book = Workbook::new();
    to_fill_in(book.add_worksheet(), template)?;
    notes(book.add_worksheet(), template)?;
    book.save(out)?;
    Ok(())
}

fn heading() -> Format {
    Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00DD_EBF7))
        .set_border_bottom(FormatBorder::Thin)
}

fn to_fill_in(page: &mut Worksheet, template: &Template) -> Result<(), XlsxError> {
    page.set_name(&template.sheet)?;
    page.set_right_to_left(template.right_to_left);
    page.set_freeze_panes(1, 0)?;
    for (at, column) in (0..).zip(&template.columns) {
        let wide = column.heading.chars().count() + 4;
        page.set_column_width(at, u32::try_from(wide).unwrap_or(40).clamp(16, 40))?;
        page.set_column_format(at, &look(column.kind))?;
        page.write_string_with_format(0, at, &column.heading, &heading())?;
        if column.kind == FieldKind::Code {
            page.ignore_error_range(1, at, LAST_ROW, at, IgnoreError::NumberStoredAsText)?;
        }
        page.add_data_validation(1, at, LAST_ROW, at, &rule(column, at)?)?;
    }
    page.set_selection(1, 0, 1, 0)?;
    Ok(())
}

/// How the cells of a column look, and what a spreadsheet makes of what is
/// typed into them.
fn look(kind: FieldKind) -> Format {
    match kind {
        FieldKind::Text | FieldKind::Code => Format::new().set_num_format_index(TEXT_FORMAT),
        FieldKind::Money => Format::new().set_num_format_index(AMOUNT_FORMAT),
        FieldKind::Date => Format::new().set_num_format("yyyy-mm-dd"),
    }
}

/// The rule of a column, written for its first cell.
fn rule(column: &TemplateColumn, at: u16) -> Result<DataValidation, XlsxError> {
    let letters = column_name(at);
    let cell = format!("{letters}2");
    let amount = format!(
        "ISNUMBER({cell}),{cell}>0,{cell}<={AMOUNT_MAX},ABS({cell}-ROUND({cell},2))<0.000001"
    );
    let day = format!("ISNUMBER({cell}),INT({cell})={cell}");
    let formula = match column.rule {
        CellRule::Filled => format!("LEN(TRIM({cell}))>0"),
        CellRule::FilledOnce => format!(
            "AND(LEN(TRIM({cell}))>0,SUMPRODUCT(--EXACT(${letters}$2:${letters}${SEARCHED_ROWS},{cell}))<=1)"
        ),
        CellRule::Amount => format!("AND({amount})"),
        CellRule::AmountFrom(other) => {
            let other = column_name(u16::try_from(other).unwrap_or(at));
            format!("AND({amount},{cell}>={other}2)")
        }
        CellRule::DayFromToday | CellRule::DayAskedAbout => format!("AND({day},{cell}>=TODAY())"),
        CellRule::Day => format!("AND({day},{cell}>0)"),
    };
    let style = match column.rule {
        CellRule::DayAskedAbout => DataValidationErrorStyle::Warning,
        _ => DataValidationErrorStyle::Stop,
    };
    let (title, text) = (
        first(&column.heading, TITLE_CHARS),
        first(&column.advice, TEXT_CHARS),
    );
    DataValidation::new()
        .allow_custom(format!("={formula}").as_str().into())
        .set_error_style(style)
        .set_input_title(&title)?
        .set_input_message(&text)?
        .set_error_title(&title)?
        .set_error_message(&text)
}

/// As much of a text as a spreadsheet takes; it counts UTF-16 units.
fn first(text: &str, units: usize) -> String {
    let mut room = units;
    let fits = |c: &char| {
        let fits = c.len_utf16() <= room;
        room = room.saturating_sub(c.len_utf16());
        fits
    };
    text.chars().take_while(fits).collect()
}

fn notes(page: &mut Worksheet, template: &Template) -> Result<(), XlsxError> {
    let notes = &template.notes;
    let text = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    page.set_name(&notes.sheet)?;
    page.set_right_to_left(template.right_to_left);
    for (column, width) in [(0, 28), (1, 76), (2, 22)] {
        page.set_column_width(column, width)?;
    }
    page.write_string_with_format(0, 0, &notes.title, &Format::new().set_bold())?;
    let mut row = 2;
    for line in &notes.lines {
        page.write_string(row, 0, line)?;
        row += 1;
    }
    row += 1;
    for (column, text) in (0..).zip(&notes.headings) {
        page.write_string_with_format(row, column, text, &heading())?;
    }
    for column in &template.columns {
        row += 1;
        for (at, cell) in (0..).zip([&column.heading, &column.advice, &column.example]) {
            page.write_string_with_format(row, at, cell, &text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_a_spreadsheet_stops_counting() {
        assert_eq!(first("short", 32), "short");
        assert_eq!(first(&"x".repeat(300), 255).len(), 255);
        // Two units each.
        assert_eq!(first(&"💰".repeat(20), 32).chars().count(), 16);
        assert_eq!(first("ab💰c", 3), "ab");
    }
}
