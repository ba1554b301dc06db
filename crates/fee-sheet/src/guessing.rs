//! A line of headings of which some are not known: what they may have been meant
//! to say, and what the cells below them look like. A guess is made only where
//! there is one answer, and it is shown as a guess.

use crate::beside::{Beside, LEFT, heard, is_any, is_money};
use crate::claims::Claim;
use crate::header::{HEADINGS_MIN, Match, Matcher};
use crate::headings::{is_month_alone, is_word, normal, timeless, words};
use crate::matched::How;
use crate::row::{SheetRow, Value};
use crate::shapes::Shape;
use crate::speaking::speaks_of_late;
use crate::spelling::corrected;
use crate::{Field, FieldKind};

/// Rows whose cells are looked at.
const ROWS: usize = 40;

/// A line of more is not looked at twice.
const HEADINGS_MAX: usize = 100;

/// No more fields than this are taken for the look of their cells.
const BY_SHAPE_MAX: usize = 2;

/// A column, and the field it may have been meant for.
struct Meant {
    column: u16,
    heading: String,
    field: usize,
    claim: Claim,
    /// As it should have been written.
    says: String,
}

impl Matcher {
    /// Completes a line that lacks headings, if that can be done in one way
    /// only; else leaves it as it is. `below` are the lines under it.
    pub(crate) fn guess<'a, L>(&self, line: &mut Match, below: impl Fn() -> L)
    where
        L: Iterator<Item = &'a SheetRow>,
    {
        if line.ambiguous.is_some() || line.all.len() < HEADINGS_MIN {
            return;
        }
        let shape = |column| Shape::of(below().take(ROWS), column);
        if line.all.len() > HEADINGS_MAX {
            return;
        }
        let meant = self.meant(line);
        if !line.is_header() {
            let mut tried = line.clone();
            self.by_spelling(&mut tried, &meant, &shape);
            if tried.matched < HEADINGS_MIN.min(self.fields.len()) && line.matched == 0 {
                return;
            }
            self.by_shape(&mut tried, &shape);
            if !tried.is_header() {
                return;
            }
            *line = tried;
        }
        self.late_by_spelling(line, &meant, || below().take(ROWS));
    }

    /// What the headings that are no field's may have been meant for.
    fn meant(&self, line: &Match) -> Vec<Meant> {
        let others = line.others();
        others
            .filter_map(|(column, heading)| {
                let readings = corrected(heading);
                let mut claims = readings.iter().filter_map(|says| {
                    let (field, claim, _) = self.claim(says)?;
                    Some((field, claim, says))
                });
                let (field, claim, says) = claims.next()?;
                // A reading that would be another field's leaves it open.
                claims.all(|(other, ..)| other == field).then(|| Meant {
                    column,
                    heading: heading.to_owned(),
                    field,
                    claim,
                    says: says.clone(),
                })
            })
            .collect()
    }

    fn by_spelling(&self, line: &mut Match, meant: &[Meant], shape: &impl Fn(u16) -> Shape) {
        for field in line.missing.clone() {
            let kind = self.fields[field].kind;
            let mut fit = meant
                .iter()
                .filter(|meant| meant.field == field && shape(meant.column).agrees(kind));
            let Some(one) = fit.next() else { continue };
            match fit.next() {
                None => self.give(line, one),
                Some(other) => {
                    self.give(line, one);
                    line.ambiguous = Some((field, one.heading.clone(), other.heading.clone()));
                }
            }
        }
    }

    fn give(&self, line: &mut Match, meant: &Meant) {
        let how = How::Spelling {
            meant: meant.says.clone(),
        };
        line.give(
            meant.field,
            meant.column,
            meant.heading.clone(),
            meant.claim,
            how,
        );
        self.count(line);
    }

    fn by_shape(&self, line: &mut Match, shape: &impl Fn(u16) -> Shape) {
        let recognised = line.matched;
        if recognised < 2 || line.missing.len() > BY_SHAPE_MAX || line.ambiguous.is_some() {
            return;
        }
        for field in line.missing.clone() {
            let Field { kind, .. } = self.fields[field];
            let mut fit = Vec::new();
            for (column, heading) in line.others() {
                if may_head(kind, heading) && shape(column).suggests(kind) {
                    fit.push((column, heading.to_owned()));
                }
            }
            let [(column, heading)] = &fit[..] else {
                return;
            };
            let (column, heading) = (*column, heading.clone());
            line.give(field, column, heading, Claim::LastResort, How::Shape);
        }
        self.count(line);
    }

