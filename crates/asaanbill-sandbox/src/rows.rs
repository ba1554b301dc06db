//! A payment as it is sent, and what the hub refuses about it, in the guide's
//! words where the guide has any.

use serde::{Deserialize, Deserializer};

use crate::events::{Bill, GenerationType};
use crate::times;
use crate::writing::Object;

/// A text of a row. The guide has a map of strings, so anything else makes
/// the whole body invalid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Field {
    #[default]
    Absent,
    Null,
    Text(String),
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Field, D::Error> {
        Ok(Option::<String>::deserialize(value)?.map_or(Field::Null, Field::Text))
    }
}

impl Field {
    /// The text as sent; empty where there is none.
    pub(crate) fn text(&self) -> &str {
        match self {
            Field::Text(text) => text,
            Field::Absent | Field::Null => "",
        }
    }

    fn is_blank(&self) -> bool {
        self.text().trim().is_empty()
    }
}

/// The fields of all four generation types.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Row {
    pub(crate) title: Field,
    pub(crate) identifier: Field,
    pub(crate) amount: Field,
    pub(crate) due_date: Field,
    pub(crate) amount_after_due_date: Field,
    description: Field,
    longitude: Field,
    latitude: Field,
}

impl Row {
    /// The fields of an `/add-bulk` row exactly as they were sent.
    pub(crate) fn write(&self, o: &mut Object<'_>) {
        for (key, field) in self.bulk_fields() {
            match field {
                Field::Absent => {}
                Field::Null => o.null(key),
                Field::Text(text) => o.text(key, text),
            }
        }
    }

