//! Columns that are not read, though they have values. They are named, so that
//! nobody believes they were; and one that speaks of money that should have
//! been in the bill (a late fee, or what [`crate::owing`] asks about) holds the
//! file.

use std::iter;

use crate::beside::{UNSAID, heard, is_times, says_nothing};
use crate::claims::Claim;
use crate::flaws::Flaw;
use crate::holds::{FieldNamed, Hold, HoldWhy, Place};
use crate::owing::{Owing, Standing};
use crate::row::{Cell, CellKind, SheetRow, Value};
use crate::sayings::Sayings;
use crate::speaking::speaks_of_late;
use crate::spelling::corrected;
use crate::{Field, FieldKind, column_name};

/// The columns of one sheet that no field has.
#[derive(Debug)]
pub(crate) struct Unused {
    columns: Vec<Column>,
    /// The columns that a line may have.
    columns_max: u16,
    /// The optional amount: what is paid late.
    late: Option<(usize, FieldNamed)>,
    /// Where the amount is taken from.
    amount: Option<Place>,
    /// The amount's own column.
    amount_at: Option<u16>,
    /// The money beside the amount.
    owing: Owing,
    /// What cells say in words.
    sayings: Sayings,
    /// The columns of a row that are looked at; here to be used again.
    met: Vec<u16>,
}

#[derive(Debug, Default, Clone)]
struct Column {
    heading: Option<String>,
    filled: bool,
    /// It speaks of what is paid late.
    late: bool,
    /// Nothing more is to be learnt of it.
    settled: bool,
}

/// Columns further to the right say nothing that is listened to.
const LISTENED_TO_MAX: u16 = 100;

/// How the columns of a sheet were matched.
pub(crate) struct Matched<'a> {
    pub(crate) fields: &'a [Field],
    /// For each field its column.
    pub(crate) columns: &'a [Option<u16>],
    pub(crate) headings: &'a [String],
    /// For each field, how good a claim its column has to it.
    pub(crate) claims: &'a [Option<Claim>],
    /// The hidden column of a fix sheet.
    pub(crate) token: Option<u16>,
    /// The column of another amount, which is asked about.
    pub(crate) asked: Option<u16>,
}

impl Unused {
    /// `headings` are the cells of the header's line; `above` those of the
    /// line on top of it, for columns that have their heading there.
    pub(crate) fn new(
        matched: &Matched<'_>,
        headings: Vec<(u16, String)>,
        above: Vec<(u16, String)>,
        columns_max: u16,
    ) -> Self {
        let money = |required| {
            let is = |field: &&Field| field.kind == FieldKind::Money && field.required == required;
            matched.fields.iter().position(|field| is(&field))
        };
        let late = money(false).map(|index| (index, matched.fields[index].named()));
        let amount = money(true).and_then(|index| Some((index, matched.columns[index]?)));
        let owing = amount.map(|(index, column)| {
            let claim = matched.claims[index].unwrap_or(Claim::LastResort);
            (index, column, Standing::of(claim, &matched.headings[index]))
        });
        let mut unused = Self {
            columns: Vec::new(),
            columns_max,
            late,
            amount: amount.map(|(index, at)| Place::of(at, Some(&matched.headings[index]))),
            amount_at: amount.map(|(_, at)| at),
            owing: Owing::new(owing),
            sayings: Sayings::new(
                matched
                    .fields
                    .iter()
                    .position(|field| field.kind == FieldKind::Date && field.required),
            ),
            met: Vec::new(),
        };
        if let Some(asked) = matched.asked {
            unused.owing.ask(asked);
        }
        for (column, heading) in headings.into_iter().chain(above) {
            unused.column(column).heading.get_or_insert(heading);
        }
        let read: Vec<u16> = matched.columns.iter().flatten().copied().collect();
        for (at, column) in (0u16..).zip(&mut unused.columns) {
            let Some(heading) = &column.heading else {
                continue;
            };
            // A misspelt word says all the same what it was meant to say.
            let readings = || iter::once(heading.clone()).chain(corrected(heading));
            column.late = late.is_some() && readings().any(|reading| speaks_of_late(&reading));
            if !column.late
                && !read.contains(&at)
                && let Some(heard) = readings().find_map(|reading| heard(&reading))
            {
                unused.owing.column(at, heard);
            }
        }
        for at in unused.unsaid(&read, matched) {
            unused.owing.column(at, UNSAID);
        }
        unused.listen(&read, matched.token);
        for column in matched
            .columns
            .iter()
            .flatten()
            .copied()
            .chain(matched.token)
        {
            unused.column(column).settled = true;
        }
        unused
    }

