//! Which number of a date is the day, told from all dates of its column. One
//! that can be read one way only (`05/13/2036`) speaks for those that leave it
//! open (`05/10/2036`); where two disagree, or the spreadsheet seems to have
//! taken the one for the other, a person is asked.

use crate::dates::{DayMonthOrder, Way, way};
use crate::holds::{FieldNamed, Hold, HoldWhy, Place, Shown};
use crate::remarks::Remark;
use crate::row::{CellKind, Plan, SheetRow};
use crate::{Field, FieldKind};

/// The dates of one table's columns.
#[derive(Debug)]
pub(crate) struct DayOrders {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    field: usize,
    at: u16,
    heading: String,
    named: FieldNamed,
    /// The heading asks for an order.
    written: bool,
    /// The first date that leaves the order open.
    open: Option<Shown>,
    /// The first that has the day first, and can't be read otherwise.
    day_first: Option<Shown>,
    month_first: Option<Shown>,
    /// The first date cell whose day may as well be a month.
    turnable: Option<Shown>,
    /// A date cell has a day that is no month.
    standing: bool,
}

impl DayOrders {
    pub(crate) fn new(fields: &[Field], plan: &Plan) -> Self {
        let dates = fields.iter().enumerate().filter_map(|(index, field)| {
            let at = plan.columns[index].filter(|_| field.kind == FieldKind::Date)?;
            Some(Column {
                field: index,
                at,
                heading: plan.headings[index].clone(),
                named: field.named(),
                written: plan.written[index].is_some(),
                open: None,
                day_first: None,
                month_first: None,
                turnable: None,
                standing: false,
            })
        });
        Self {
            columns: dates.collect(),
        }
    }

    /// Looks at a row. Answers whether it holds a date whose order nothing has
    /// shown as yet, so that the rest of the column has to be asked.
    pub(crate) fn row(&mut self, row: &SheetRow) -> bool {
        let mut asks = false;
        for column in &mut self.columns {
            asks |= column.row(row);
        }
        asks
    }

    /// Settles the order of each column that is not settled yet by what was
    /// seen of it so far, and further down: for each field, the first order
    /// that is proven there.
    pub(crate) fn settle(&self, plan: &Plan, below: &[Option<DayMonthOrder>]) {
        for column in &self.columns {
            let below = below.get(column.field).copied().flatten();
            column.settle(plan, column.proof().or(below));
        }
    }

    /// What the columns show, where it is not what the account takes for
    /// granted.
    pub(crate) fn notes(&self, sheet: &str, plan: &Plan) -> Vec<Remark> {
        let told = |column: &Column| {
            let order = (*plan.proven.get(column.field)?.get()?)?;
            let month_first = order == DayMonthOrder::Mdy;
            let proof = match month_first {
                true => column.month_first.as_ref()?,
                false => column.day_first.as_ref()?,
            };
            (order != plan.order && column.open.is_some() && !column.written).then(|| {
                Remark::DatesRead {
                    sheet: sheet.to_owned(),
                    column: column.place(),
                    month_first,
                    proof: proof.clone(),
                }
            })
        };
        self.columns.iter().filter_map(told).collect()
    }

    /// Why the file waits, if it does.
    pub(crate) fn reasons(&self, sheet: &str, plan: &Plan) -> Vec<Hold> {
        let reason = |column: &Column| {
            let taken = plan.day_month_order(column.field).0;
            let why = column.disagreement(taken).or_else(|| column.turned())?;
            Some(Hold {
                sheet: sheet.to_owned(),
                why,
            })
        };
        self.columns.iter().filter_map(reason).collect()
    }
}

impl Column {
    fn row(&mut self, row: &SheetRow) -> bool {
        let cell = row.cell(self.at);
        if cell.kind == CellKind::Date {
            self.date_cell(cell.shown, row.row_number());
            return false;
        }
        let all_known =
            self.open.is_some() && self.day_first.is_some() && self.month_first.is_some();
        if cell.kind != CellKind::Text || all_known {
            return false;
        }
        let way = way(cell.shown);
        let first = match way {
            Some(Way::Open) => &mut self.open,
            Some(Way::DayFirst) => &mut self.day_first,
            Some(Way::MonthFirst) => &mut self.month_first,
            None => return false,
        };
        if first.is_none() {
            *first = Some(Shown {
                text: cell.shown.trim().to_owned(),
                row: row.row_number(),
            });
        }
        let settled = row.plan.proven.get(self.field);
        let settled = settled.is_none_or(|proven| proven.get().is_some());
        if way != Some(Way::Open) || self.written || settled {
            return false;
        }
        match self.proof() {
            None if self.day_first.is_none() => true,
            proof => {
                self.settle(&row.plan, proof);
                false
            }
        }
    }

    /// Notes a cell that the spreadsheet itself knows to be a date, shown as
    /// `yyyy-mm-dd`.
    fn date_cell(&mut self, shown: &str, row: u32) {
        if self.standing {
            return;
        }
        let number = |from: usize, to: usize| shown.get(from..to)?.parse::<u8>().ok();
        let (Some(month), Some(day)) = (number(5, 7), number(8, 10)) else {
            return;
        };
        if day > 12 {
            self.standing = true;
        } else if day != month && self.turnable.is_none() {
            let text = shown.to_owned();
            self.turnable = Some(Shown { text, row });
        }
    }

    /// The order that the dates seen so far prove, if they do not contradict
    /// each other.
    fn proof(&self) -> Option<DayMonthOrder> {
        match (&self.day_first, &self.month_first) {
            (Some(_), None) => Some(DayMonthOrder::Dmy),
            (None, Some(_)) => Some(DayMonthOrder::Mdy),
            _ => None,
        }
    }

    fn settle(&self, plan: &Plan, proof: Option<DayMonthOrder>) {
        if let Some(proven) = plan.proven.get(self.field) {
            // Whatever came first stays: rows were read by it.
            let _ = proven.set(proof);
        }
    }

    fn place(&self) -> Place {
        Place::of(self.at, Some(&self.heading))
    }

    /// Dates that leave the order open, read in one, and a date that proves
    /// the other.
    fn disagreement(&self, taken: DayMonthOrder) -> Option<HoldWhy> {
        let against = match taken {
            DayMonthOrder::Dmy => self.month_first.as_ref()?,
            DayMonthOrder::Mdy => self.day_first.as_ref()?,
            // Those that leave it open are refused themselves.
            DayMonthOrder::Reject => return None,
        };
        Some(HoldWhy::DatesDisagree {
            column: self.place(),
            field: self.named,
            against: against.clone(),
            open: self.open.clone()?,
            day_first: taken == DayMonthOrder::Dmy,
            written: self.written,
        })
    }

    /// Some dates stayed texts, since the spreadsheet could not read them in
    /// its own order, and those that it could read have no day above 12: then
    /// it has taken their days for months.
    fn turned(&self) -> Option<HoldWhy> {
        let date = self.turnable.clone().filter(|_| !self.standing)?;
        if self.open.is_some() {
            return None;
        }
        let text = match (&self.day_first, &self.month_first) {
            (Some(proof), None) | (None, Some(proof)) => proof.clone(),
            _ => return None,
        };
        Some(HoldWhy::DatesTurned {
            column: self.place(),
            text,
            date,
        })
    }
}