    fn bulk_fields(&self) -> [(&'static str, &Field); 5] {
        [
            ("title", &self.title),
            ("identifier", &self.identifier),
            ("amount", &self.amount),
            ("dueDate", &self.due_date),
            ("amountAfterDueDate", &self.amount_after_due_date),
        ]
    }
}

impl From<&Row> for Bill {
    fn from(row: &Row) -> Bill {
        Bill {
            title: row.title.text().to_owned(),
            identifier: row.identifier.text().to_owned(),
            amount: row.amount.text().to_owned(),
            due_date: row.due_date.text().to_owned(),
            amount_after_due_date: row.amount_after_due_date.text().to_owned(),
            description: row.description.text().to_owned(),
        }
    }
}

/// The first thing that is wrong with a payment of this type.
///
/// Only `amountAfterDueDate cannot be empty or null` is a sentence of the
/// guide (endpoint 3); the others are made after it. The guide is silent
/// about amounts of 0, due dates that are past, and late amounts below the
/// amount: they are accepted.
pub(crate) fn refusal(row: &Row, generation_type: GenerationType) -> Option<String> {
    match generation_type {
        GenerationType::Psid | GenerationType::SqrcWithAmount => {
            let fields = row.bulk_fields();
            fields.into_iter().find_map(|(key, field)| {
                missing(key, field).or_else(|| match key {
                    "amount" | "amountAfterDueDate" => not_an_amount(key, field),
                    "dueDate" if !times::is_iso_day(field.text()) => {
                        Some("dueDate must be in yyyy-MM-dd format".to_owned())
                    }
                    _ => None,
                })
            })
        }
        GenerationType::SqrcWithoutAmount => missing("title", &row.title),
        GenerationType::Dqrc => missing("amount", &row.amount)
            .or_else(|| not_an_amount("amount", &row.amount))
            .or_else(|| out_of_reach(row.amount.text()))
            .or_else(|| not_a_place("longitude", &row.longitude, 180))
            .or_else(|| not_a_place("latitude", &row.latitude, 90)),
    }
}

fn missing(key: &str, field: &Field) -> Option<String> {
    field
        .is_blank()
        .then(|| format!("{key} cannot be empty or null"))
}

fn not_an_amount(key: &str, field: &Field) -> Option<String> {
    let (whole, fraction) = match field.text().split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (field.text(), None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let good = digits(whole)
        && whole.len() <= 15
        && fraction.is_none_or(|fraction| digits(fraction) && fraction.len() <= 2);
    (!good).then(|| format!("{key} is not a valid number"))
}

/// "Greater than 0 and less than 1,000,000". The text is an amount.
fn out_of_reach(amount: &str) -> Option<String> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let whole: u64 = whole.parse().unwrap_or(u64::MAX);
    let nothing = whole == 0 && fraction.bytes().all(|digit| digit == b'0');
    (nothing || whole >= 1_000_000)
        .then(|| "amount must be greater than 0 and less than 1,000,000".to_owned())
}

fn not_a_place(key: &str, field: &Field, most: i32) -> Option<String> {
    missing(key, field).or_else(|| {
        let degrees = field.text().parse::<f64>();
        let good = degrees.is_ok_and(|degrees| degrees.abs() <= f64::from(most));
        (!good).then(|| format!("{key} is not a valid value"))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row(json: serde_json::Value) -> Row {
        serde_json::from_value(json).unwrap()
    }

    fn good() -> serde_json::Value {
        serde_json::json!({
            "title": " Bareera Sheikh", "identifier": "FS-BSCS-095", "amount": "1000",
            "dueDate": "2035-08-31", "amountAfterDueDate": "1050.50",
        })
    }

    #[test]
    fn every_field_of_a_psid_payment_is_required() {
        assert_eq!(refusal(&row(good()), GenerationType::Psid), None);
        for key in [
            "title",
            "identifier",
            "amount",
            "dueDate",
            "amountAfterDueDate",
        ] {
            for nothing in [Some(""), Some("  "), None] {
                let mut json = good();
                json[key] = nothing.into();
                assert_eq!(
                    refusal(&row(json), GenerationType::Psid),
                    Some(format!("{key} cannot be empty or null"))
                );
            }
            let mut json = good();
            json.as_object_mut().unwrap().remove(key);
            assert!(refusal(&row(json), GenerationType::SqrcWithAmount).is_some());
        }
    }

    #[test]
    fn amounts_and_days_are_read_strictly() {
        for (key, wrong) in [
            ("amount", "1,400"),
            ("amount", "Rs 5"),
            ("amount", "-1"),
            ("amount", "1.234"),
            ("amount", "1."),
            ("amount", "1e3"),
            ("amountAfterDueDate", "x"),
            ("dueDate", "31-08-2035"),
            ("dueDate", "2035-06-31"),
        ] {
            let mut json = good();
            json[key] = wrong.into();
            let said = refusal(&row(json), GenerationType::Psid).unwrap();
            assert!(said.starts_with(key), "{wrong}: {said}");
        }
    }

    #[test]
    fn qr_payments_have_rules_of_their_own() {
        let title = row(serde_json::json!({"title": "Ali Tuck Shop"}));
        assert_eq!(refusal(&title, GenerationType::SqrcWithoutAmount), None);
        assert!(refusal(&Row::default(), GenerationType::SqrcWithoutAmount).is_some());
        let dqrc = |amount: &str, longitude: &str| {
            let row = row(serde_json::json!({
                "amount": amount, "longitude": longitude, "latitude": "33.646342",
            }));
            refusal(&row, GenerationType::Dqrc)
        };
        assert_eq!(dqrc("1500", "72.996636"), None);
        assert_eq!(dqrc("999999.99", "-180"), None);
        for amount in ["0", "0.00", "1000000", "1000000.00"] {
            assert!(dqrc(amount, "72").unwrap().contains("less than 1,000,000"));
        }
        assert_eq!(dqrc("1", "181").unwrap(), "longitude is not a valid value");
        assert_eq!(dqrc("1", "NaN").unwrap(), "longitude is not a valid value");
        assert_eq!(dqrc("1", "").unwrap(), "longitude cannot be empty or null");
    }

    #[test]
    fn numbers_where_the_guide_has_strings_are_no_row() {
        let json = serde_json::json!({"title": "A", "amount": 1400});
        assert!(serde_json::from_value::<Row>(json).is_err());
    }
}
