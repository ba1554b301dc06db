//! The reader of one file: sheets in order, their headings found, and every
//! line below them judged. It takes lines from a door (a text file, a
//! workbook, somebody else) and knows no format.

mod above;
mod finding;
mod rubbish;
mod sheets;
mod survey;
mod tables;
mod worded;

use std::collections::VecDeque;
use std::mem::discriminant;
use std::path::Path;
use std::sync::Arc;

use crate::ReadOptions;
use crate::door::Door;
use crate::header::{Match, Matcher};
use crate::holds::{Hold, HoldWhy};
use crate::judge::{Look, Verdict, is_section};
use crate::left_out::LeftOutList;
use crate::matched::ColumnMatch;
use crate::merged::Ranges;
use crate::remarks::{LineWhy, Remark};
use crate::row::{Plan, SheetRow};
use crate::sums::{Summed, Sums};
use crate::unreadable::Unreadable;
use crate::watch::Watch;
use rubbish::Rubbish;
use survey::{Origin, Survey};
use tables::Headings;

/// A sheet whose headings were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetInfo {
    /// The sheet's name; for a CSV the file's name without its ending.
    pub name: String,
    /// The line of the headings, from 1.
    pub header_row: u32,
    /// Field name and heading, as written, for every field that has a column.
    pub mapping: Vec<(&'static str, String)>,
    /// The same, with the columns, the grounds, and what stands in them.
    pub columns: Vec<ColumnMatch>,
    /// Fields whose column was guessed and not recognised.
    pub guesses: Vec<&'static str>,
    /// Every heading of that line.
    pub headings: Vec<String>,
    /// Headings of the columns that have values and are not read, from the
    /// left; one without a heading by its letters. Known at the sheet's end.
    pub unused: Vec<String>,
    /// What is worth saying of the sheet: merged cells, hidden columns.
    /// Complete at the sheet's end.
    pub notes: Vec<Remark>,
}

/// Opens a sheet, told by its content and not by its name, and finds the
/// first headings. `file_name` names the sheet of a CSV.
///
/// # Errors
/// [`Unreadable`], each with a sentence that says what to do.
pub fn open(
    path: &Path,
    file_name: &str,
    options: &ReadOptions,
) -> Result<SheetReader, Unreadable> {
    open_as(path, file_name, options, false)
}

/// As [`open`]; `whole` also brings the lines of sheets without headings.
pub(crate) fn open_as(
    path: &Path,
    file_name: &str,
    options: &ReadOptions,
    whole: bool,
) -> Result<SheetReader, Unreadable> {
    let matcher = Matcher::new(options);
    let door = Door::open(path, file_name, options, &matcher)?;
    let is_csv = door.is_csv();
    let mut reader = SheetReader {
        door,
        matcher,
        options: options.clone(),
        whole,
        is_csv,
        sheets: Vec::new(),
        names: Vec::new(),
        plan: Arc::default(),
        in_sheet: false,
        has_header: false,
        lost: false,
        losses: 0,
        heading_cells: options.limits.heading_cells,
        replay: VecDeque::new(),
        waiting: VecDeque::new(),
        waiting_bytes: 0,
        rubbish: Rubbish::default(),
        ready: VecDeque::new(),
        spare: SheetRow::default(),
        left_out: LeftOutList::default(),
        nearest: None,
        rows: 0,
        declared_columns: 0,
        holds: Vec::new(),
        watch: None,
        sums: Sums::new(options),
        summed: None,
        origin: Origin::new(path, file_name),
        survey: None,
        merges: Ranges::default(),
    };
    // Whoever copies the whole file has read it before.
    while !whole && reader.sheets.is_empty() {
        if !reader.next_sheet()? {
            return Err(match reader.nearest.take() {
                Some(nearest) => reader.matcher.no_columns(nearest),
                None if is_csv => Unreadable::Empty,
                None => Unreadable::NothingFilled,
            });
        }
    }
    Ok(reader)
}

/// The sheets of one file, read as a stream.
pub struct SheetReader {
    door: Door,
    matcher: Matcher,
    options: ReadOptions,
    whole: bool,
    is_csv: bool,
    sheets: Vec<SheetInfo>,
    /// The names of all sheets whose lines are brought, headings or not.
    names: Vec<String>,
    plan: Arc<Plan>,
    in_sheet: bool,
    has_header: bool,
    /// Headings were met that can't be read; what follows is left out.
    lost: bool,
    /// How often headings were met by which nothing can be read.
    losses: usize,
    /// Cells that may still be looked at for the headings of sheets.
    heading_cells: usize,
    /// The first lines of a sheet, read while looking for the headings.
    replay: VecDeque<SheetRow>,
    /// Lines that are judged by what follows.
    waiting: VecDeque<(SheetRow, Look)>,
    /// Bytes of their texts.
    waiting_bytes: usize,
    rubbish: Rubbish,
    /// Lines that are judged.
    ready: VecDeque<(SheetRow, Verdict)>,
    spare: SheetRow,
    left_out: LeftOutList,
    nearest: Option<Match>,
    rows: u64,
    declared_columns: u16,
    holds: Vec<Hold>,
    watch: Option<Watch>,
    sums: Sums,
    /// What the sums say of the line that was judged last.
    summed: Option<Hold>,
    origin: Origin,
    /// A second reading that runs ahead, where dates ask for one.
    survey: Option<Survey>,
    /// The merged cells of the sheet.
    merges: Ranges,
}

