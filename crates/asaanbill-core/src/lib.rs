//! AsaanBill's words: bills, payments, amounts in paisa, PSIDs, the three
//! kinds of status, and what makes a row of a sheet a bill.
//!
//! This crate does nothing with the outside world. It opens no socket and no
//! file, knows no clock (today is an argument, see [`Rules`]) and no float:
//! an amount is an exact number of paisa from the sheet's text to the hub's.
//!
//! Two habits run through it:
//!
//! - **Written exactly.** A [`Bill`] serialises to the five text fields of the
//!   integration guide and to nothing else.
//! - **Read leniently.** The guide's own samples disagree with each other, so
//!   an answer never fails for one odd field: its text is kept beside what was
//!   understood ([`Heard`], [`HubTime`]), and an unknown status stays text.
//!
//! ```
//! use asaanbill_core::{PastDue, RawBill, Rules};
//!
//! let rules = Rules { today: "2026-01-15".parse()?, past_due: PastDue::Reject };
//! let row = RawBill {
//!     title: "Ayesha Khan",
//!     identifier: "GF-2026-001",
//!     amount: "1500",
//!     due_date: "2035-08-31",
//!     amount_after_due_date: "",
//! };
//! let bill = row.validate(&rules).value.expect("this row is good");
//! assert_eq!(
//!     serde_json::to_string(&bill)?,
//!     r#"{"title":"Ayesha Khan","identifier":"GF-2026-001","amount":"1500","dueDate":"2035-08-31","amountAfterDueDate":"1500"}"#
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod amount;
mod bill;
mod bulk;
mod callback;
pub mod chunks;
pub mod dates;
pub mod duplicates;
mod envelope;
mod fields;
mod heard;
mod hub_time;
mod judge;
mod login;
mod new_payment;
mod page;
mod payment;
mod place;
mod problem;
mod psid;
mod status;
pub mod text;

pub use amount::{AmountError, Paisa};
pub use bill::Bill;
pub use bulk::{AddBulkEcho, BulkRequest, BulkRequestDetail, EchoRow};
pub use callback::{BulkApprovedCallback, CallbackAnswer, ProcessedCallback};
pub use chunks::{ROWS_PER_REQUEST_MAX, chunks};
pub use dates::DateError;
pub use envelope::Envelope;
pub use heard::Heard;
pub use hub_time::HubTime;
pub use judge::{
    Draft, Given, IDENTIFIER_CHARS_MAX, PastDue, RawBill, Rules, TITLE_CHARS_MAX, Validated, judge,
};
pub use login::LoginData;
pub use new_payment::{DynamicQr, DynamicQrError, GenerationType, NewPayment, OpenQr};
pub use page::Page;
pub use payment::Payment;
pub use place::{Latitude, Longitude, PlaceError};
pub use problem::{Field, Problem, ProblemKind, Severity};
pub use psid::{Psid, PsidError};
pub use status::{EchoStatus, PaymentStatus, RequestStatus};
