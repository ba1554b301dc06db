//! The AsaanBill hub, simulated from its guide alone (v4.0, 24 Oct 2025).
//!
//! All eight calls of the guide, on a loopback port or in process, with the
//! guide's own contradictions, faults on command, and a journal that is synced
//! before any change is answered. It shares no code with any client, so that
//! client and sandbox can't share one misreading.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use asaanbill_sandbox::{Endpoint, Fault, Rule, Sandbox, SandboxConfig};
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let sandbox = Sandbox::start(listener, SandboxConfig::default())?;
//! assert!(sandbox.base_url().ends_with("/payment-hub/integration"));
//!
//! // The second /add-bulk is worked off, and its answer lost.
//! sandbox.add_faults([Rule::once(Endpoint::AddBulk, Fault::CloseAfter).skip(1)])?;
//! assert_eq!(sandbox.state().payments, 0);
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Without a port
//!
//! [`HubInProcess`] is the same hub for tests and simulators that move time
//! themselves: a call goes in and comes out as values, at a time that the
//! caller says, and nothing happens in between. What a connection would do
//! (lose an answer, cut it, delay it) the caller does itself.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use asaanbill_sandbox::{HubInProcess, Pay, Request, SandboxConfig};
//!
//! let morning = 1_772_424_000_000; // milliseconds since 1970
//! let hub = HubInProcess::open(SandboxConfig::default(), morning)?;
//!
//! let login = Request::post("/integration/login", "", r#"{"password": "demo"}"#)
//!     .with_header("username", "demo");
//! let answer = hub.call(morning, login).ok_or("closed without an answer")?;
//! let answer: serde_json::Value = serde_json::from_slice(&answer.body)?;
//! let token = answer["data"]["token"].as_str().ok_or("no token")?;
//!
//! let rows = r#"{"payments": [{"title": "Sana", "identifier": "FS-1", "amount": "1400",
//!     "dueDate": "2035-08-31", "amountAfterDueDate": "1450"}]}"#;
//! let add = Request::post("/integration/add-bulk", "contentType=JSON", rows)
//!     .with_header("x-auth-ph-key", token)
//!     .with_header("channel-id", "23")
//!     .with_header("username", "demo");
//! let answer = hub.call(morning + 500, add).ok_or("closed without an answer")?;
//! assert_eq!(answer.status, 200);
//!
//! // PSIDs come when the caller lets them, and callbacks come to the caller.
//! let due = hub.next_due().ok_or("nothing waits")?;
//! let callbacks = hub.fall_due(due)?;
//! assert_eq!(callbacks[0].kind, "bulk-payment-request-approved");
//! let paid = hub.pay(due + 60_000, &Pay::identifier("FS-1"))?;
//! assert_eq!(paid.callback.kind, "processed");
//! # Ok(())
//! # }
//! ```
//!
//! # The control API
//!
//! Beside the hub's calls the same port serves `/sandbox/…`, JSON in and out,
//! without a password. [`Sandbox`] has the same as methods.
//!
//! ```text
//! B=http://127.0.0.1:8700/sandbox
//! curl $B/state                                           # totals
//! curl $B/payments?user=demo                              # every payment ever
//! curl "$B/payments?identifier=FS-BSCS-095"               # … of one identifier
//! curl $B/calls                                           # every call (?after=N: the later ones)
//! curl $B/callbacks                                       # every callback, and what came of it
//! curl $B/pay -d '{"identifier": "FS-BSCS-095"}'          # or "psid", or "payment_id"; "user" if several have it
//! curl -X POST $B/assign                                  # PSIDs now, held or not
//! curl $B/away -d '{"ms": 5000}'                          # nothing listens for five seconds
//! curl $B/switches -d '{"refuse_identifiers": {"FS-1": "identifier is blocked"}}'
//! curl $B/switches -d '{"password": {"demo": "new"}, "limit_per_minute": 60}'
//! curl $B/faults -d '[{"on": "add-bulk", "skip": 1, "times": 2, "do": {"cut_after": {"bytes": 40}}}]'
//! curl $B/faults                                          # the rules that are left
//! curl -X DELETE $B/faults
//! ```
//!
//! Errors are `{"error": "…"}` with 400 (the wish makes no sense), 404 (no
//! such payment or user), 409 (it can't be paid now).
//!
//! ## Faults
//!
//! A rule is `{"on", "user", "skip", "times", "do"}`: `on` is `login`, `add`,
//! `add-bulk`, `bulk-list`, `bulk-status`, `payment-list`, `payment`, `search`
//! or `any`; `user` is everyone if left out; `skip` fitting calls go well
//! first (0); `times` calls go wrong then (1, `null` is for ever). Rules are
//! tried in their order; one that skips lets the next one look. A hub in
//! process refuses the faults that need a connection: `close_before` with
//! `read_bytes`, `cut_after`, both delays, `drip` and `huge`.
//!
//! | `do` | what happens | work done? |
//! |---|---|---|
//! | `{"status": {"code": 503, "body": …, "headers": {…}}}` | this answer; a text body is sent as it is | no |
//! | `{"after_status": {"code": 503, "body": …}}` | this answer | yes |
//! | `"close_before"` | the request is read, the connection closed | no |
//! | `{"close_before": {"read_bytes": 0}}` | closed after so much of the body; 0 is after the headers | no |
//! | `"close_after"` | closed without a byte | yes |
//! | `{"cut_after": {"bytes": 40}}` | full content-length, so many bytes of the body, closed | yes |
//! | `{"delay_before_ms": 2000}` | waits, works, answers | yes, even if the caller is gone |
//! | `{"delay_after_ms": 2000}` | works, waits, answers | yes |
//! | `{"retry_after": {"code": 429, "header": "3"}}` | 429 or 503 with this `Retry-After` | no |
//! | `"unauthorized"` | 401, and the token is forgotten | no |
//! | `{"redirect": {"to": "http://…", "code": 307}}` | a redirect | no |
//! | `"html"` | 200 with a page of HTML | yes |
//! | `{"body_code": {"http": 200, "code": 500}}` | status and `responseCode` disagree | yes |
//! | `{"garble_echo": {"drop_rows": 1}}` | rows missing from the end of the echo | yes |
//! | `{"garble_echo": {"extra_row": true}}` | a row that nobody sent | yes |
//! | `{"garble_echo": {"foreign_identifier": true}}` | the first row's identifier is another | yes |
//! | `{"garble_echo": {"shuffle": true}}` | rows in reverse order | yes |
//! | `{"garble_echo": {"other_dates": true}}` | every due date in another month | yes |
//! | `"no_echo"` | the bulk id alone | yes |
//! | `{"refuse_rows": {"identifiers": ["A"], "every": 10, "message": "…"}}` | those rows refused, in these words | the others |
//! | `{"refuse_all": {"message": "…"}}` | every row refused: 400 with the echo | no |
//! | `{"drip": {"bytes_per_second": 1}}` | the body as slowly as that | yes |
//! | `{"huge": {"bytes": 10000000000}}` | a 200 of JSON as long as that | yes |
//!
//! ## Switches
//!
//! The fields of [`Switches`], and `password`. What is not named stays.
//!
//! # Quirks
//!
//! With [`SandboxConfig::quirks`] these take turns, by a counter, from answer
//! to answer and from payment to payment within one. Without, every endpoint
//! keeps to its own sample in the guide. Either way times are UTC+5, to the
//! minute.
//!
//! | quirk | where the guide has it |
//! |---|---|
//! | amounts `"1400"` or `1400.0` | strings in endpoints 6 to 8, numbers in 2 and 5 |
//! | due dates `2025-08-31` or `28-03-2025` | the first in endpoints 6 to 8, the second in 2 and 5 |
//! | times `10:22 AM 10-Jan-2025` or `05:31AM 12-Feb-2025` | the first in endpoint 2, the second in 4 to 8 |
//! | `vouchersCount` or `paymentCount` | both in the sample of endpoint 4 |
//! | PENDING for IN_PROCESS, in a bulk request's status | the sample of endpoint 5; not in the status matrix |
//! | `psid` missing or null while there is none | an empty place in the sample of endpoint 5 |
//! | search of an unknown PSID: 200 with an empty list, or 404 | endpoint 8 promises both |
//!
//! And these always hold, quirks or not:
//!
//! | what | where the guide has it |
//! |---|---|
//! | `totalNoOfElements`, `isFirst` null, `pageSize` 2147483647, all payments on one page | endpoint 5 |
//! | `totalElements` | endpoints 4, 6, 8 |
//! | `data` is an array around the page | endpoints 6 and 8; an object in 4 and 5 |
//! | `paidAt` is `N/A` while unpaid | endpoint 6 |
//! | `/payment/{id}` takes a payment id or a PSID | endpoint 7 is described as both |
//! | 404 for a wrong password | endpoint 1 |
//! | an echo's PROCESSED is "accepted", a request's "worked off", a payment's "paid" | endpoints 3 and 5, status matrix |
//!
//! # Where the guide is silent
//!
//! Identifiers and titles are kept as sent, blanks and all. Amounts are
//! digits, with at most two decimals; 0, a past due date and a late amount
//! below the amount are accepted. A request refused whole is not listed, and
//! counts are of accepted rows. A page larger than
//! [`SandboxConfig::page_limit`] is cut down to it and says so in `pageSize`.
//! `contentType` of the bulk list is required. A bulk request is IN_PROCESS
//! until its PSIDs are assigned. DRAFT lasts for the first half of
//! [`SandboxConfig::psid_delay`]. QR strings have the sample's shape and do
//! not scan.

mod answering;
mod answers;
mod books;
mod callbacks;
mod calls;
mod clock;
mod config;
mod control;
mod control_routes;
mod desk;
mod events;
mod exchange;
mod faults;
mod garbling;
mod hub;
mod in_process;
mod journal;
mod line;
mod newest;
mod open_hub;
mod psid;
mod request;
mod routes;
mod rows;
mod server;
mod switches;
mod times;
mod writing;

pub use answering::Answer;
pub use callbacks::{Callback, CallbackRecord};
pub use config::{SandboxConfig, SandboxError, User};
pub use control::{ControlError, Paid, Pay, PaymentView, State};
pub use desk::CallRecord;
pub use events::GenerationType;
pub use faults::{Endpoint, Fault, Garble, Rule};
pub use in_process::HubInProcess;
pub use request::Request;
pub use server::{Sandbox, serve};
pub use switches::{Switches, SwitchesChange};
