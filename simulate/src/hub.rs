//! The hub as the simulation sees it: what is on its way to it, its own books, and a journal of
//! every call that left a service, kept by the line and by nobody who could err with us.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use asaanbill_sandbox::{
    Answer, Callback, Fault, Garble, HubInProcess, Pay, PaymentView, Request, Rule, SandboxConfig,
    SwitchesChange, User,
};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::world::World;

/// The hub, and what is in the air.
pub(crate) struct Hub {
    world: Arc<World>,
    books: HubInProcess,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    in_the_air: BTreeMap<(Duration, u64), Request>,
    answers: HashMap<u64, Option<Answer>>,
    departures: Vec<Departure>,
    sent: u64,
}

/// One call that makes bills, from the moment its first byte left.
#[derive(Debug, Clone)]
pub(crate) struct Departure {
    /// Which request of the line.
    pub(crate) number: u64,
    /// Whose.
    pub(crate) user: String,
    /// The chunk whose intent it followed, and which call of it that was.
    pub(crate) call: Option<(i64, i64)>,
    /// When its intent was stored, by the database's clock.
    pub(crate) intended_at: Option<DateTime<Utc>>,
    /// When it left, by the true clock: milliseconds since 1970.
    pub(crate) left_at_ms: i64,
    /// The bills it carried.
    pub(crate) bills: Vec<SentBill>,
    /// It reached the hub.
    pub(crate) arrived: bool,
    /// The hub's number for it, if it made bills.
    pub(crate) bulk_id: Option<u64>,
}

/// A bill as it was on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SentBill {
    /// The payer.
    pub(crate) identifier: String,
    /// As written.
    pub(crate) amount: String,
    /// As written.
    pub(crate) due_date: String,
    /// As written.
    pub(crate) late: String,
}