    /// The late amount, misspelt: taken only where the rows bear it out, for a
    /// wrong one takes money from a parent. Else it is asked about.
    fn late_by_spelling<'a, L>(&self, line: &mut Match, meant: &[Meant], below: impl Fn() -> L)
    where
        L: Iterator<Item = &'a SheetRow>,
    {
        let money = |required| {
            let is = |field: &Field| field.kind == FieldKind::Money && field.required == required;
            self.fields.iter().position(is)
        };
        let (Some(late), Some(amount)) = (money(false), money(true)) else {
            return;
        };
        let Some(amount) = line.columns[amount].filter(|_| line.columns[late].is_none()) else {
            return;
        };
        let mut fit = meant.iter().filter(|meant| meant.field == late);
        let (Some(one), None) = (fit.next(), fit.next()) else {
            return;
        };
        let (mut more, mut never_less) = (false, true);
        for row in below() {
            let (amount, late) = (row.cell(amount), row.cell(one.column));
            match (amount.as_amount(), late.as_amount()) {
                (Value::Money(amount), Value::Money(late)) => {
                    more |= late > amount;
                    never_less &= late >= amount;
                }
                (Value::Money(_), Value::Wrong(_)) => never_less = false,
                _ => {}
            }
        }
        if more && never_less {
            self.give(line, one);
        }
    }
}

/// Whether a heading that is not known leaves it possible that its column is a
/// field of this kind.
fn may_head(kind: FieldKind, heading: &str) -> bool {
    let words = words(heading);
    if normal(heading).is_empty() || speaks_of_late(heading) {
        return false;
    }
    let any = |list: &'static str| is_any(&words, list);
    match kind {
        FieldKind::Text => any(PAYERS) && !any(OTHER_PEOPLE) && !any(OTHER_TEXTS),
        FieldKind::Code => !any(OTHER_PEOPLE) && !any(OTHER_NUMBERS) && heard(heading).is_none(),
        FieldKind::Date => may_be_due(&words) && !any(OTHER_DATES) && !any(OTHER_PEOPLE),
        FieldKind::Money => {
            let open = match heard(heading) {
                None => !any(NO_AMOUNT),
                Some(heard) => {
                    !heard.arrears
                        && matches!(heard.beside, Beside::Charge | Beside::Sum)
                        && !any(LEFT)
                }
            };
            open && speaks_of_a_bill(&words) && !any(OTHER_NUMBERS) && !any(OTHER_PEOPLE)
        }
    }
}

/// Whether a heading leaves it possible that its days are due dates. Of a paper it
/// is the day of issue, unless it says more.
fn may_be_due(words: &[String]) -> bool {
    const DUE: &str = "due valid validity until till upto up by before within last final pay payable submit \
        submission deposit deadline expiry expires akhri aakhri tak آخری مقررہ تک";
    const DAY: &str = "date dates dt day tareekh tarikh taareekh تاریخ";
    const OF_ANOTHER_DAY: &str =
        "next term begins starts holiday holidays meeting function visit class classes";
    const PAPERS: &str = "challan voucher bill invoice slip receipt report fee fees sheet list";
    let any = |list: &'static str| is_any(words, list);
    !any(OF_ANOTHER_DAY) && (any(DUE) || any(DAY) && !any(PAPERS))
}

/// Whether a heading speaks of money that is charged, for this time and not for
/// each of several things.
fn speaks_of_a_bill(words: &[String]) -> bool {
    const MONEY: &str = "challan voucher invoice money price cost dues subscription instalment installment premium \
        hostel mess transport tuition rent rental lump package charged demand";
    const NOT_CHARGED: &str = "refund refunds refunded credit credits debit stipend salary wage wages income limit \
        pocket rate previous last old unit structure slab before cheque";
    const SPANS: &str =
        "month semester term quarter year annum bill voucher challan head student pupil";
    let any = |list: &'static str| is_any(words, list);
    let per = words
        .iter()
        .position(|word| is_word(word, "per each every"));
    let per_thing = per.is_some_and(|at| words.get(at + 1).is_none_or(|of| !is_word(of, SPANS)));
    // A year alone may be another one.
    let year = words
        .iter()
        .any(|word| word.len() == 4 && word.starts_with("20"))
        && timeless(words).is_none();
    let money = is_month_alone(words) || any(MONEY) || is_money(words);
    money && !any(NOT_CHARGED) && !per_thing && (!year || is_month_alone(words))
}

