//! What `/add` makes: the four generation types of the guide's section 2.

use std::borrow::Cow;

use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use crate::amount::Paisa;
use crate::bill::Bill;
use crate::place::{Latitude, Longitude};

/// One payment to add. Serialises to the body of `/add`,
/// `{"payment": {...}}`; [`generation_type`](NewPayment::generation_type) goes
/// into the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewPayment<'a> {
    /// A bill with a PSID.
    Psid(Bill<'a>),
    /// A static QR that carries the amount.
    SqrcWithAmount(Bill<'a>),
    /// A static QR; the payer fills in the amount.
    SqrcWithoutAmount(OpenQr<'a>),
    /// A dynamic QR, made at once and valid for an hour.
    Dqrc(DynamicQr<'a>),
}

/// The value of `generationTypes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GenerationType {
    /// `PSID`
    Psid,
    /// `SQRC_WITH_AMOUNT`
    SqrcWithAmount,
    /// `SQRC_WITHOUT_AMOUNT`
    SqrcWithoutAmount,
    /// `DQRC`
    Dqrc,
}

/// A static QR without an amount, such as one on a shop's counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenQr<'a> {
    /// What the payer's banking app shows.
    pub title: Cow<'a, str>,
    /// Who is paid, in the integrator's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<Cow<'a, str>>,
    /// What the QR is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Cow<'a, str>>,
}

/// A QR for one payment at one place. Made by [`DynamicQr::new`], which checks
/// the amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DynamicQr<'a> {
    amount: Paisa,
    longitude: Longitude,
    latitude: Latitude,
    /// What the portal shows.
    pub title: Option<Cow<'a, str>>,
    /// Who pays; the hub's own record id where it is left out.
    pub identifier: Option<Cow<'a, str>>,
    /// What the portal shows below the title.
    pub description: Option<Cow<'a, str>>,
}

/// An amount that no dynamic QR can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a dynamic QR takes more than 0 and less than 1,000,000 rupees, not {}", amount.two_decimals())]
pub struct DynamicQrError {
    /// The amount that was given.
    pub amount: Paisa,
}

impl NewPayment<'_> {
    /// What the query of `/add` says.
    #[must_use]
    pub fn generation_type(&self) -> GenerationType {
        match self {
            NewPayment::Psid(_) => GenerationType::Psid,
            NewPayment::SqrcWithAmount(_) => GenerationType::SqrcWithAmount,
            NewPayment::SqrcWithoutAmount(_) => GenerationType::SqrcWithoutAmount,
            NewPayment::Dqrc(_) => GenerationType::Dqrc,
        }
    }
}

impl GenerationType {
    /// The guide's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            GenerationType::Psid => "PSID",
            GenerationType::SqrcWithAmount => "SQRC_WITH_AMOUNT",
            GenerationType::SqrcWithoutAmount => "SQRC_WITHOUT_AMOUNT",
            GenerationType::Dqrc => "DQRC",
        }
    }
}

impl<'a> DynamicQr<'a> {
    /// The first amount that is too much: a million rupees.
    const LIMIT: Paisa = Paisa::from_paisa(100_000_000);

    /// A QR for this amount at this place, without title, identifier and
    /// description; set those that are wanted.
    ///
    /// # Errors
    /// If the amount is not above 0 and below 1,000,000 rupees.
    pub fn new(
        amount: Paisa,
        longitude: Longitude,
        latitude: Latitude,
    ) -> Result<DynamicQr<'a>, DynamicQrError> {
        if !amount.is_positive() || amount >= Self::LIMIT {
            return Err(DynamicQrError { amount });
        }
        Ok(DynamicQr {
            amount,
            longitude,
            latitude,
            title: None,
            identifier: None,
            description: None,
        })
    }

    /// What is to be paid.
    #[must_use]
    pub fn amount(&self) -> Paisa {
        self.amount
    }
}

impl Serialize for NewPayment<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_map(Some(1))?;
        match self {
            NewPayment::Psid(bill) | NewPayment::SqrcWithAmount(bill) => {
                body.serialize_entry("payment", bill)?
            }
            NewPayment::SqrcWithoutAmount(qr) => body.serialize_entry("payment", qr)?,
            NewPayment::Dqrc(qr) => body.serialize_entry("payment", qr)?,
        }
        body.end()
    }
}

impl Serialize for DynamicQr<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(title) = &self.title {
            map.serialize_entry("title", title)?;
        }
        if let Some(identifier) = &self.identifier {
            map.serialize_entry("identifier", identifier)?;
        }
        map.serialize_entry("amount", &self.amount)?;
        if let Some(description) = &self.description {
            map.serialize_entry("description", description)?;
        }
        map.serialize_entry("longitude", self.longitude.as_str())?;
        map.serialize_entry("latitude", self.latitude.as_str())?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn bill() -> Bill<'static> {
        Bill {
            title: "Muhammad Mahd Sheikh".into(),
            identifier: "FS-BSCS-095".into(),
            amount: Paisa::parse("50").unwrap(),
            due_date: "2035-03-28".parse().unwrap(),
            amount_after_due_date: Paisa::parse("55").unwrap(),
        }
    }

    #[test]
    fn the_four_bodies_are_the_guides() {
        let with_amount = json!({"payment": {
            "title": "Muhammad Mahd Sheikh", "identifier": "FS-BSCS-095",
            "dueDate": "2035-03-28", "amount": "50", "amountAfterDueDate": "55",
        }});
        assert_eq!(
            serde_json::to_value(NewPayment::Psid(bill())).unwrap(),
            with_amount
        );
        assert_eq!(
            serde_json::to_value(NewPayment::SqrcWithAmount(bill())).unwrap(),
            with_amount
        );

        let shop = NewPayment::SqrcWithoutAmount(OpenQr {
            title: "Ali Tuck Shop".into(),
            identifier: Some("ali-tuck-shop-1".into()),
            description: None,
        });
        assert_eq!(
            serde_json::to_value(&shop).unwrap(),
            json!({"payment": {"title": "Ali Tuck Shop", "identifier": "ali-tuck-shop-1"}})
        );

        let mut ticket = DynamicQr::new(
            Paisa::parse("1500").unwrap(),
            Longitude::parse("72.996636").unwrap(),
            Latitude::parse("33.646342").unwrap(),
        )
        .unwrap();
        ticket.title = Some("Sheikh Amaan Asghar".into());
        ticket.identifier = Some("Movie-Ticket-37406-7000003-8".into());
        ticket.description = Some("Star Wars movie ticket".into());
        let ticket = NewPayment::Dqrc(ticket);
        assert_eq!(ticket.generation_type().as_str(), "DQRC");
        assert_eq!(
            serde_json::to_value(&ticket).unwrap(),
            json!({"payment": {
                "title": "Sheikh Amaan Asghar", "identifier": "Movie-Ticket-37406-7000003-8", "amount": "1500",
                "description": "Star Wars movie ticket", "longitude": "72.996636", "latitude": "33.646342",
            }})
        );
    }

    #[test]
    fn a_dynamic_qr_stays_between_nothing_and_a_million() {
        for (paisa, fine) in [
            (0, false),
            (-1, false),
            (1, true),
            (99_999_999, true),
            (100_000_000, false),
        ] {
            let place = (
                Longitude::parse("72").unwrap(),
                Latitude::parse("33").unwrap(),
            );
            let qr = DynamicQr::new(Paisa::from_paisa(paisa), place.0, place.1);
            assert_eq!(qr.is_ok(), fine, "{paisa}");
        }
    }
}
