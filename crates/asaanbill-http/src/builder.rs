//! How a client is set up, and what is refused before the first call.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::SecretString;

use crate::base_url::BaseUrl;
use crate::client::Client;
use crate::internet::Internet;
use crate::pace::{EvenPacer, Pacer};
use crate::surroundings::Surroundings;

/// Sets up a [`Client`]; made by [`Client::builder`]. Every setting has a
/// default.
pub struct ClientBuilder {
    base_url: String,
    username: String,
    password: SecretString,
    writes_per_minute: u32,
    reads_per_minute: u32,
    pacer: Option<Arc<dyn Pacer>>,
    surroundings: Option<Arc<dyn Surroundings>>,
    pub(crate) settings: Settings,
}

/// The limits of a client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) read_deadline: Duration,
    pub(crate) write_deadline: Duration,
    pub(crate) answer_bytes_max: usize,
    pub(crate) read_tries: u32,
    pub(crate) retry_pause: Duration,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The base URL can't be used.
    #[error("the base URL can't be used: {why}")]
    BaseUrl {
        /// What is wrong with it.
        why: String,
    },
    /// The username is empty or holds control characters.
    #[error("the username can't be sent in a header; write it without line breaks")]
    Username,
    /// A rate of no calls at all.
    #[error("a rate of 0 calls a minute would never call; write 1 or more")]
    NoCalls,
    /// TLS could not be set up, as where a machine has no root certificates.
    #[error("TLS can't be set up: {why}; install the system's CA certificates (ca-certificates)")]
    Tls {
        /// What is wrong.
        why: String,
    },
}

impl ClientBuilder {
    pub(crate) fn new(base_url: String, username: String, password: SecretString) -> ClientBuilder {
        ClientBuilder {
            base_url,
            username,
            password,
            writes_per_minute: 30,
            reads_per_minute: 60,
            pacer: None,
            surroundings: None,
            settings: Settings {
                connect_timeout: Duration::from_secs(4),
                read_deadline: Duration::from_secs(60),
                write_deadline: Duration::from_secs(120),
                answer_bytes_max: 64 * 1024 * 1024,
                read_tries: 4,
                retry_pause: Duration::from_millis(500),
            },
        }
    }

    /// `add` and `add-bulk` in any 60 seconds, evenly spaced: 30 if not set.
    #[must_use]
    pub fn requests_per_minute(mut self, calls: u32) -> ClientBuilder {
        self.writes_per_minute = calls;
        self
    }

    /// Everything else in any 60 seconds, logins included: 60 if not set.
    #[must_use]
    pub fn reads_per_minute(mut self, calls: u32) -> ClientBuilder {
        self.reads_per_minute = calls;
        self
    }

    /// Takes turns from elsewhere, such as a count that several processes
    /// share. The two rates above are then not used.
    #[must_use]
    pub fn pacer(mut self, pacer: Arc<dyn Pacer>) -> ClientBuilder {
        self.pacer = Some(pacer);
        self
    }

    /// Lives in another world than the internet and the machine's time: every
    /// call, pause and turn goes through these. The base URL is checked all the
    /// same, but nobody connects to it and no TLS is set up. A pacer of your
    /// own keeps its own time; see [`EvenPacer::in_surroundings`].
    #[must_use]
    pub fn surroundings(mut self, surroundings: Arc<dyn Surroundings>) -> ClientBuilder {
        self.surroundings = Some(surroundings);
        self
    }

    /// How long a connection may take to be made: 4 s if not set. Until then
    /// provably nothing was sent. [Surroundings](ClientBuilder::surroundings)
    /// of your own do as they like.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> ClientBuilder {
        self.settings.connect_timeout = timeout;
        self
    }

    /// How long a read may take in all, its repetitions and the pauses between
    /// them included, waiting for its turn not: 60 s if not set.
    #[must_use]
    pub fn read_deadline(mut self, deadline: Duration) -> ClientBuilder {
        self.settings.read_deadline = deadline;
        self
    }

    /// How long a write may take from its first byte to the last of its
    /// answer: 120 s if not set. After that its outcome is unknown.
    #[must_use]
    pub fn write_deadline(mut self, deadline: Duration) -> ClientBuilder {
        self.settings.write_deadline = deadline;
        self
    }

    /// The longest answer that is read, in bytes: 64 MB if not set.
    #[must_use]
    pub fn answer_bytes_max(mut self, bytes: usize) -> ClientBuilder {
        self.settings.answer_bytes_max = bytes;
        self
    }

    /// How often a read is asked at most: 4 times if not set.
    #[must_use]
    pub fn read_tries(mut self, tries: u32) -> ClientBuilder {
        self.settings.read_tries = tries.max(1);
        self
    }

    /// The pause before a read is asked again: 500 ms if not set, doubled each
    /// time, and shortened at random by up to half.
    #[must_use]
    pub fn retry_pause(mut self, pause: Duration) -> ClientBuilder {
        self.settings.retry_pause = pause;
        self
    }

    /// The client. Calls nobody yet.
    ///
    /// # Errors
    /// If the base URL is not https (http is for this machine only), the
    /// username can't be a header, a rate is 0, or TLS can't be set up.
    pub fn build(self) -> Result<Client, BuildError> {
        let base = BaseUrl::parse(&self.base_url)?;
        let username = HeaderValue::from_bytes(self.username.trim().as_bytes())
            .ok()
            .filter(|name| !name.is_empty())
            .ok_or(BuildError::Username)?;
        let rate = |calls| NonZeroU32::new(calls).ok_or(BuildError::NoCalls);
        let surroundings = match self.surroundings {
            Some(surroundings) => surroundings,
            None => Arc::new(Internet::to(&base, self.settings.connect_timeout)?),
        };
        let pacer = match self.pacer {
            Some(pacer) => pacer,
            None => {
                let (writes, reads) = (rate(self.writes_per_minute)?, rate(self.reads_per_minute)?);
                let surroundings = Arc::clone(&surroundings);
                Arc::new(EvenPacer::in_surroundings(surroundings, writes, reads))
            }
        };
        Ok(Client::from_parts(
            base,
            username,
            self.password,
            pacer,
            surroundings,
            self.settings,
        ))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("username", &self.username)
            .field("writes_per_minute", &self.writes_per_minute)
            .field("reads_per_minute", &self.reads_per_minute)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
