//! What would become of a row, in one word, and how many rows and rupees that makes.

use std::collections::BTreeMap;

use ingest_ledger::{HoldKind, Verdict};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::sheet::rupees;

/// What would become of a row. The words are stable: programs read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Sent: a bill that discards no other.
    New,
    /// Sent: the hub discards an unpaid bill of the payer for it, which the message names.
    Discards,
    /// Skipped: the same bill is already made.
    SameBill,
    /// Skipped: a later row of the sheet has the identifier, and the last one counts.
    LaterRowWins,
    /// Skipped with its file: the same bytes were taken before.
    Duplicate,
    /// Held, by one of the rules of what was billed before or by what holds the whole file.
    Held(HoldKind),
    /// Never sent.
    Invalid,
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        match Outcome::NOT_HELD.iter().find(|of| of.as_str() == word) {
            Some(outcome) => Ok(*outcome),
            None => word.parse().map(Outcome::Held).map_err(D::Error::custom),
        }
    }
}

/// What that comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Becomes {
    /// It would be sent by itself.
    Sent,
    /// It need not be sent.
    Skipped,
    /// It would wait.
    Held,
    /// It would never be sent.
    Invalid,
}

impl Becomes {
    /// All of them.
    pub const ALL: [Becomes; 4] = [
        Becomes::Sent,
        Becomes::Skipped,
        Becomes::Held,
        Becomes::Invalid,
    ];

    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Becomes::Sent => "sent",
            Becomes::Skipped => "skipped",
            Becomes::Held => "held",
            Becomes::Invalid => "invalid",
        }
    }
}

impl Outcome {
    /// Those that are not reasons to hold a row.
    const NOT_HELD: [Outcome; 6] = [
        Outcome::New,
        Outcome::Discards,
        Outcome::SameBill,
        Outcome::LaterRowWins,
        Outcome::Duplicate,
        Outcome::Invalid,
    ];

    /// The stable word; of a held row it is what `approve` calls the reason.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::New => "new",
            Outcome::Discards => "discards",
            Outcome::SameBill => "same_bill",
            Outcome::LaterRowWins => "later_row_wins",
            Outcome::Duplicate => "duplicate",
            Outcome::Held(kind) => kind.as_str(),
            Outcome::Invalid => "invalid",
        }
    }

    /// What it comes to.
    #[must_use]
    pub fn becomes(self) -> Becomes {
        match self {
            Outcome::New | Outcome::Discards => Becomes::Sent,
            Outcome::SameBill | Outcome::LaterRowWins | Outcome::Duplicate => Becomes::Skipped,
            Outcome::Held(_) => Becomes::Held,
            Outcome::Invalid => Becomes::Invalid,
        }
    }

    /// What it means, for a bursar.
    #[must_use]
    pub fn means(self) -> &'static str {
        match self {
            Outcome::New => "sent",
            Outcome::Discards => "sent, and the hub discards an unpaid bill of the payer",
            Outcome::SameBill => "skipped: the same bill is already made",
            Outcome::LaterRowWins => "skipped: a later row of the payer counts",
            Outcome::Duplicate => "skipped: this very file was taken before",
            Outcome::Held(kind) => match kind {
                HoldKind::Approval => "held: the account has files approved before they are sent",
                HoldKind::File => "held: a person must look at the sheet",
                HoldKind::Waits => "held until another row is done, then judged again by itself",
                HoldKind::Changed => "held: an unpaid bill for that day has other values",
                HoldKind::ChangedPaid => "held: the bill for that day is paid, with other values",
                HoldKind::Later => "held: it would discard an unpaid bill with a later due date",
                HoldKind::Unseen => "held: the hub does not show an earlier request of the payer",
                HoldKind::Elsewhere => {
                    "held: a failed row of the payer may be billed at the hub all the same"
                }
                HoldKind::Overtaken => "held: a newer row of the payer was sent first",
                HoldKind::Token => "held: it corrects a row that needs no correction",
                HoldKind::Refused | HoldKind::TooLarge => "held: the hub refused the call",
            },
            Outcome::Invalid => "never sent: the sheet is wrong",
        }
    }
}

/// A row of the sheet, and what would become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedRow {
    /// The worksheet.
    pub sheet: String,
    /// The row, as the spreadsheet counts it.
    pub row: u32,
    /// Who pays, as far as it can be read.
    pub identifier: String,
    /// Rupees with two decimals, if it is an amount.
    pub amount: Option<String>,
    /// `yyyy-MM-dd`, if it is a date.
    pub due_date: Option<String>,
    /// What would become of it.
    pub outcome: Outcome,
    /// What there is to say.
    pub message: Option<String>,
    /// The row (its row id) that it waits for.
    pub waits_for: Option<i64>,
    /// The row (its row id) whose unpaid bill the hub discards for it.
    pub discards: Option<i64>,
    /// There is nothing to say of it that is not said of the whole file.
    #[serde(skip)]
    pub plain: bool,
}

impl PlannedRow {
    /// With what there is to say.
    pub(super) fn says(mut self, message: String) -> PlannedRow {
        self.message = Some(message);
        self
    }

