//! From one sheet to the next: its headings are looked for among its first lines, and it is read by
//! them, or left as a whole.

use std::sync::{Arc, OnceLock};

use super::finding::{self, Search};
use super::{HELD_BYTES, SheetInfo, SheetReader};
use crate::book_door::DoorSheet;
use crate::claims::Claim;
use crate::dates::read_date;
use crate::header::{HEADINGS_MIN, Match};
use crate::headings::{date_order, normal, other_money};
use crate::holds::{Hold, HoldWhy, Place, Shown};
use crate::judge::Verdict;
use crate::matched::ColumnMatch;
use crate::money::read_amount;
use crate::remarks::{Remark, SheetWhy};
use crate::row::{CellKind, DateAbove, Plan, SheetRow};
use crate::titles::{Part, part};
use crate::unreadable::Unreadable;
use crate::unused::{Matched, Unused};
use crate::watch::Watch;
use crate::workbook_check::Seen;
use crate::{Field, FieldKind};

impl SheetReader {
    /// Goes to the next sheet and looks for its headings; `false` if there is
    /// none.
    pub(super) fn next_sheet(&mut self) -> Result<bool, Unreadable> {
        let next = self.door.next_sheet()?;
        for left in self.door.left() {
            self.left_out.sheet(&left.sheet, 1, left.why);
        }
        let Some(sheet) = next else {
            return Ok(false);
        };
        self.in_sheet = true;
        self.declared_columns = sheet.declared_columns;
        self.replay.clear();
        let mut held = 0;
        while self.replay.len() < self.options.limits.header_lines && held < HELD_BYTES {
            let mut line = std::mem::take(&mut self.spare);
            if !self.door.next_line(&mut line)? {
                break;
            }
            if line.filled().next().is_some() {
                held += line.bytes();
                self.replay.push_back(line);
            }
        }
        self.merges.clone_from(&sheet.seen.merges);
        let found = finding::find(
            &self.matcher,
            &sheet.name,
            &self.replay,
            &self.merges,
            &mut self.heading_cells,
        );
        match found {
            Search::Found(index, line) => self.take_sheet(sheet, index, line, None),
            Search::Nearest(at, nearest) => match self.date_above(at, &nearest) {
                Some(above) => self.take_sheet(sheet, at, nearest, Some(above)),
                None => self.leave_sheet(sheet.name, nearest),
            },
            Search::Refused(refusal) => return Err(refusal),
        }
        Ok(true)
    }

    fn take_sheet(
        &mut self,
        sheet: DoorSheet,
        index: usize,
        line: Match,
        above: Option<DateAbove>,
    ) {
        self.end_watch();
        let lower = self
            .replay
            .get(index + 1)
            .filter(|_| !line.second.is_empty());
        let width = self.replay[index]
            .width()
            .max(lower.map_or(0, SheetRow::width));
        (self.has_header, self.lost) = (true, false);
        let mut info = self.info(&line);
        if let Some(above) = &above {
            info.guesses.push(self.options.fields[above.field].name);
            info.notes.push(Remark::DueDateAbove {
                sheet: sheet.name.clone(),
                shown: above.shown.clone(),
                date: above.date,
            });
        }
        info.notes.extend(sheet.notes);
        self.plan = Arc::new(Plan {
            above,
            ..self.plan(&line, width, sheet.epoch_1904)
        });
        let header_row = self.replay[index].number;
        if sheet.seen.last_hidden_row > header_row {
            let why = HoldWhy::HiddenRows {
                rows: sheet.seen.hidden_rows.into(),
                last: sheet.seen.last_hidden_row,
            };
            let sheet = sheet.name.clone();
            self.hold(Hold { sheet, why });
        }
        if sheet.seen.last_struck_row > header_row {
            let why = HoldWhy::StruckRows {
                rows: sheet.seen.struck_rows.into(),
                last: sheet.seen.last_struck_row,
            };
            let sheet = sheet.name.clone();
            self.hold(Hold { sheet, why });
        }
        if let Some(why) = self.rows_above(index, header_row) {
            let sheet = sheet.name.clone();
            self.hold(Hold { sheet, why });
        }
        if !self.is_csv && part(&sheet.name) == Some(Part::NotBilled) {
            let sheet = sheet.name.clone();
            let why = HoldWhy::CalledPaid;
            self.hold(Hold { sheet, why });
        }
        self.sums.sheet();
        let info = SheetInfo {
            name: sheet.name.clone(),
            header_row,
            ..info
        };
        let above = index
            .checked_sub(1)
            .and_then(|above| self.replay.get(above))
            .filter(|above| above.number + 1 == header_row && above.filled().nth(1).is_some())
            .filter(|_| line.second.is_empty())
            .cloned();
        self.begin(info, above.as_ref(), &line, sheet.seen);
        self.names.push(sheet.name);
        for position in 0..=index {
            let Some(mut line) = self.replay.pop_front() else {
                break;
            };
            line.sheet = self.sheets.len() - 1;
            line.page = self.names.len() - 1;
            line.plan = Arc::clone(&self.plan);
            let verdict = if position == index {
                Verdict::Header
            } else {
                Verdict::Above
            };
            self.ready.push_back((line, verdict));
        }
    }

