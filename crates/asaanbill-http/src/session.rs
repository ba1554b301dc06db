//! Who is signed in: one login for all calls in flight, and one more for all
//! of them when the hub forgets the token.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use asaanbill_core::LoginData;
use reqwest::header::HeaderValue;

use crate::errors::ReadError;

/// A token and the headers it goes into.
pub(crate) struct Session {
    /// Counts logins, so that a call can say *which* token the hub refused.
    pub(crate) generation: u64,
    pub(crate) token: HeaderValue,
    pub(crate) channel_id: HeaderValue,
}

/// The desk where calls queue for a session. Its first lock is never held
/// across an await; the second is held by the one call that signs in for all.
#[derive(Default)]
pub(crate) struct SignInDesk {
    state: Mutex<State>,
    pub(crate) signing_in: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Session>>,
    logins: u64,
    attempts: u64,
    failure: Option<ReadError>,
    /// The tokens of this session and the one before, to find them in the
    /// hub's own words.
    tokens: [String; 2],
}

impl SignInDesk {
    /// The session, unless it is the one that is known to be dead.
    pub(crate) fn session_other_than(&self, dead: Option<u64>) -> Option<Arc<Session>> {
        let current = self.state().current.clone();
        current.filter(|session| Some(session.generation) != dead)
    }

    /// The last two tokens.
    pub(crate) fn tokens(&self) -> [String; 2] {
        self.state().tokens.clone()
    }

    /// How many logins have been tried. A call that waited for another's login
    /// compares it to see whether one was.
    pub(crate) fn attempts(&self) -> u64 {
        self.state().attempts
    }

    /// How the last login failed, if it did.
    pub(crate) fn failure(&self) -> Option<ReadError> {
        self.state().failure.clone()
    }

    /// Takes in what a login brought.
    pub(crate) fn admit(&self, login: &LoginData) -> Result<Arc<Session>, ReadError> {
        let unreadable = |what: &str| ReadError::Unreadable {
            why: format!("the login answer has {what}"),
        };
        let token_text = login.token.trim().to_owned();
        let mut token = HeaderValue::from_str(&token_text)
            .map_err(|_| unreadable("a token that can't be a header"))?;
        token.set_sensitive(true);
        let channel_id = login.channel_id.as_deref().unwrap_or("").trim();
        let channel_id = HeaderValue::from_str(channel_id)
            .ok()
            .filter(|id| !id.is_empty())
            .ok_or_else(|| unreadable("no channel id"))?;
        let mut state = self.state();
        state.logins += 1;
        let session = Arc::new(Session {
            generation: state.logins,
            token,
            channel_id,
        });
        if state.tokens[0] != token_text {
            state.tokens.swap(0, 1);
            state.tokens[0] = token_text;
        }
        state.current = Some(Arc::clone(&session));
        Ok(session)
    }

    /// Notes how a login ended, for those who waited for it.
    pub(crate) fn note_attempt(&self, failure: Option<ReadError>) {
        let mut state = self.state();
        state.attempts += 1;
        state.failure = failure;
    }

    /// Drops the session with this number; a newer one stays.
    pub(crate) fn forget(&self, generation: u64) {
        let mut state = self.state();
        if state
            .current
            .as_ref()
            .is_some_and(|session| session.generation == generation)
        {
            state.current = None;
        }
    }

    /// Drops whatever session there is.
    pub(crate) fn forget_all(&self) {
        let mut state = self.state();
        state.current = None;
        state.failure = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
