//! What is not journalled: tokens, passwords, faults, switches, and the logs
//! of calls and callbacks.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};

use serde::{Deserialize, Serialize};

use crate::callbacks::CallbackRecord;
use crate::config::SandboxConfig;
use crate::faults::{Endpoint, Fault, Rule, fire};
use crate::switches::Switches;

/// Calls kept in the log; the oldest go first.
const CALLS_MAX: usize = 1_000_000;

const MINUTE_MS: i64 = 60_000;

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
    /// Every token is made from this and from how many were made before it.
    token_seed: u64,
    tokens_made: u64,
    /// When each user's calls of the last minute came, on the steady clock.
    recent: HashMap<String, VecDeque<i64>>,
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
            token_seed: config
                .token_seed
                .unwrap_or_else(|| RandomState::new().hash_one("token")),
            tokens_made: 0,
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
        if let Some(token) = &self.tokens[user] {
            return token.clone();
        }
        let token = token(self.token_seed, self.tokens_made);
        self.tokens_made += 1;
        self.tokens[user] = Some(token.clone());
        token
    }

    pub(crate) fn token_fits(&self, user: usize, token: &str) -> bool {
        !self.switches.dead_tokens && self.tokens[user].as_deref() == Some(token)
    }

    pub(crate) fn forget_token(&mut self, user: usize) {
        self.tokens[user] = None;
    }

    /// Counts a call of this user; `Some` is how many milliseconds to wait
    /// where it was one too many.
    pub(crate) fn over_limit(&mut self, user: &str, now_ms: i64) -> Option<i64> {
        let limit = self.switches.limit_per_minute?;
        let recent = self.recent.entry(user.to_owned()).or_default();
        while recent
            .front()
            .is_some_and(|at_ms| now_ms - at_ms >= MINUTE_MS)
        {
            recent.pop_front();
        }
        if recent.len() < limit as usize {
            recent.push_back(now_ms);
            return None;
        }
        // With a limit of nothing there is no call to wait for.
        Some(
            recent
                .front()
                .map_or(MINUTE_MS, |at_ms| MINUTE_MS - (now_ms - at_ms)),
        )
    }
}

/// As long and as awkward as the guide's sample: 344 letters of base64.
fn token(seed: u64, made_before: u64) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let start = scattered(seed ^ scattered(made_before));
    let mut token: String = (0..342)
        .map(|place| {
            let letter = scattered(start.wrapping_add(place)) % 64;
            char::from(LETTERS[usize::try_from(letter).unwrap_or(0)])
        })
        .collect();
    token.push_str("==");
    token
}

/// SplitMix64: neighbouring numbers become unlike ones, and are the same for
/// every version of the standard library, which promises that of no hash.
fn scattered(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_limit_names_the_wait_until_the_oldest_call_is_a_minute_old() {
        let mut desk = Desk::new(&SandboxConfig::default());
        assert_eq!(desk.over_limit("demo", 0), None);
        desk.switches.limit_per_minute = Some(2);
        assert_eq!(desk.over_limit("demo", 0), None);
        assert_eq!(desk.over_limit("demo", 10_000), None);
        assert_eq!(desk.over_limit("demo", 15_000), Some(45_000));
        assert_eq!(desk.over_limit("other", 0), None);
        assert_eq!(desk.over_limit("demo", 60_000), None);
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

    #[test]
    fn tokens_are_random_unless_their_seed_is_named() {
        let of_seed = |token_seed| {
            let config = SandboxConfig {
                token_seed,
                ..SandboxConfig::default()
            };
            Desk::new(&config).token(0)
        };
        assert_eq!(of_seed(Some(7)), of_seed(Some(7)));
        assert_ne!(of_seed(Some(7)), of_seed(Some(8)));
        assert_ne!(of_seed(None), of_seed(None));
    }
}