/// Words of who is billed.
const PAYERS: &str = "name names naam nam title student students pupil pupils child children kid kids boy boys \
    girl girls candidate applicant participant trainee learner scholar member tenant bearer owner \
    resident occupant allottee consumer customer client subscriber user passenger patient employee \
    holder beneficiary party payer household person talib talba bacha bachi sarif \
    نام طالب طالبہ طلبہ بچہ بچی صارف";

/// Whose name or number is not the payer's.
pub(crate) const OTHER_PEOPLE: &str = "father fathers mother mothers guardian guardians parent parents husband teacher teachers incharge \
    emergency walid waalid walida sarparast baap \
    والد والدہ ولدیت سرپرست باپ";

pub(crate) const OTHER_TEXTS: &str = "bank principal class section grade group campus branch shift house block street sector address city \
    town village area zone school college academy status state remarks remark note notes comment \
    comments month session gender sex religion category type plan route stop subject detail \
    details description particulars parentage caste programme tehsil tongue period year day date email degree program department \
    message signature جماعت کلاس سیکشن پتہ کیفیت ماہ مہینہ";

pub(crate) const OTHER_NUMBERS: &str = "bank phone mobile contact cell whatsapp telephone tel ph email serial sr s sno srno sl class section grade \
    age marks percentage attendance bus van route page days months year month session quantity \
    siblings children students units reading cnic nic bill room seat desk token copy pin password slip receipt voucher cheque \
    otp iban address فون موبائل شمار جماعت کلاس";

pub(crate) const OTHER_DATES: &str = "birth dob born admission joining joined start starting begin from entry issue issued issuance payment \
    paid received print printed leaving left billing reading period month created updated \
    attendance test exam result پیدائش داخلہ اجراء وصولی";

const NO_AMOUNT: &str =
    "no number num nambar id code count obtained total_marks roll reg registration admission نمبر";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_heading_that_leaves_it_open_can_be_guessed() {
        for (kind, headings) in [
            (
                FieldKind::Money,
                "Challan,March,Charges,Lump Sum,Transport Fee,Fee After Discount,Test Fee,Fee Payable by 10th Dec,Tuition",
            ),
            (
                FieldKind::Date,
                "Date,Valid,Tareekh,Until,Payable Till,Expiry Date,Bill Payable Till",
            ),
            (FieldKind::Text, "Kid,Tenant,Bearer,Applicant Name"),
            (
                FieldKind::Code,
                "SID,House No,Register,Shanakht Code,GR-Reg",
            ),
        ] {
            for heading in headings.split(',') {
                assert!(may_head(kind, heading), "{heading}");
            }
        }
        for (kind, headings) in [
            (
                FieldKind::Money,
                "Arrears,Paid,Discount,Late Fee,Balance,Phone,Class,Father Income,Roll,,Refund,Credit,Stipend,Salary,Income,Zakat,Last Paid,Previous,Security,Limit,Rate per unit,Fee per day,Fee/Unit,Fee per child,Fee 2025,Rate,Fee before discount,Opening Balance",
            ),
            (
                FieldKind::Date,
                "Date of Birth,Issue Date,Admission Date,Paid On,Challan Date,Bill Date,Voucher Date,Fee Date,Report Date,Next Term Begins,Holiday,Visit",
            ),
            (
                FieldKind::Text,
                "Father,Class,Campus,Remarks,Guardian,Parentage,Caste,Programme,Tehsil,Mother Tongue",
            ),
            (FieldKind::Code, "Phone,S.No,Sr #,Father CNIC,Class,Cell No"),
        ] {
            for heading in headings.split(',') {
                assert!(!may_head(kind, heading), "{heading}");
            }
        }
    }
}
