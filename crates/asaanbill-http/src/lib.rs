//! A client for the AsaanBill integration API: its eight calls, with the parts
//! that are easy to get wrong already done.
//!
//! - It **signs in by itself**, once for all calls in flight, and again when
//!   the hub forgets the token.
//! - It **keeps the pace**: evenly spaced calls, and the wait of a busy hub
//!   (`Retry-After`).
//! - **Reads are repeated** where the hub stumbles; **writes never are**, by no
//!   layer below either. There is no idempotency key: a bill sent twice is two
//!   bills as soon as the first is paid.
//! - **Errors are decisions.** [`WriteError`] tells what was refused, what was
//!   not taken and may go again, and what is *unknown* and must be looked up.
//! - Token and password never print, not even where the hub repeats them.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let hub = asaanbill_sandbox::Sandbox::start(listener, Default::default())?;
//! # let base_url = hub.base_url();
//! use asaanbill_http::Client;
//! use asaanbill_http::asaanbill_core::{PastDue, RawBill, Rules};
//!
//! let client = Client::builder(base_url, "demo", "demo".into()).build()?;
//!
//! let rules = Rules { today: "2035-01-15".parse()?, past_due: PastDue::Reject };
//! let row = RawBill {
//!     title: "Ayesha Khan",
//!     identifier: "GF-2035-001",
//!     amount: "1500",
//!     due_date: "2035-08-31",
//!     amount_after_due_date: "",
//! };
//! let bill = row.validate(&rules).value.ok_or("this row is no bill")?;
//! let taken = client.add_bulk(&[bill]).await?;
//! let request = client.bulk_request(taken.bulk_id).await?;
//! assert_eq!(request.payments.content.len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! | call | method |
//! |---|---|
//! | login | [`login`](Client::login), [`sign_in_if_needed`](Client::sign_in_if_needed) |
//! | add | [`add`](Client::add) |
//! | add bulk | [`add_bulk`](Client::add_bulk), [`add_bulk_body`](Client::add_bulk_body), [`add_bulk_body_while`](Client::add_bulk_body_while) |
//! | list of bulk requests | [`bulk_requests`](Client::bulk_requests) |
//! | one bulk request | [`bulk_request`](Client::bulk_request) |
//! | list of payments | [`payments`](Client::payments) |
//! | one payment | [`payment`](Client::payment) |
//! | search by PSID | [`search`](Client::search) |
//!
//! Tests that want no port, and simulators that move time themselves, put
//! [`Surroundings`] of their own around the client: they carry its requests,
//! and are its clock, its pauses and its chance. No other call leaves it.
//!
//! TLS is rustls with ring, verified by the system's root certificates. Where
//! the program has installed another rustls provider, that one is used.

mod answer_table;
mod asking;
mod base_url;
mod body;
mod builder;
mod calling;
mod client;
mod departure;
mod errors;
mod internet;
mod pace;
mod page_ask;
mod reads;
mod request;
mod retry_after;
mod session;
mod surroundings;
mod words;
mod writes;

pub use answer_table::Taken;
pub use asaanbill_core;
pub use body::{AddBulkBody, BodyError};
pub use builder::{BuildError, ClientBuilder};
pub use client::Client;
pub use errors::{ReadError, WriteError};
pub use pace::{CallKind, EvenPacer, PaceError, Pacer};
pub use page_ask::{ContentType, PageAsk};
pub use request::Request;
pub use secrecy::SecretString;
pub use surroundings::{Answer, AnswerBody, Limits, NoAnswer, Surroundings};
pub use writes::WriteTurn;