    /// Notes the title of a section, if nobody below it is to be billed.
    pub(super) fn section(&mut self, row: &SheetRow) {
        let Some(cell) = row.filled().next() else {
            return;
        };
        if part(cell.shown) == Some(Part::NotBilled) {
            let title = Shown {
                text: cell.shown.split_whitespace().collect::<Vec<_>>().join(" "),
                row: row.row_number(),
            };
            self.hold(Hold {
                sheet: self.sheets[row.sheet].name.clone(),
                why: HoldWhy::SectionPaid { title },
            });
        }
    }

    /// How the columns of a table are read; `width` cells have its headings in a
    /// text file.
    pub(super) fn plan(&self, line: &Match, width: usize, epoch_1904: bool) -> Plan {
        let fields = &self.options.fields;
        Plan {
            columns: line.columns.clone(),
            kinds: fields.iter().map(|field| field.kind).collect(),
            required: fields.iter().map(|field| field.required).collect(),
            headings: line.headings.clone(),
            token: line.token,
            order: self.options.day_month_order,
            written: line
                .headings
                .iter()
                .map(|heading| date_order(heading))
                .collect(),
            proven: fields.iter().map(|_| OnceLock::new()).collect(),
            second: line
                .second
                .iter()
                .map(|(column, text)| (*column, normal(text)))
                .collect(),
            in_one_line: line.in_one_line(),
            width,
            epoch_1904,
            above: None,
        }
    }

