//! The hub without a port: calls go in and come out as values, and nothing
//! happens by itself, for tests and simulators that move time themselves.

use std::fmt;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::answering::{Answer, Seen, answer};
use crate::answers::Reply;
use crate::callbacks::{Callback, CallbackRecord};
use crate::calls::{Call, username};
use crate::clock::Clock;
use crate::config::{SandboxConfig, SandboxError};
use crate::control::{ControlError, Paid, Pay, PaymentView};
use crate::desk::CallRecord;
use crate::faults::Rule;
use crate::hub::{Assigned, Hub};
use crate::request::Request;
use crate::routes;
use crate::switches::{Switches, SwitchesChange};

/// What came of a callback, as far as the hub can know it here.
const HANDED_OVER: &str = "handed over";

/// The same hub as a [`Sandbox`](crate::Sandbox), without a port, a thread or
/// a clock of its own. The crate's page shows one at work.
///
/// - Time is told with each call, in milliseconds since 1970, and never goes
///   back: a time before the latest counts as the latest. What is only read
///   ([`payments`](HubInProcess::payments) and its like) is read as of then.
/// - The same calls at the same times get the same answers, to the byte.
/// - PSIDs are assigned in [`fall_due`](HubInProcess::fall_due) and nowhere
///   else, and callbacks are handed to the caller, who may lose them.
pub struct HubInProcess {
    hub: Hub,
}

impl HubInProcess {
    /// A hub that begins at this time, on its journal if the config names one.
    /// What waited there for its PSIDs waits once more, from now.
    ///
    /// # Errors
    /// Users that make no sense, or a journal that can't be used.
    pub fn open(config: SandboxConfig, at_ms: i64) -> Result<HubInProcess, SandboxError> {
        let config = SandboxConfig {
            token_seed: Some(config.token_seed.unwrap_or(0)),
            ..config
        };
        let hub = Hub::open(config, Clock::told(at_ms))?;
        Ok(HubInProcess { hub })
    }

    /// Makes a call. When this returns, its work is done and journalled, and
    /// what becomes of the answer is the caller's affair.
    ///
    /// `None` is a connection closed without a byte: the hub is `down`, or a
    /// fault says so ([`calls`](HubInProcess::calls) tells which, and whether
    /// a bulk request was made).
    pub fn call(&self, at_ms: i64, request: Request) -> Option<Answer> {
        self.hub.clock.tell(at_ms);
        let Some((method, uri, headers)) = understood(&request) else {
            return Some(Reply::refused(400, "Bad request").into());
        };
        let (endpoint, path) = match routes::find(&method, uri.path()) {
            Ok(found) => found,
            Err(reply) => return Some(reply.into()),
        };
        let now_ms = self.hub.clock.now_ms();
        let (n, fault) = self.hub.desk().arrive(now_ms, endpoint, username(&headers));
        let seen = if self.hub.desk().switches.down {
            Seen::Closed
        } else if request.body.len() > self.hub.config.body_bytes_max {
            Seen::Answer(Reply::too_large().into())
        } else {
            let body = Bytes::from(request.body);
            let call = Call::new(endpoint, path, headers, &uri, body);
            answer(&self.hub, call, n, fault.as_ref())
        };
        self.hub
            .desk()
            .settle(n, |call| call.status = seen.status());
        match seen {
            Seen::Answer(mut answer) => {
                if method == Method::HEAD {
                    answer.body.clear();
                }
                Some(answer)
            }
            Seen::Closed => None,
            Seen::Cut(..) | Seen::Dripped(..) | Seen::Huge(_) => {
                unreachable!("faults of the line are refused when they are given")
            }
        }
    }

    /// Assigns the PSIDs that are due by this time, and hands over the
    /// callbacks that the hub posts about them, whether or not a callback URL
    /// is configured. Nothing is due while PSIDs are held.
    ///
    /// # Errors
    /// The journal can't be written, and nothing was assigned. (Where it
    /// fails half way, the callbacks so far are answered; the rest stays due.)
    pub fn fall_due(&self, at_ms: i64) -> Result<Vec<Callback>, ControlError> {
        self.hub.clock.tell(at_ms);
        self.assign_while(Hub::assign_due)
    }

    /// Assigns every PSID that waits, due and held or not.
    ///
    /// # Errors
    /// As [`fall_due`](HubInProcess::fall_due).
    pub fn assign(&self, at_ms: i64) -> Result<Vec<Callback>, ControlError> {
        self.hub.clock.tell(at_ms);
        self.assign_while(Hub::assign_anyway)
    }

