//! The cells of a workbook, streamed. The parser borrows the workbook while
//! it reads, so it runs on a thread of its own and sends lines in batches;
//! reading and checking then take two cores, and a parser that panics costs
//! one file. Only the streaming reader is used: a range would ask for memory
//! for the whole grid that the file claims.

use std::collections::HashSet;
use std::io::BufReader;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Style, Xlsx, XlsxError};

use crate::cell_styles::CellStyles;
use crate::limits::Limits;
use crate::lines::{Event, Lines, begun};
use crate::number_cells::{write_date, write_month, write_number};
use crate::number_formats::{NumberFormat, PLAIN};
use crate::row::CellKind;
use crate::source::{Bytes, Source};
use crate::unreadable::Unreadable;
use crate::walk::{Listed, Stop};
use crate::workbook_check::Checked;

type Book = Xlsx<BufReader<Bytes>>;

/// Reads a workbook to its end. `skip` holds how many sheets, from the first,
/// are no longer wanted.
pub(crate) fn read(
    source: &Source,
    limits: &Limits,
    checked: &Checked,
    events: &SyncSender<Event>,
    skip: &AtomicUsize,
) {
    let last = match read_book(source, limits, checked, events, skip) {
        Ok(()) => Event::End,
        Err(Stop::Unwanted) => return,
        Err(Stop::Refused(refusal)) => Event::Failed(refusal),
    };
    // If nobody listens any more, nobody misses it.
    let _ = events.send(last);
}

fn open(source: &Source) -> Result<Book, Unreadable> {
    Book::new(BufReader::new(source.open()?)).map_err(refusal)
}

fn refusal(error: XlsxError) -> Unreadable {
    match error {
        XlsxError::Io(error) => Unreadable::from_reading(error),
        XlsxError::Password => Unreadable::Encrypted,
        // An error newer than the parser; it does not say in which cell.
        XlsxError::CellError(text) => {
            Unreadable::damaged(format!("one of its cells shows the error {text}"))
        }
        // How the parser says that a name such as `B7` names no cell.
        XlsxError::RangeWithoutRowComponent
        | XlsxError::RangeWithoutColumnComponent
        | XlsxError::Alphanumeric(_)
        | XlsxError::NumericColumn(_)
        | XlsxError::ColumnNumberOverflow
        | XlsxError::RowNumberOverflow
        | XlsxError::DimensionCount(_) => {
            Unreadable::damaged("one of its rows or cells does not say where it stands")
        }
        other => Unreadable::damaged(other),
    }
}

fn read_book(
    source: &Source,
    limits: &Limits,
    checked: &Checked,
    events: &SyncSender<Event>,
    skip: &AtomicUsize,
) -> Result<(), Stop> {
    let send = |event| events.send(event).map_err(|_| Stop::Unwanted);
    let mut book = open(source)?;
    let mut names = HashSet::new();
    let mut ordinal = 0;
    for sheet in book.sheets_metadata().to_vec() {
        if !names.insert(sheet.name.to_lowercase()) {
            let why = format!("two of its sheets are named `{}`", sheet.name);
            return Err(Unreadable::damaged(why).into());
        }
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        if sheet.visible != SheetVisible::Visible {
            send(Event::Hidden(sheet.name))?;
            continue;
        }
        ordinal += 1;
        let epoch_1904 = book.has_1904_epoch();
        let mut reader = match book.worksheet_cells_reader(&sheet.name) {
            Err(XlsxError::NotAWorksheet(_)) => continue,
            other => other.map_err(refusal)?,
        };
        let seen = checked.sheets.get(&sheet.name).cloned();
        // Every sheet was looked through; of one that was not, nothing is known.
        let formulas = seen.as_ref().is_none_or(|seen| seen.formulas);
        let seen = seen.unwrap_or_default();
        let formats: Vec<Option<NumberFormat>> = reader.styles().iter().map(format_of).collect();
        let wants_formats = formats.iter().any(Option::is_some);
        // The parser tells formulas or styles, not both.
        let mut styles = None;
        if wants_formats && formulas {
            let part = checked.parts.get(&sheet.name).copied();
            let lost =
                || Unreadable::damaged(format!("nothing says where its sheet `{}` is", sheet.name));
            let wanted = formats.iter().map(Option::is_some).collect();
            styles = Some(CellStyles::of(source, part.ok_or_else(lost)?, wanted)?);
        }
        let listed = Listed {
            name: sheet.name.clone(),
            hidden: false,
            epoch_1904,
            declared_columns: u64::from(reader.dimensions().end.1).saturating_add(1),
        };
        send(Event::Sheet(Box::new(begun(&listed, seen, limits))))?;
        let mut lines = Lines::new(limits, false);
        loop {
            let mut format = None;
            if wants_formats && !formulas {
                let Some((cell, style)) = reader.next_cell_with_style_id().map_err(refusal)? else {
                    break;
                };
                format = formats.get(style).and_then(Option::as_ref);
                put(
                    &mut lines,
                    cell.get_position(),
                    cell.get_value(),
                    false,
                    format,
                )?;
            } else {
                let next = reader.next_cell_with_formula_metadata().map_err(refusal)?;
                let Some(cell) = next else {
                    break;
                };
                if let Some(styles) = &mut styles {
                    let style = styles.at(cell.pos)?;
                    format = style.and_then(|style| formats[style].as_ref());
                }
                put(
                    &mut lines,
                    cell.pos,
                    &cell.value,
                    cell.formula.is_some(),
                    format,
                )?;
            }
            if lines.is_full() {
                send(Event::Lines(lines.batch()))?;
                if skip.load(Ordering::Relaxed) >= ordinal {
                    break;
                }
            }
        }
        lines.end_sheet()?;
        if let Some(rest) = lines.rest() {
            send(Event::Lines(rest))?;
        }
        send(Event::SheetEnd)?;
    }
    Ok(())
}

