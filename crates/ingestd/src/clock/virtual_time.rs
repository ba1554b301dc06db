//! A clock for tests: it stands still but where somebody sleeps by it, or a test moves it. Ledger and
//! road may share it.

#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use ingest_ledger::{LedgerError, Point, Surroundings};

use super::Clock;
use crate::contained::Reader;
use crate::world::World;

/// Time that passes when somebody sleeps, or when the test says so.
pub(crate) struct Virtual {
    began: (Instant, DateTime<Utc>),
    passed: Mutex<Duration>,
    /// The database's answers are lost from now on.
    away: Mutex<bool>,
}

impl std::fmt::Debug for Virtual {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a clock at {:?}", self.passed())
    }
}

impl Virtual {
    pub(crate) fn at(utc: &str) -> Arc<Virtual> {
        Arc::new(Virtual {
            began: (Instant::now(), utc.parse().unwrap()),
            passed: Mutex::default(),
            away: Mutex::default(),
        })
    }

    pub(crate) fn passed(&self) -> Duration {
        *self.passed.lock().unwrap()
    }

    pub(crate) fn goes_on(&self, by: Duration) {
        *self.passed.lock().unwrap() += by;
    }

    /// No statement of the ledger in these surroundings succeeds from now on.
    pub(crate) fn database_is_away(&self) {
        *self.away.lock().unwrap() = true;
    }

    /// A world with this clock.
    pub(crate) fn world(self: &Arc<Virtual>) -> World {
        World {
            clock: Arc::new(Arc::clone(self)),
            line: None,
            reader: Reader::ThisProcess,
        }
    }
}

impl Clock for Arc<Virtual> {
    fn now(&self) -> Instant {
        self.began.0 + self.passed()
    }

    fn awake(&self) -> Duration {
        self.passed()
    }

    fn utc(&self) -> DateTime<Utc> {
        self.began.1 + self.passed()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let clock = Arc::clone(self);
        async move { clock.goes_on(time) }.boxed()
    }
}

impl Surroundings for Virtual {
    fn now(&self) -> Option<DateTime<Utc>> {
        Some(self.began.1 + self.passed())
    }

    fn before(&self, what: Point) -> Result<(), LedgerError> {
        match what {
            Point::Statement if *self.away.lock().unwrap() => {
                Err(LedgerError::Unreachable("the test cut it".to_owned()))
            }
            _ => Ok(()),
        }
    }
}