    /// The columns whose headings say nothing and whose cells may be money all the
    /// same: beside the amount, or behind it with nothing but columns that are
    /// read or are money between.
    fn unsaid(&self, read: &[u16], matched: &Matched<'_>) -> Vec<u16> {
        let Some(amount) = self.amount_at else {
            return Vec::new();
        };
        let last = (0u16..)
            .zip(&self.columns)
            .filter_map(|(at, column)| column.heading.as_ref().map(|_| at))
            .last()
            .unwrap_or(amount);
        let is_money = |at: &u16| {
            let field = matched
                .columns
                .iter()
                .position(|column| column == &Some(*at));
            field.is_some_and(|field| matched.fields[field].kind == FieldKind::Money)
        };
        let mut found = Vec::new();
        // Whether to look further behind this one.
        let mut walk = |at: u16, passed: &dyn Fn(&u16) -> bool| {
            if passed(&at) {
                return true;
            }
            let heading = self.columns.get(usize::from(at));
            let heading = heading.and_then(|column| column.heading.as_deref());
            let said = heading.filter(|text| text.chars().any(char::is_alphanumeric));
            if matched.token == Some(at) {
                return true;
            }
            match said {
                Some(text) if speaks_of_late(text) || heard(text).is_some() => true,
                Some(text) if !says_nothing(text) => false,
                _ => {
                    found.push(at);
                    true
                }
            }
        };
        for at in amount + 1..=last.saturating_add(1).min(self.columns_max) {
            if !walk(at, &|at| read.contains(at)) {
                break;
            }
        }
        for at in (0..amount).rev() {
            if !walk(at, &is_money) || read.contains(&at) && !is_money(&at) {
                break;
            }
        }
        found.retain(|at| !read.contains(at));
        found
    }

    /// Listens to what is said in words in the columns that are not read.
    fn listen(&mut self, read: &[u16], token: Option<u16>) {
        let last = u16::try_from(self.columns.len()).unwrap_or(u16::MAX);
        for at in 0..=last.min(LISTENED_TO_MAX) {
            if read.contains(&at) || token == Some(at) {
                continue;
            }
            let heading = self.columns.get(usize::from(at));
            let heading = heading.and_then(|column| column.heading.clone());
            self.sayings.column(at, heading.as_deref());
            if heading.is_some_and(|heading| is_times(&heading)) {
                self.owing.times(at);
            }
        }
    }

    fn column(&mut self, column: u16) -> &mut Column {
        let at = usize::from(column);
        if self.columns.len() <= at {
            self.columns.resize(at + 1, Column::default());
        }
        &mut self.columns[at]
    }

    /// Looks at a line below the headings for headings of columns that have
    /// none: those of two amounts often stand in a second line, below one
    /// heading for both.
    pub(crate) fn second_headings(&mut self, row: &SheetRow) {
        let late = self.late.is_some();
        for cell in row.filled() {
            let column = self.column(cell.column);
            if column.heading.is_some() || column.settled || cell.kind != CellKind::Text {
                continue;
            }
            let speaks = late && speaks_of_late(cell.shown);
            let money = heard(cell.shown).filter(|_| !speaks);
            if speaks || money.is_some() {
                column.heading = Some(cell.shown.split_whitespace().collect::<Vec<_>>().join(" "));
                column.late = speaks;
            }
            if speaks {
                self.owing.no_money(cell.column);
            }
            if let Some(heard) = money {
                self.owing.column(cell.column, heard);
            }
        }
    }