    /// What the headings of a table say; its name and its line are the caller's.
    pub(super) fn info(&self, line: &Match) -> SheetInfo {
        let fields = self.options.fields.iter().enumerate();
        let columns: Vec<ColumnMatch> = fields
            .filter_map(|(index, field)| {
                Some(ColumnMatch {
                    field: field.name,
                    column: line.columns[index]?,
                    heading: line.headings[index].clone(),
                    how: line.hows[index].clone(),
                    examples: Vec::new(),
                })
            })
            .collect();
        let guessed = columns.iter().filter(|column| column.how.is_guess());
        SheetInfo {
            name: String::new(),
            header_row: 0,
            mapping: columns
                .iter()
                .map(|column| (column.field, column.heading.clone()))
                .collect(),
            guesses: guessed.map(|column| column.field).collect(),
            columns,
            headings: line
                .all
                .iter()
                .map(|(_, heading)| heading.clone())
                .collect(),
            unused: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Begins a table: what stands beside its rows is watched from here on.
    pub(super) fn begin(
        &mut self,
        info: SheetInfo,
        above: Option<&SheetRow>,
        line: &Match,
        seen: Seen,
    ) {
        let foreign = self.foreign(&info.name, line);
        foreign.into_iter().for_each(|why| self.hold(why));
        self.watch = Some(Watch::new(
            self.sheets.len(),
            &info.name,
            self.unused(above, line),
            info.header_row,
            &self.options.fields,
            &self.plan,
            seen,
        ));
        self.sheets.push(info);
    }

    /// Lines above the headings that hold an amount and a day where the rows below have them.
    fn rows_above(&self, index: usize, headings: u32) -> Option<HoldWhy> {
        let required = |kind| {
            let fields = self.plan.kinds.iter().zip(&self.plan.required);
            let columns = fields.zip(&self.plan.columns);
            let of_kind = columns.filter(move |((one, required), _)| **one == kind && **required);
            of_kind
                .filter_map(|(_, column)| *column)
                .collect::<Vec<u16>>()
        };
        let (amounts, days) = (required(FieldKind::Money), required(FieldKind::Date));
        if amounts.is_empty() || days.is_empty() {
            return None;
        }
        let order = self.options.day_month_order;
        let has_amount = |row: &SheetRow, column: u16| {
            let cell = row.cell(column);
            cell.kind == CellKind::Number || read_amount(cell.shown).is_ok()
        };
        let has_day = |row: &SheetRow, column: u16| {
            let cell = row.cell(column);
            cell.kind == CellKind::Date || read_date(cell.shown, order, false).is_ok()
        };
        let lines = self.replay.iter().take(index);
        let rows = lines.filter(|row| {
            amounts.iter().all(|column| has_amount(row, *column))
                && days.iter().all(|column| has_day(row, *column))
        });
        let rows: Vec<u32> = rows.map(SheetRow::row_number).collect();
        Some(HoldWhy::RowsAbove {
            rows: rows.len() as u64,
            last: *rows.last()?,
            headings,
        })
    }

    /// Amounts whose heading says that they are no rupees.
    pub(super) fn foreign(&self, sheet: &str, line: &Match) -> Vec<Hold> {
        let fields = self.options.fields.iter().enumerate();
        let money = fields.filter(|(_, field)| field.kind == FieldKind::Money);
        let said = |(index, field): (usize, &Field)| {
            let (column, heading) = (line.columns[index]?, &line.headings[index]);
            let money = other_money(heading)?;
            let own = matches!(line.claims[index], Some(Claim::Own(_)));
            (!own).then(|| Hold {
                sheet: sheet.to_owned(),
                why: HoldWhy::HeadingInOtherMoney {
                    column: Place::of(column, Some(heading)),
                    money,
                    field: field.named(),
                },
            })
        };
        money.filter_map(said).collect()
    }

    /// The columns of the sheet that are not read, by their headings: those of
    /// the header's line, and of the line right above it where that is one of
    /// headings too.
    pub(super) fn unused(&self, above: Option<&SheetRow>, line: &Match) -> Unused {
        let texts = |line: &SheetRow| -> Vec<(u16, String)> {
            let cells = line.filled();
            cells
                .map(|cell| {
                    (
                        cell.column,
                        cell.shown.split_whitespace().collect::<Vec<_>>().join(" "),
                    )
                })
                .collect()
        };
        let matched = Matched {
            fields: &self.options.fields,
            columns: &line.columns,
            headings: &line.headings,
            claims: &line.claims,
            token: line.token,
            asked: line.asked,
        };
        Unused::new(
            &matched,
            line.all.clone(),
            above.map(texts).unwrap_or_default(),
            self.options.limits.columns,
        )
    }

    /// How many fields a table can't do without.
    pub(super) fn required(&self) -> usize {
        let required = self.options.fields.iter().filter(|field| field.required);
        required.count()
    }

    fn leave_sheet(&mut self, name: String, nearest: Match) {
        self.has_header = false;
        if let Some(first) = self.replay.front() {
            self.left_out
                .sheet(&name, first.number, SheetWhy::WithoutHeadings);
            // A sheet that has most of the headings has bills, too.
            if nearest.matched >= HEADINGS_MIN.min(self.required()) {
                let missing = self.matcher.missing(&nearest);
                self.hold(Hold {
                    sheet: name.clone(),
                    why: HoldWhy::LacksHeadings { missing },
                });
            }
            if self
                .nearest
                .as_ref()
                .is_none_or(|best| nearest.matched > best.matched)
            {
                self.nearest = Some(nearest);
            }
        }
        self.names.push(name);
        if !self.whole {
            self.replay.clear();
            self.in_sheet = false;
            self.door.skip_sheet();
        }
    }
}
