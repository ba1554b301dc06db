//! A bill as the hub is asked for it: the PSID form, five text fields.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::amount::Paisa;
use crate::dates;

/// One bill. Made by [`judge`](crate::judge) or
/// [`RawBill::validate`](crate::RawBill::validate), after which it is known to
/// be good; also what `/add` and `/add-bulk` are sent (guide, sections 2 and 3).
///
/// Serialises to exactly the guide's five strings:
///
/// ```
/// use asaanbill_core::{Bill, Paisa};
///
/// let bill = Bill {
///     title: "Muhammad Mahd Sheikh".into(),
///     identifier: "FS-BSCS-095".into(),
///     amount: Paisa::parse("50")?,
///     due_date: "2035-03-28".parse()?,
///     amount_after_due_date: Paisa::parse("55.5")?,
/// };
/// assert_eq!(
///     serde_json::to_value(&bill)?,
///     serde_json::json!({
///         "title": "Muhammad Mahd Sheikh", "identifier": "FS-BSCS-095",
///         "amount": "50", "dueDate": "2035-03-28", "amountAfterDueDate": "55.50",
///     }),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bill<'a> {
    /// What the payer's banking app shows, usually the pupil's name.
    pub title: Cow<'a, str>,
    /// Who pays, in the school's own words. The hub ties one PSID to it for ever.
    pub identifier: Cow<'a, str>,
    /// What is due until the due date.
    pub amount: Paisa,
    /// The last day on which `amount` is enough.
    #[serde(with = "wire_date")]
    pub due_date: NaiveDate,
    /// What is due after that day; the amount again where no late fee applies.
    pub amount_after_due_date: Paisa,
}

impl Bill<'_> {
    /// The same bill, owning its texts.
    #[must_use]
    pub fn into_owned(self) -> Bill<'static> {
        Bill {
            title: Cow::Owned(self.title.into_owned()),
            identifier: Cow::Owned(self.identifier.into_owned()),
            amount: self.amount,
            due_date: self.due_date,
            amount_after_due_date: self.amount_after_due_date,
        }
    }
}

/// `yyyy-MM-dd` out, either spelling in.
mod wire_date {
    use std::borrow::Cow;

    use super::{NaiveDate, dates};
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(
        date: &NaiveDate,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        use chrono::Datelike;
        serializer.collect_str(&format_args!(
            "{:04}-{:02}-{:02}",
            date.year(),
            date.month(),
            date.day()
        ))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<NaiveDate, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        dates::parse(&text).map_err(|why| de::Error::custom(format!("`{text}` {why}")))
    }
}
