//! What is not journalled: tokens, passwords, faults, switches, and the logs
//! of calls and callbacks.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::callbacks::CallbackRecord;
use crate::config::SandboxConfig;
use crate::faults::{Endpoint, Fault, Rule, fire};
use crate::switches::Switches;

/// Calls kept in the log; the oldest go first.
const CALLS_MAX: usize = 1_000_000;

/// One call that the hub received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// Counts calls from 1, in the order they came.
    pub n: u64,
    /// Milliseconds since 1970, when its headers were read.
    pub at_ms: i64,
    /// Which call.
    pub endpoint: Endpoint,
    /// The header `username`.
    pub user: String,
    /// The HTTP status answered; `closed` without one; `cut` inside one;
    /// `open` while it is worked on; `lost` if the request never came whole.
    pub status: String,
    /// Rows in an `/add-bulk`, 1 for an `/add` that was understood.
    pub rows: usize,
    /// The bulk request it made.
    pub bulk_id: Option<u64>,
    /// The fault that happened to it.
    pub fault: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) switches: Switches,
    pub(crate) rules: Vec<Rule>,
    pub(crate) callbacks: Vec<CallbackRecord>,
    calls: VecDeque<CallRecord>,
    calls_count: u64,
    turns: u64,
    /// In the order of the config's users.
    passwords: Vec<String>,
    /// The one token of each user; it does not expire.
    tokens: Vec<Option<String>>,
    recent: HashMap<String, VecDeque<Instant>>,
}

impl Desk {
    pub(crate) fn new(config: &SandboxConfig) -> Desk {
        Desk {
            switches: Switches::default(),
            rules: Vec::new(),
            callbacks: Vec::new(),
            calls: VecDeque::new(),
            calls_count: 0,
            turns: 0,
            passwords: config
                .users
                .iter()
                .map(|user| user.password.clone())
                .collect(),
            tokens: vec![None; config.users.len()],
            recent: HashMap::new(),
        }
    }

    /// Notes a call and finds its fault, as one step, so that calls in flight
    /// at once still meet the rules in the order they are logged.
    pub(crate) fn arrive(
        &mut self,
        at_ms: i64,
        endpoint: Endpoint,
        user: &str,
    ) -> (u64, Option<Fault>) {
        let fault = if self.switches.down {
            None
        } else {
            fire(&mut self.rules, endpoint, user)
        };
        self.calls_count += 1;
        if self.calls.len() == CALLS_MAX {
            self.calls.pop_front();
        }
        self.calls.push_back(CallRecord {
            n: self.calls_count,
            at_ms,
            endpoint,
            user: user.to_owned(),
            status: "open".to_owned(),
            rows: 0,
            bulk_id: None,
            fault: fault.as_ref().map(|fault| fault.name().to_owned()),
        });
        (self.calls_count, fault)
    }

    /// Notes what became of a call.
    pub(crate) fn settle(&mut self, n: u64, note: impl FnOnce(&mut CallRecord)) {
        let Some(first) = self.calls.front().map(|call| call.n) else {
            return;
        };
        let place = n
            .checked_sub(first)
            .and_then(|place| usize::try_from(place).ok());
        if let Some(call) = place.and_then(|place| self.calls.get_mut(place)) {
            note(call);
        }
    }

    pub(crate) fn calls(&self) -> impl Iterator<Item = &CallRecord> {
        self.calls.iter()
    }

    pub(crate) fn calls_count(&self) -> u64 {
        self.calls_count
    }

    /// The next answer's turn, for formats that alternate.
    pub(crate) fn turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns - 1
    }

    pub(crate) fn password_fits(&self, user: usize, password: &str) -> bool {
        self.passwords
            .get(user)
            .is_some_and(|kept| kept == password)
    }

    pub(crate) fn set_password(&mut self, user: usize, password: String) {
        if let Some(kept) = self.passwords.get_mut(user) {
            *kept = password;
        }
    }

    /// The user's token, the same at every login until it is forgotten.
    pub(crate) fn token(&mut self, user: usize) -> String {
        self.tokens[user].get_or_insert_with(new_token).clone()
    }

    pub(crate) fn token_fits(&self, user: usize, token: &str) -> bool {
        !self.switches.dead_tokens && self.tokens[user].as_deref() == Some(token)
    }

    pub(crate) fn forget_token(&mut self, user: usize) {
        self.tokens[user] = None;
    }

    /// Counts a call of this user; `Some` is how long to wait where it was
    /// one too many.
    pub(crate) fn over_limit(&mut self, user: &str, now: Instant) -> Option<Duration> {
        const MINUTE: Duration = Duration::from_secs(60);
        let limit = self.switches.limit_per_minute?;
        let recent = self.recent.entry(user.to_owned()).or_default();
        while recent
            .front()
            .is_some_and(|at| now.duration_since(*at) >= MINUTE)
        {
            recent.pop_front();
        }
        if recent.len() < limit as usize {
            recent.push_back(now);
            return None;
        }
        // With a limit of nothing there is no call to wait for.
        Some(
            recent
                .front()
                .map_or(MINUTE, |at| MINUTE.saturating_sub(now.duration_since(*at))),
        )
    }
}

/// As long and as awkward as the guide's sample: 344 letters of base64.
fn new_token() -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let random = RandomState::new();
    let mut token: String = (0u64..342)
        .map(|place| {
            let letter = usize::try_from(random.hash_one(place) % 64).unwrap_or(0);
            char::from(LETTERS[letter])
        })
        .collect();
    token.push_str("==");
    token
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_limit_names_the_wait_until_the_oldest_call_is_a_minute_old() {
        let mut desk = Desk::new(&SandboxConfig::default());
        let start = Instant::now();
        assert_eq!(desk.over_limit("demo", start), None);
        desk.switches.limit_per_minute = Some(2);
        assert_eq!(desk.over_limit("demo", start), None);
        assert_eq!(
            desk.over_limit("demo", start + Duration::from_secs(10)),
            None
        );
        let wait = desk
            .over_limit("demo", start + Duration::from_secs(15))
            .unwrap();
        assert_eq!(wait, Duration::from_secs(45));
        assert_eq!(desk.over_limit("other", start), None);
        assert_eq!(
            desk.over_limit("demo", start + Duration::from_secs(60)),
            None
        );
    }

    #[test]
    fn a_token_stays_until_it_is_forgotten() {
        let mut desk = Desk::new(&SandboxConfig::default());
        let token = desk.token(0);
        assert_eq!(token.len(), 344);
        assert_eq!(desk.token(0), token);
        assert!(desk.token_fits(0, &token));
        desk.forget_token(0);
        assert!(!desk.token_fits(0, &token));
        assert_ne!(desk.token(0), token);
    }
}