/// More lines than this that look like notes are rows after all.
const WAITING: usize = 200;

/// Reasons of one kind that are said one by one; of the others, how many there are. Each is said of a
/// file once, and a file may have a totals row for each of a thousand classes.
const HOLDS_OF_A_KIND: usize = 5;

/// Bytes of lines that are held at once, be it to find the headings or to see
/// what follows.
const HELD_BYTES: usize = 8 << 20;

impl SheetReader {
    /// Reads the next row into `row`; `false` at the end of the file.
    ///
    /// # Errors
    /// [`Unreadable`] if the file turns out broken or without rows: then the
    /// rows already given are void too.
    pub fn next_row(&mut self, row: &mut SheetRow) -> Result<bool, Unreadable> {
        while let Some(verdict) = self.next_line(row)? {
            if self.rows + self.left_out.len() as u64 >= self.options.limits.file_lines {
                let limit = format!("{} lines a file", self.options.limits.file_lines);
                return Err(Unreadable::too_large("it has too many lines", limit));
            }
            if matches!(verdict, Verdict::Row | Verdict::LeftOut(_))
                && let Some(watch) = &mut self.watch
            {
                watch.line(row);
            }
            if matches!(verdict, Verdict::Row | Verdict::LeftOut(_))
                && let Some(why) = self.other_date_below(row)
            {
                self.hold(why);
            }
            match verdict {
                Verdict::Row => {
                    self.rows += 1;
                    let reasons = self.watch.as_mut().map(|watch| watch.row(row));
                    let reasons = reasons.into_iter().flatten().chain(self.summed.take());
                    let reasons: Vec<Hold> = reasons.collect();
                    reasons.into_iter().for_each(|why| self.hold(why));
                    return Ok(true);
                }
                Verdict::LeftOut(why) => {
                    if let Some(why) = self.summed.take() {
                        self.hold(why);
                    }
                    if why == LineWhy::Section {
                        self.section(row);
                    }
                    let sheet = &self.sheets[row.sheet].name;
                    self.left_out.line(sheet, row.number, why);
                }
                Verdict::Above | Verdict::Header | Verdict::Foreign => {}
            }
        }
        self.end_watch();
        if self.rows == 0 {
            Err(Unreadable::NoRows)
        } else {
            Ok(false)
        }
    }

    /// The sheets whose headings were found so far, in the file's order; all
    /// of them once [`SheetReader::next_row`] has said `false`.
    pub fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    /// What was left out since the last call.
    pub fn left_out(&mut self) -> LeftOutList {
        std::mem::take(&mut self.left_out)
    }

    /// Why the file as a whole should wait for a person, if it should.
    pub fn holds(&self) -> &[Hold] {
        &self.holds
    }

    /// What is worth saying of the file as a whole: hidden sheets that were
    /// left, macros that were not run.
    pub fn notes(&self) -> &[Remark] {
        self.door.notes()
    }

    /// Whether the file is a text file (CSV, TSV) and not a workbook.
    pub fn is_csv(&self) -> bool {
        self.is_csv
    }

    /// The character between the cells of a text file.
    pub(crate) fn delimiter(&self) -> u8 {
        self.door.delimiter()
    }

    /// The name of the sheet that a line stands on, headings or not.
    pub(crate) fn page_name(&self, row: &SheetRow) -> &str {
        self.names.get(row.page).map_or("", String::as_str)
    }

    /// How many columns the sheet says it has. A hint.
    pub(crate) fn declared_columns(&self) -> u16 {
        self.declared_columns
    }

    /// One more reason why the file waits.
    fn hold(&mut self, why: Hold) {
        let kind = discriminant(&why.why);
        let is_alike = |one: &Hold| discriminant(&one.why) == kind;
        let alike = self.holds.iter().filter(|one| is_alike(one)).count();
        if alike < HOLDS_OF_A_KIND {
            let at = self.holds.iter().rposition(is_alike);
            let at = at.map_or(self.holds.len(), |at| at + 1);
            return self.holds.insert(at, why);
        }
        let after = self.holds.iter().rposition(is_alike).unwrap_or(0) + 1;
        match self.holds.get_mut(after) {
            Some(Hold {
                sheet,
                why: HoldWhy::More { count },
            }) => {
                *count += 1;
                *sheet = why.sheet;
            }
            _ => {
                let more = HoldWhy::More { count: 1 };
                let sheet = why.sheet;
                self.holds.insert(after, Hold { sheet, why: more });
            }
        }
    }