    /// When [`fall_due`](HubInProcess::fall_due) next has something to do, in
    /// milliseconds since 1970; it may be past. `None` while nothing waits
    /// for a PSID, or PSIDs are held.
    #[must_use]
    pub fn next_due(&self) -> Option<i64> {
        self.hub.next_due()
    }

    fn assign_while(
        &self,
        assign: impl Fn(&Hub) -> std::io::Result<Option<Assigned>>,
    ) -> Result<Vec<Callback>, ControlError> {
        let mut callbacks = Vec::new();
        let mut any = false;
        loop {
            match assign(&self.hub) {
                Ok(Some(Assigned::Bulk(callback))) => {
                    self.note(&callback);
                    callbacks.push(callback);
                }
                Ok(Some(Assigned::Payment)) => {}
                Ok(None) => return Ok(callbacks),
                Err(_) if any => return Ok(callbacks),
                Err(error) => return Err(error.into()),
            }
            any = true;
        }
    }

    /// Pays a bill (APPROVED to PROCESSED), and hands over its callback.
    ///
    /// # Errors
    /// No such bill, or none that can be paid now.
    pub fn pay(&self, at_ms: i64, pay: &Pay) -> Result<Paid, ControlError> {
        self.hub.clock.tell(at_ms);
        let paid = self.hub.pay(pay)?;
        self.note(&paid.callback);
        Ok(paid)
    }

    fn note(&self, callback: &Callback) {
        let at_ms = self.hub.clock.now_ms();
        let record = CallbackRecord::of(callback.clone(), at_ms, HANDED_OVER.to_owned());
        self.hub.desk().callbacks.push(record);
    }

    /// Adds fault rules behind those that are there.
    ///
    /// # Errors
    /// A rule that can't be kept, also because its fault is one of the
    /// connection (a delay, a cut …), which the caller of a hub in process
    /// brings about itself; then none of them is.
    pub fn add_faults(&self, rules: impl IntoIterator<Item = Rule>) -> Result<(), ControlError> {
        let rules: Vec<Rule> = rules.into_iter().collect();
        if let Some(rule) = rules.iter().find(|rule| rule.fault.is_of_the_line()) {
            let name = rule.fault.name();
            return Err(ControlError::Wrong(format!(
                "{name} is a fault of the connection, and a hub in process has none: \
                 do to its answers what the connection would"
            )));
        }
        self.hub.add_faults(rules).map(drop)
    }

    /// The rules that are left, with what is left of their counts.
    #[must_use]
    pub fn faults(&self) -> Vec<Rule> {
        self.hub.desk().rules.clone()
    }

    /// Takes all rules away.
    pub fn clear_faults(&self) {
        self.hub.desk().rules.clear();
    }

    /// Changes standing switches; answers them all.
    ///
    /// # Errors
    /// A new password for a user that does not exist.
    pub fn switch(&self, change: SwitchesChange) -> Result<Switches, ControlError> {
        self.hub.switch(change)
    }

    /// The switches as they stand.
    #[must_use]
    pub fn switches(&self) -> Switches {
        self.hub.desk().switches.clone()
    }

    /// Every payment ever, oldest first; of one user or one identifier.
    #[must_use]
    pub fn payments(&self, user: Option<&str>, identifier: Option<&str>) -> Vec<PaymentView> {
        self.hub.views(user, identifier, 0..u32::MAX, usize::MAX).0
    }

    /// Every call since the start, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<CallRecord> {
        self.hub.calls_after(0)
    }

    /// Every callback that was handed over.
    #[must_use]
    pub fn callbacks(&self) -> Vec<CallbackRecord> {
        self.hub.desk().callbacks.clone()
    }

    /// Totals.
    #[must_use]
    pub fn state(&self) -> crate::State {
        self.hub.state()
    }
}

impl fmt::Debug for HubInProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubInProcess")
            .field("now_ms", &self.hub.clock.now_ms())
            .finish_non_exhaustive()
    }
}

/// The request line and the headers, if a server would take them for such.
fn understood(request: &Request) -> Option<(Method, Uri, HeaderMap)> {
    let method = Method::from_bytes(request.method.as_bytes()).ok()?;
    let uri = if request.query.is_empty() {
        Uri::try_from(request.path.as_str())
    } else {
        Uri::try_from(format!("{}?{}", request.path, request.query))
    };
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
    }
    Some((method, uri.ok()?, headers))
}