    /// Looks at a row; says why the file waits, if it does.
    pub(crate) fn row(&mut self, sheet: &str, row: &SheetRow) -> Vec<Hold> {
        let mut met = std::mem::take(&mut self.met);
        met.clear();
        let unsettled = |column: u16| {
            let known = self.columns.get(usize::from(column));
            known.is_none_or(|column| !column.settled)
        };
        row.filled_among(self.columns_max, unsettled, |cell| met.push(cell.column));
        let mut found = Vec::new();
        for at in &met {
            let late = self.late;
            let column = self.column(*at);
            column.filled = true;
            if column.late {
                // The late amount may be there, whatever it is made of.
                let is_there = |(field, _)| row.entry(field).value != Value::Blank;
                if !is_an_amount(&row.cell(*at)) || late.is_some_and(is_there) {
                    continue;
                }
                found.push(*at);
            }
            column.settled = true;
        }
        self.met = met;
        self.owing.row(row);
        self.sayings.row(row);
        found
            .into_iter()
            .filter_map(|column| self.reason(sheet, column, row))
            .collect()
    }

    fn reason(&self, sheet: &str, at: u16, row: &SheetRow) -> Option<Hold> {
        let (_, field) = self.late?;
        Some(Hold {
            sheet: sheet.to_owned(),
            why: HoldWhy::LateNotRead {
                column: self.place(at),
                field,
                amount: self.amount.clone(),
                within: self.without(at, row).map(|at| self.place(at)),
            },
        })
    }

    /// The column that holds the amount of a row without what is paid late, where
    /// the amount that is read has that in it.
    fn without(&self, late: u16, row: &SheetRow) -> Option<u16> {
        let money = |at: u16| match row.cell(at).as_amount() {
            Value::Money(minor) => Some(minor),
            _ => None,
        };
        let amount = self.amount_at?;
        let rest = money(amount)?.checked_sub(money(late)?)?;
        let mut others = row.filled().map(|cell| cell.column);
        others.find(|at| *at != amount && *at != late && money(*at) == Some(rest))
    }

    /// Why the file waits for its amounts, known at the table's end.
    pub(crate) fn owing(&self, sheet: &str) -> Vec<Hold> {
        let mut reasons = self.owing.reasons(sheet, |at| self.place(at));
        reasons.extend(self.sayings.reasons(sheet, |at| self.place(at)));
        reasons
    }

    /// The headings of the columns that have values, from the left; one
    /// without a heading by its letters.
    pub(crate) fn headings(&self, matched: &[Option<u16>], token: Option<u16>) -> Vec<String> {
        (0u16..)
            .zip(&self.columns)
            .filter(|(at, column)| {
                column.filled && !matched.contains(&Some(*at)) && token != Some(*at)
            })
            .map(|(at, column)| {
                column
                    .heading
                    .clone()
                    .unwrap_or_else(|| format!("column {}", column_name(at)))
            })
            .collect()
    }

    /// The columns that have a heading.
    pub(crate) fn headed(&self) -> Vec<u16> {
        let columns = (0u16..).zip(&self.columns);
        let headed = columns.filter(|(_, column)| column.heading.is_some() || column.settled);
        headed.map(|(at, _)| at).collect()
    }

    /// Whether a column that is not read has values.
    pub(crate) fn is_filled(&self, column: u16) -> bool {
        self.columns
            .get(usize::from(column))
            .is_some_and(|column| column.filled)
    }

    /// Where a column stands, with its heading: `F “Late Fee”`.
    pub(crate) fn place(&self, column: u16) -> Place {
        let known = self.columns.get(usize::from(column));
        Place::of(column, known.and_then(|column| column.heading.as_deref()))
    }
}

/// Whether a cell holds money or a rate, and not none of it.
fn is_an_amount(cell: &Cell<'_>) -> bool {
    let rate = cell.shown.trim().trim_end_matches('%');
    let amount = if cell.kind == CellKind::Text && rate.len() < cell.shown.trim().len() {
        crate::money::read_amount(rate).map_or_else(Value::Wrong, Value::Money)
    } else {
        cell.as_amount()
    };
    match amount {
        Value::Money(minor) => minor != 0,
        // Too fine or too large an amount is one all the same.
        Value::Wrong(flaw) => matches!(
            flaw,
            Flaw::TooManyDecimals | Flaw::TooLarge | Flaw::Percentage | Flaw::OtherCurrency(_)
        ),
        _ => false,
    }
}
