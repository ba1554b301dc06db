//! Columns that are not read, though they have values. They are named, so that
//! nobody believes they were; and one that speaks of money that should have
//! been in the bill (a late fee, a second charge) holds the file.

use crate::flaws::Flaw;
use crate::row::{Cell, CellKind, SheetRow, Value};
use crate::speaking::{speaks_of_charges, speaks_of_late};
use crate::{Field, FieldKind, column_name};

/// The columns of one sheet that no field has.
#[derive(Debug, Default)]
pub(crate) struct Unused {
    columns: Vec<Column>,
    /// The columns that a line may have.
    columns_max: u16,
    /// The optional amount: what is paid late.
    late: Option<(usize, &'static str)>,
    /// The amount, if its column may hold only a part of what is to be paid.
    part: Option<Part>,
    /// Where the amount is taken from.
    amount: Option<String>,
    /// The columns of a row that are looked at; here to be used again.
    met: Vec<u16>,
}

#[derive(Debug)]
struct Part {
    place: String,
    label: &'static str,
}

#[derive(Debug, Default, Clone)]
struct Column {
    heading: Option<String>,
    filled: bool,
    /// What its cells are looked at for.
    speaks: Option<Speaks>,
    /// Nothing more is to be learnt of it.
    settled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speaks {
    Late,
    Charges,
}

/// How the columns of a sheet were matched.
pub(crate) struct Matched<'a> {
    pub(crate) fields: &'a [Field],
    /// For each field its column.
    pub(crate) columns: &'a [Option<u16>],
    pub(crate) headings: &'a [String],
    /// For each field, whether its column may hold only a part of it.
    pub(crate) parts: &'a [bool],
    /// The hidden column of a fix sheet.
    pub(crate) token: Option<u16>,
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
        let late = money(false).map(|index| (index, matched.fields[index].label));
        let of_amount = |index: usize| {
            Some(Part {
                place: place(matched.columns[index]?, Some(&matched.headings[index])),
                label: matched.fields[index].label,
            })
        };
        let amount = money(true).and_then(of_amount).map(|amount| amount.place);
        let part = money(true)
            .filter(|index| matched.parts[*index])
            .and_then(of_amount);
        let mut unused = Self {
            columns: Vec::new(),
            columns_max,
            late,
            part,
            amount,
            met: Vec::new(),
        };
        for (column, heading) in headings.into_iter().chain(above) {
            unused.column(column).heading.get_or_insert(heading);
        }
        for column in &mut unused.columns {
            let Some(heading) = &column.heading else {
                continue;
            };
            if late.is_some() && speaks_of_late(heading) {
                column.speaks = Some(Speaks::Late);
            } else if unused.part.is_some() && speaks_of_charges(heading) {
                column.speaks = Some(Speaks::Charges);
            }
        }
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
        if self.late.is_none() {
            return;
        }
        for cell in row.filled() {
            let column = self.column(cell.column);
            if column.heading.is_none()
                && !column.settled
                && cell.kind == CellKind::Text
                && speaks_of_late(cell.shown)
            {
                column.heading = Some(cell.shown.split_whitespace().collect::<Vec<_>>().join(" "));
                column.speaks = Some(Speaks::Late);
            }
        }
    }

    /// Looks at a row; says why the file waits, if it does.
    pub(crate) fn row(&mut self, sheet: &str, row: &SheetRow) -> Option<String> {
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
            let holds = match column.speaks {
                None => false,
                Some(_) if !is_an_amount(&row.cell(*at)) => continue,
                // The late amount is there, whatever it is made of.
                Some(Speaks::Late)
                    if late.is_some_and(|(field, _)| row.entry(field).value != Value::Blank) =>
                {
                    continue;
                }
                Some(_) => true,
            };
            column.settled = true;
            if holds {
                found.push(*at);
            }
        }
        self.met = met;
        let reasons: Vec<String> = found
            .into_iter()
            .filter_map(|column| self.reason(sheet, column))
            .collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    fn reason(&self, sheet: &str, at: u16) -> Option<String> {
        let column = self.columns.get(usize::from(at))?;
        let named = place(at, column.heading.as_deref());
        match column.speaks? {
            Speaks::Late => {
                let (_, label) = self.late?;
                let plain = label.to_lowercase();
                // Which one that is, is not plain where a total stands beside the fee.
                let amount = self.amount.as_deref();
                let of_column =
                    amount.map_or_else(String::new, |place| format!(" (column {place})"));
                Some(format!(
                    "column {named} of the sheet `{sheet}` speaks of a late amount but isn't the {plain}: write the full {plain} in a column headed “{label}”, or approve to send the amount alone{of_column}"
                ))
            }
            Speaks::Charges => {
                let Part { place, label } = self.part.as_ref()?;
                let plain = label.to_lowercase();
                Some(format!(
                    "the {plain} is taken from column {place} of the sheet `{sheet}`, and column {named} holds amounts too: write the whole {plain} in a column headed “{label}”, or approve to send column {place} alone"
                ))
            }
        }
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

    /// Whether a column that is not read has values.
    pub(crate) fn is_filled(&self, column: u16) -> bool {
        self.columns
            .get(usize::from(column))
            .is_some_and(|column| column.filled)
    }

    /// A column's letters and its heading: `F “Late Fee”`.
    pub(crate) fn place(&self, column: u16) -> String {
        let known = self.columns.get(usize::from(column));
        place(column, known.and_then(|column| column.heading.as_deref()))
    }
}

fn place(column: u16, heading: Option<&str>) -> String {
    match heading {
        Some(heading) => format!("{} “{heading}”", column_name(column)),
        None => column_name(column),
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
        Value::Wrong(flaw) => matches!(flaw, Flaw::TooManyDecimals | Flaw::TooLarge),
        _ => false,
    }
}