    /// A valid row, once it was judged: by what its payer was billed before, and by what holds the
    /// whole file. Without a verdict there is nothing that it could meet.
    pub(super) fn meets(
        self,
        verdict: Option<Verdict>,
        file_hold: Option<&(HoldKind, String)>,
    ) -> PlannedRow {
        let sent = Verdict::Send {
            message: None,
            replaces: None,
        };
        let (outcome, message, waits_for, discards) = match verdict.unwrap_or(sent) {
            Verdict::Send { message, replaces } => {
                let outcome = match replaces {
                    Some(_) => Outcome::Discards,
                    None => Outcome::New,
                };
                (outcome, message, None, replaces)
            }
            Verdict::Skip { message } => (Outcome::SameBill, Some(message), None, None),
            Verdict::Hold {
                kind,
                message,
                waits_for,
            } => (Outcome::Held(kind), Some(message), waits_for, None),
        };
        let plain = outcome == Outcome::New;
        let (outcome, message) = match (file_hold, outcome.becomes()) {
            // What holds the whole file holds every row of it that would go.
            (Some((kind, why)), Becomes::Sent) => {
                let then = message.map(|message| format!("{why}; once approved: {message}"));
                (Outcome::Held(*kind), then.or_else(|| Some(why.clone())))
            }
            _ => (outcome, message),
        };
        PlannedRow {
            outcome,
            message,
            waits_for,
            discards,
            plain,
            ..self
        }
    }
}

/// Rows, and what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub rows: u64,
    /// Paisa, as far as their amounts can be read. Wider than an amount: invalid rows may say anything.
    pub paisa: i128,
}

impl Sum {
    /// Rupees with two decimals.
    #[must_use]
    pub fn rupees(&self) -> String {
        rupees(self.paisa)
    }

    fn add(&mut self, other: Sum) {
        self.rows += other.rows;
        self.paisa += other.paisa;
    }
}

/// Rows and rupees by outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<Outcome, Sum>);

impl Tally {
    /// One more row; `amount` in paisa.
    pub(super) fn count(&mut self, row: &PlannedRow, amount: Option<i64>) {
        self.0.entry(row.outcome).or_default().add(Sum {
            rows: 1,
            paisa: i128::from(amount.unwrap_or(0)),
        });
    }

    /// The outcomes that there are, in the order of the list above.
    pub fn lines(&self) -> impl Iterator<Item = (Outcome, Sum)> + '_ {
        self.0.iter().map(|(outcome, sum)| (*outcome, *sum))
    }

    /// All that come to the same.
    #[must_use]
    pub fn of(&self, becomes: Becomes) -> Sum {
        let mut all = Sum::default();
        for (outcome, sum) in self.lines() {
            if outcome.becomes() == becomes {
                all.add(sum);
            }
        }
        all
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.values().map(|sum| sum.rows).sum()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row() -> PlannedRow {
        PlannedRow {
            sheet: "Fees".to_owned(),
            row: 2,
            identifier: "A".to_owned(),
            amount: Some("1500.00".to_owned()),
            due_date: Some("2035-03-10".to_owned()),
            outcome: Outcome::New,
            message: None,
            waits_for: None,
            discards: None,
            plain: false,
        }
    }

    fn discards() -> Verdict {
        Verdict::Send {
            message: Some("replaces the unpaid bill".to_owned()),
            replaces: Some(7),
        }
    }

    #[test]
    fn what_holds_the_whole_file_holds_what_would_go_and_nothing_else() {
        let hold = (HoldKind::File, "rows are hidden".to_owned());
        let new = row().meets(None, Some(&hold));
        assert_eq!((new.outcome.as_str(), new.plain), ("file", true));
        assert_eq!(new.message.as_deref(), Some("rows are hidden"));
        let old = row().meets(Some(discards()), Some(&hold));
        assert_eq!((old.outcome.as_str(), old.plain), ("file", false));
        assert_eq!(
            old.message.as_deref(),
            Some("rows are hidden; once approved: replaces the unpaid bill")
        );
        assert_eq!(old.discards, Some(7));
        let skip = Verdict::Skip {
            message: "made".to_owned(),
        };
        assert_eq!(
            row().meets(Some(skip), Some(&hold)).outcome,
            Outcome::SameBill
        );
    }

    #[test]
    fn rows_and_rupees_are_counted_to_the_paisa_however_large() {
        let mut tally = Tally::default();
        tally.count(&row().meets(None, None), Some(150_050));
        tally.count(&row().meets(Some(discards()), None), Some(i64::MAX));
        tally.count(&row().meets(Some(discards()), None), Some(i64::MAX));
        let sent = tally.of(Becomes::Sent);
        assert_eq!((sent.rows, tally.rows()), (3, 3));
        assert_eq!(sent.rupees(), "184467440737097016.64");
        assert_eq!(tally.of(Becomes::Held), Sum::default());
        let words: Vec<&str> = tally.lines().map(|(outcome, _)| outcome.as_str()).collect();
        assert_eq!(words, ["new", "discards"]);
    }

    #[test]
    fn every_outcome_reads_back_from_its_own_word() {
        let held = HoldKind::ALL.iter().map(|kind| Outcome::Held(*kind));
        for outcome in Outcome::NOT_HELD.into_iter().chain(held) {
            let word = serde_json::to_string(&outcome).unwrap();
            assert_eq!(serde_json::from_str::<Outcome>(&word).unwrap(), outcome);
        }
        assert!(serde_json::from_str::<Outcome>("\"nwe\"").is_err());
    }
}
