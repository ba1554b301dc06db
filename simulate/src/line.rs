//! The line between a service and the hub, with its faults: connections that are not made, requests
//! that never arrive or arrive late, answers that are lost, cut or slow. What left has left: a
//! request goes on its way though the service that sent it dies.
//!
//! Here, and not in any code that it is about, is the rule of every call checked: that its intent
//! stands in the database with exactly these bills, and that no byte of it left before.

use std::sync::Arc;
use std::time::Duration;

use asaanbill_http::{Answer, AnswerBody, CallKind, Limits, NoAnswer, Request, Surroundings};
use asaanbill_sandbox::Request as Arriving;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use ingest_ledger::Ledger;

use crate::calls;
use crate::hub::Hub;
use crate::world::World;

/// One service's line to the hub.
pub(crate) struct Line {
    pub(crate) world: Arc<World>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) ledger: Ledger,
    /// Under which name it holds leases.
    pub(crate) holder: String,
}

/// What becomes of one exchange.
#[derive(Debug, Clone, Copy)]
struct Fate {
    /// It reaches the hub after this.
    arrives: Option<Duration>,
    /// Its answer, or the end of the connection, comes so long after that (or after it left).
    ends: Duration,
    /// What of the answer is seen.
    seen: Seen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Whole,
    /// Cut after so many bytes of a hundred.
    Cut(u64),
    Nothing,
}

impl Line {
    fn fate(&self, limits: Limits) -> Fate {
        let world = &self.world;
        let ms = Duration::from_millis;
        let quick = world.between(ms(5), ms(400));
        let well = Fate {
            arrives: Some(quick),
            ends: world.between(ms(1), ms(50)),
            seen: Seen::Whole,
        };
        if !world.happens(world.faults().line) {
            return well;
        }
        let late = world.between(ms(0), ms(110_000));
        let soon = world.between(ms(0), ms(3_000));
        match world.below(8) {
            0 => Fate {
                arrives: None,
                ends: soon,
                seen: Seen::Nothing,
            },
            1 => Fate {
                arrives: None,
                ends: limits.deadline,
                seen: Seen::Nothing,
            },
            2 | 3 => Fate {
                ends: soon,
                seen: Seen::Nothing,
                ..well
            },
            4 => Fate {
                ends: limits.deadline,
                seen: Seen::Nothing,
                ..well
            },
            5 => Fate {
                seen: Seen::Cut(world.below(100)),
                ..well
            },
            // It is worked off so late that the caller has nearly given up, or has died meanwhile. (What
            // a hub works off after it broke the connection, nobody can know of: see the rules of
            // sending, 6.)
            6 => Fate {
                arrives: Some(late),
                ends: limits.deadline,
                seen: Seen::Nothing,
            },
            _ => Fate {
                arrives: Some(late.min(limits.deadline / 2)),
                ..well
            },
        }
    }

    async fn carry(&self, request: Request, limits: Limits) -> Result<Answer, NoAnswer> {
        let world = &self.world;
        let (faults, number) = (world.faults(), self.hub.number());
        let path = request.path().to_owned();
        let mut connecting = world.between(Duration::from_millis(1), Duration::from_millis(40));
        if world.happens(faults.asleep) {
            connecting = world.between(Duration::from_secs(4), Duration::from_secs(200));
            world.tell(|| {
                format!(
                    "is asleep for {} s before {path} leaves",
                    connecting.as_secs()
                )
            });
        }
        world.sleep(connecting).await;
        if world.happens(faults.line / 3) {
            world.tell(|| format!("no connection for {path}"));
            return Err(NoAnswer::NotSent("connection refused".to_owned()));
        }
        let body = request.release_body()?.to_vec();
        let arriving = arriving(&request, &body);
        if request.kind() == CallKind::Write {
            calls::departs(self, number, &arriving).await;
        }
        let left_at = world.now();
        let fate = self.fate(limits);
        if fate.seen != Seen::Whole || fate.arrives.is_none() {
            world.tell(|| format!("{path} leaves, and {fate:?}"));
        }
        let gives_up = left_at + limits.deadline;
        if let Some(after) = fate.arrives {
            self.hub.arrives(number, left_at + after, arriving);
        }
        let from = match fate.seen {
            // The connection breaks by itself, whether the request arrived or not.
            Seen::Nothing => left_at,
            _ => left_at + fate.arrives.unwrap_or_default(),
        };
        world.sleep_until((from + fate.ends).min(gives_up)).await;
        if fate.seen == Seen::Nothing {
            return Err(NoAnswer::Lost("the connection was reset".to_owned()));
        }
        match self.hub.answer(number) {
            Some(answer) => Ok(seen(answer, fate.seen)),
            None => Err(NoAnswer::Lost("the connection was closed".to_owned())),
        }
    }
}

fn seen(answer: asaanbill_sandbox::Answer, seen: Seen) -> Answer {
    let header = |name: &str| {
        let mut headers = answer.headers.iter();
        headers
            .find(|(of, _)| of == name)
            .map(|(_, text)| text.clone())
    };
    let body = match seen {
        Seen::Cut(_) => AnswerBody::Cut("the connection was cut".to_owned()),
        _ => AnswerBody::Whole(answer.body.clone()),
    };
    Answer {
        status: answer.status,
        retry_after: header("retry-after"),
        date: None,
        body,
    }
}

fn arriving(request: &Request, body: &[u8]) -> Arriving {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut headers: Vec<(String, String)> = request
        .headers()
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect();
    if !body.is_empty() && !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    Arriving {
        method: request.method().to_owned(),
        path: request.path().to_owned(),
        query: request.query_string().unwrap_or_default().to_owned(),
        headers,
        body: body.to_vec(),
    }
}

impl Surroundings for Line {
    fn exchange(
        &self,
        request: Request,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Answer, NoAnswer>> {
        self.carry(request, limits).boxed()
    }

    fn now(&self) -> Duration {
        self.world.now()
    }

    fn utc_now(&self) -> DateTime<Utc> {
        self.world.utc()
    }

    fn sleep(&self, how_long: Duration) -> BoxFuture<'_, ()> {
        self.world.sleep(how_long).boxed()
    }

    fn chance(&self, parts: u64) -> u64 {
        self.world.below(parts)
    }
}