impl Hub {
    /// A hub with these users.
    pub(crate) fn open(world: &Arc<World>, users: &[String]) -> anyhow::Result<Arc<Hub>> {
        let config = SandboxConfig {
            users: users.iter().map(|name| User::new(name, "secret")).collect(),
            psid_delay: world.between(Duration::from_secs(1), Duration::from_secs(90)),
            page_limit: usize::try_from(1 + world.below(9))?,
            quirks: world.below(2) == 0,
            token_seed: Some(7),
            ..SandboxConfig::default()
        };
        Ok(Arc::new(Hub {
            world: Arc::clone(world),
            books: HubInProcess::open(config, world.now_ms())?,
            inner: Mutex::default(),
        }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for the next request.
    pub(crate) fn number(&self) -> u64 {
        let mut inner = self.inner();
        inner.sent += 1;
        inner.sent
    }

    /// A request is on its way and will be there at that time, whatever becomes of who sent it.
    pub(crate) fn arrives(&self, number: u64, at: Duration, request: Request) {
        self.inner().in_the_air.insert((at, number), request);
    }

    /// What the hub answered; `None`: nothing, or not yet.
    pub(crate) fn answer(&self, number: u64) -> Option<Answer> {
        self.inner().answers.remove(&number).flatten()
    }

    /// Notes a call that left.
    pub(crate) fn departs(&self, departure: Departure) {
        self.inner().departures.push(departure);
    }

    /// Every call that left.
    pub(crate) fn departures(&self) -> Vec<Departure> {
        self.inner().departures.clone()
    }

    /// How many they are.
    pub(crate) fn departures_count(&self) -> usize {
        self.inner().departures.len()
    }

    /// When the hub has something to do next.
    pub(crate) fn next_at(&self) -> Option<Duration> {
        let arrives = self.inner().in_the_air.keys().next().map(|(at, _)| *at);
        let due = self.books.next_due().map(|ms| {
            let in_ms = u64::try_from(ms - self.world.now_ms()).unwrap_or(0);
            self.world.now() + Duration::from_millis(in_ms)
        });
        [arrives, due].into_iter().flatten().min()
    }

    /// Works off what arrived and what fell due; answers the callbacks it posts.
    pub(crate) fn work(&self) -> anyhow::Result<Vec<Callback>> {
        loop {
            let next = {
                let mut inner = self.inner();
                let due = inner
                    .in_the_air
                    .first_entry()
                    .filter(|first| first.key().0 <= self.world.now());
                due.map(|first| first.remove_entry())
            };
            let Some(((_, number), request)) = next else {
                break;
            };
            self.work_on(number, request);
        }
        Ok(self.books.fall_due(self.world.now_ms())?)
    }

    fn work_on(&self, number: u64, request: Request) {
        let is_bulk = request.path.ends_with("/add-bulk");
        let odd = self.world.happens(self.world.faults().hub);
        if odd {
            let fault = self.odd_answer(is_bulk, &request);
            self.world
                .tell(|| format!("the hub answers oddly to {}: {fault:?}", request.path));
            if let Err(error) = self.books.add_faults([Rule::once(None, fault)]) {
                self.world
                    .wrong(format!("a fault could not be set: {error}"));
            }
        }
        let path = request.path.clone();
        let answer = self.books.call(self.world.now_ms(), request);
        self.books.clear_faults();
        let status = answer.as_ref().map(|answer| answer.status);
        if is_bulk {
            let made = self.books.calls().last().and_then(|call| call.bulk_id);
            self.world
                .tell(|| format!("the hub works off an add-bulk: {status:?}, request {made:?}"));
            let mut inner = self.inner();
            let departure = inner.departures.iter_mut().find(|of| of.number == number);
            if let Some(departure) = departure {
                departure.arrived = true;
                departure.bulk_id = made;
            }
        } else {
            self.world
                .tell(|| format!("the hub answers {status:?} to {path}"));
        }
        self.inner().answers.insert(number, answer);
    }

    /// Some answer that the guide allows, or that a broken hub gives.
    fn odd_answer(&self, is_bulk: bool, request: &Request) -> Fault {
        let status = |code| Fault::Status {
            code,
            body: None,
            headers: BTreeMap::new(),
        };
        let after = |code| Fault::AfterStatus { code, body: None };
        let retry = |code, header: &str| Fault::RetryAfter {
            code,
            header: header.to_owned(),
        };
        let garble = |what| Fault::GarbleEcho(what);
        let world = &self.world;
        if !is_bulk {
            return match world.below(7) {
                0 => status(500),
                1 => status(503),
                2 => Fault::Unauthorized,
                3 => retry(429, "4"),
                4 => retry(503, "Fri, 21 Oct 2126 07:28:00 GMT"),
                5 => Fault::Html,
                _ => after(502),
            };
        }
        let first = bills_of(&request.body).into_iter().next();
        let someone = first.map(|bill| bill.identifier).unwrap_or_default();
        match world.below(22) {
            0 | 1 => after(503),
            2 => after(500),
            3 => status(500),
            4 => status(503),
            5 => Fault::Unauthorized,
            6 => retry(429, "3"),
            7 => Fault::Html,
            8 => Fault::NoEcho,
            9 => garble(Garble {
                drop_rows: 1,
                ..Garble::default()
            }),
            10 => garble(Garble {
                extra_row: true,
                ..Garble::default()
            }),
            11 => garble(Garble {
                foreign_identifier: true,
                ..Garble::default()
            }),
            12 | 19..22 => garble(Garble {
                shuffle: true,
                ..Garble::default()
            }),
            13 => garble(Garble {
                other_dates: true,
                ..Garble::default()
            }),
            14 => Fault::BodyCode {
                http: 200,
                code: 500,
            },
            15 | 16 => Fault::RefuseRows {
                identifiers: vec![someone],
                every: None,
                message: "identifier is blocked".to_owned(),
            },
            17 => Fault::RefuseAll {
                message: "try later".to_owned(),
            },
            _ => status(413),
        }
    }

    /// Every payment there ever was.
    pub(crate) fn payments(&self) -> Vec<PaymentView> {
        self.books.payments(None, None)
    }

    /// Pays a bill that can be paid; answers the callback.
    pub(crate) fn pay(&self, payment: u64) -> Option<Callback> {
        let which = Pay {
            payment_id: Some(payment),
            ..Pay::default()
        };
        let paid = self.books.pay(self.world.now_ms(), &which);
        paid.ok().map(|paid| paid.callback)
    }

    /// Payers whose rows the hub refuses by name from now on, and payers it fails to draft.
    pub(crate) fn refuses(&self, refused: &[String], errored: &[String]) {
        let words = |name: &String| (name.clone(), "identifier is blocked".to_owned());
        let change = SwitchesChange {
            refuse_identifiers: Some(refused.iter().map(words).collect()),
            error_identifiers: Some(errored.to_vec()),
            ..SwitchesChange::default()
        };
        if let Err(error) = self.books.switch(change) {
            self.world
                .wrong(format!("a switch could not be set: {error}"));
        }
    }
}

/// The bills in the body of a call.
pub(crate) fn bills_of(body: &[u8]) -> Vec<SentBill> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let none = Vec::new();
    let rows = body["payments"].as_array().unwrap_or(&none);
    let text = |row: &Value, name: &str| match &row[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    rows.iter()
        .map(|row| SentBill {
            identifier: text(row, "identifier"),
            amount: text(row, "amount"),
            due_date: text(row, "dueDate"),
            late: text(row, "amountAfterDueDate"),
        })
        .collect()
}