/// What a style shows beside a number's digits. The formats that come with
/// every spreadsheet show money as the machine they are opened on does.
fn format_of(style: &Style) -> Option<NumberFormat> {
    const FIRST_OWN: u32 = 164;
    let format = style.number_format.as_ref()?;
    let own = format.format_id.is_none_or(|id| id >= FIRST_OWN);
    match NumberFormat::parse(&format.format_code) {
        NumberFormat::Digits(digits) if !own && digits.is_foreign() => None,
        NumberFormat::Day | NumberFormat::Plain => None,
        format => Some(format),
    }
}

fn put(
    lines: &mut Lines<'_>,
    (row, column): (u32, u32),
    value: &DataRef<'_>,
    has_formula: bool,
    format: Option<&NumberFormat>,
) -> Result<(), Unreadable> {
    match is_blank(value, has_formula) {
        true => Ok(()),
        false => lines.put(row, column, |text| write_value(text, value, format)),
    }
}

fn is_blank(value: &DataRef<'_>, has_formula: bool) -> bool {
    match value {
        DataRef::Empty => !has_formula,
        DataRef::String(text) => text.is_empty(),
        DataRef::SharedString(text) => text.is_empty(),
        _ => false,
    }
}

/// Writes what the sheet shows, and behind it, where a number format shows
/// something else, the number itself; tells the length of the latter.
fn write_value(
    text: &mut String,
    value: &DataRef<'_>,
    format: Option<&NumberFormat>,
) -> (CellKind, usize) {
    match value {
        DataRef::Empty => (CellKind::Uncalculated, 0),
        DataRef::Bool(truth) => {
            text.push_str(if *truth { "TRUE" } else { "FALSE" });
            (CellKind::Truth, 0)
        }
        DataRef::Error(error) => {
            text.push_str(&error.to_string());
            (CellKind::Error, 0)
        }
        DataRef::String(string) | DataRef::DateTimeIso(string) | DataRef::DurationIso(string) => {
            text.push_str(string);
            (text_kind(format), 0)
        }
        DataRef::SharedString(string) => {
            text.push_str(string);
            (text_kind(format), 0)
        }
        DataRef::DateTime(date)
            if date.is_datetime() && (1.0..2_958_466.0).contains(&date.as_f64()) =>
        {
            if format == Some(&NumberFormat::Month) {
                return write_month(text, date);
            }
            write_date(text, date);
            (CellKind::Date, 0)
        }
        DataRef::DateTime(date) => write_number(text, date.as_f64(), PLAIN, false),
        // Which numbers are days, the parser has told.
        DataRef::Float(value) => {
            let format = format.filter(|format| **format != NumberFormat::Month);
            write_number(text, *value, format.unwrap_or(PLAIN), false)
        }
        DataRef::Int(value) => {
            text.push_str(&value.to_string());
            (CellKind::Number, 0)
        }
    }
}

/// A text that its format does not show is none that anybody has seen.
fn text_kind(format: Option<&NumberFormat>) -> CellKind {
    match format.is_some_and(NumberFormat::hides_texts) {
        true => CellKind::Masked,
        false => CellKind::Text,
    }
}