    /// Notes what was seen of the sheet that ended.
    fn end_watch(&mut self) {
        let Some(watch) = self.watch.take() else {
            return;
        };
        let sheet = &mut self.sheets[watch.sheet];
        let watched = watch.end(&self.plan);
        sheet.unused = watched.unused;
        for (column, examples) in sheet.columns.iter_mut().zip(watched.examples) {
            column.examples = examples;
        }
        sheet.notes.extend(watched.notes);
        watched.holds.into_iter().for_each(|why| self.hold(why));
    }

    /// The next line that is not blank, and what it is; `None` at the end.
    /// Lines come in order, and how the dates of a row are read is settled.
    pub(crate) fn next_line(&mut self, row: &mut SheetRow) -> Result<Option<Verdict>, Unreadable> {
        let verdict = self.judged_line(row)?;
        let sheet = || self.sheets[row.sheet].name.as_str();
        match verdict {
            Some(Verdict::Row) => match self.sums.row(sheet(), row) {
                Summed::Row(why) => {
                    self.summed = why;
                    self.settle_dates(row)?;
                }
                Summed::Total(why) => {
                    self.summed = why;
                    return Ok(Some(Verdict::LeftOut(LineWhy::TotalOfRows)));
                }
            },
            Some(Verdict::LeftOut(why)) if why.is_total() => {
                self.summed = self.sums.total(sheet(), row);
            }
            _ => {}
        }
        Ok(verdict)
    }

    fn judged_line(&mut self, row: &mut SheetRow) -> Result<Option<Verdict>, Unreadable> {
        loop {
            if let Some((line, verdict)) = self.ready.pop_front() {
                *row = line;
                return Ok(Some(verdict));
            }
            if !self.in_sheet {
                if !self.next_sheet()? {
                    return Ok(None);
                }
                continue;
            }
            if !self.read_line(row)? {
                self.in_sheet = false;
                self.settle_waiting(false);
                continue;
            }
            if !self.has_header {
                return Ok(Some(Verdict::Foreign));
            }
            let looks = match self.headings(row)? {
                Headings::Table(_) | Headings::Unclear(_) if !self.waiting.is_empty() => {
                    // What waits belongs to the table above, and this line comes again.
                    self.settle_waiting(false);
                    self.replay.push_front(std::mem::take(row));
                    continue;
                }
                Headings::Table(line) => {
                    self.take_table(row, line)?;
                    return Ok(Some(Verdict::Header));
                }
                Headings::Unclear(line) => {
                    self.lose(row, &line)?;
                    return Ok(Some(Verdict::LeftOut(LineWhy::UnclearHeadings)));
                }
                Headings::Same => {
                    self.lost = false;
                    Look::LeftOut(LineWhy::HeadingsAgain)
                }
                Headings::None if self.lost && row.filled().next().is_some() => {
                    return Ok(Some(Verdict::LeftOut(LineWhy::BelowUnclear)));
                }
                Headings::None => self.rubbish.look(row),
            };
            let looks = match looks {
                Look::Below(_) if is_section(row, &self.merges) => Look::LeftOut(LineWhy::Section),
                looks => looks,
            };
            match looks {
                Look::Blank => {}
                Look::Row if self.waiting.is_empty() => return Ok(Some(Verdict::Row)),
                Look::LeftOut(why) if self.waiting.is_empty() => {
                    return Ok(Some(Verdict::LeftOut(why)));
                }
                Look::Row => {
                    self.settle_waiting(true);
                    self.ready.push_back((row.clone(), Verdict::Row));
                }
                other => {
                    self.waiting_bytes += row.bytes();
                    self.waiting.push_back((row.clone(), other));
                    if self.waiting.len() > WAITING || self.waiting_bytes > HELD_BYTES {
                        self.settle_waiting(true);
                    }
                }
            }
        }
    }

    /// Reads a line of the sheet, those first that were read for the headings.
    fn read_line(&mut self, row: &mut SheetRow) -> Result<bool, Unreadable> {
        if let Some(line) = self.replay.pop_front() {
            *row = line;
        } else if !self.door.next_line(row)? {
            return Ok(false);
        }
        row.sheet = self.sheets.len().saturating_sub(1);
        row.page = self.names.len().saturating_sub(1);
        if !Arc::ptr_eq(&row.plan, &self.plan) {
            row.plan = Arc::clone(&self.plan);
        }
        Ok(true)
    }

    fn settle_waiting(&mut self, row_follows: bool) {
        self.waiting_bytes = 0;
        for (line, look) in self.waiting.drain(..) {
            let verdict = match (look, row_follows) {
                (Look::Below(_), true) => Verdict::Row,
                (Look::Below(why) | Look::Aside(_, why), false) | (Look::Aside(why, _), true) => {
                    Verdict::LeftOut(why)
                }
                (Look::LeftOut(why), _) => Verdict::LeftOut(why),
                (Look::Row | Look::Blank, _) => Verdict::Row,
            };
            self.ready.push_back((line, verdict));
        }
    }
}
