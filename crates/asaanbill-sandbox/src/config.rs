//! How a sandbox is set up: its users, its pace, its page sizes, where its
//! journal lies, and what can be wrong with any of it.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that is decided before the hub opens its door.
///
/// ```
/// use asaanbill_sandbox::{SandboxConfig, User};
///
/// let config = SandboxConfig {
///     users: vec![User::new("greenfield", "secret")],
///     quirks: false,
///     ..SandboxConfig::default()
/// };
/// assert_eq!(config.rows_max, 5000);
/// ```
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Who may log in. Each user's payments are invisible to the others.
    pub users: Vec<User>,
    /// Where every change is written down and synced before it is answered;
    /// a sandbox started again on the same file goes on where it stopped.
    /// `None` keeps everything in memory only.
    pub journal: Option<PathBuf>,
    /// Where callbacks go for users without a URL of their own, such as
    /// `http://127.0.0.1:8080/callbacks`; plain http to loopback only. (A hub
    /// in process posts nothing, and looks at no URL.)
    pub callback_url: Option<String>,
    /// How long after `/add-bulk` its payments get their PSIDs. They are
    /// shown as DRAFT for the first half of it, as IN_PROCESS after that.
    pub psid_delay: Duration,
    /// The largest page, and the page size where none is asked for.
    pub page_limit: usize,
    /// The most payments one `/add-bulk` may carry (guide, endpoint 3: 5000).
    pub rows_max: usize,
    /// The largest request body that is read; a larger one is answered 413.
    pub body_bytes_max: usize,
    /// Whether formats alternate (see the crate's page). Without quirks
    /// every answer is written as in its own sample in the guide.
    pub quirks: bool,
    /// What the tokens of `/login` are made from. With the same number the
    /// same logins get the same tokens; `None` is a random number for a
    /// [`Sandbox`](crate::Sandbox), and 0 for a
    /// [`HubInProcess`](crate::HubInProcess), which knows no chance.
    pub token_seed: Option<u64>,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        SandboxConfig {
            users: vec![User::new("demo", "demo")],
            journal: None,
            callback_url: None,
            psid_delay: Duration::from_millis(300),
            page_limit: 100,
            rows_max: 5000,
            body_bytes_max: 16 * 1024 * 1024,
            quirks: true,
            token_seed: None,
        }
    }
}

/// One login of the hub, and the channel it belongs to.
#[derive(Clone)]
pub struct User {
    /// Sent as the header `username` with every call.
    pub username: String,
    /// Sent once, in the body of `/login`.
    pub password: String,
    /// Answered by `/login` and expected back as the header `channel-id`.
    pub channel_id: u32,
    /// Answered by `/login`; also shown as `billedToAddress`.
    pub channel_name: String,
    /// Answered by `/login`.
    pub first_name: String,
    /// Answered by `/login`.
    pub last_name: String,
    /// Where this user's callbacks go, instead of the config's URL.
    pub callback_url: Option<String>,
    /// Whether the user lacks the role for every call but `/login` (403).
    pub role_denied: bool,
}

impl User {
    /// A user of channel 23 with an ordinary name, the role, and no callbacks.
    #[must_use]
    pub fn new(username: &str, password: &str) -> User {
        User {
            username: username.to_owned(),
            password: password.to_owned(),
            channel_id: 23,
            channel_name: "Sandbox School".to_owned(),
            first_name: "Sana".to_owned(),
            last_name: "Boxwala".to_owned(),
            callback_url: None,
            role_denied: false,
        }
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("username", &self.username)
            .field("password", &"(hidden)")
            .field("channel_id", &self.channel_id)
            .field("channel_name", &self.channel_name)
            .field("first_name", &self.first_name)
            .field("last_name", &self.last_name)
            .field("callback_url", &self.callback_url)
            .field("role_denied", &self.role_denied)
            .finish()
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The hub is for this machine alone: it has no TLS and its control API
    /// asks for no password.
    #[error("the sandbox listens on loopback only (127.0.0.1 or [::1]), not on {0}")]
    NotLoopback(SocketAddr),
    /// The listener could not say where it listens.
    #[error("the sandbox's listener is not usable: {0}")]
    Listener(#[source] std::io::Error),
    /// The users of the config contradict each other.
    #[error("the sandbox's users are not usable: {0}")]
    Users(String),
    /// A callback URL that is not `http://` to this machine.
    #[error("the callback URL {url} is not usable: {reason}")]
    CallbackUrl {
        /// The URL as configured.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The journal can't be opened, read or written.
    #[error("the sandbox's journal {path} can't be used: {source}")]
    Journal {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Another sandbox writes this journal.
    #[error("the sandbox's journal {0} is in use by another sandbox")]
    JournalInUse(PathBuf),
    /// A line in the middle of the journal is not one of ours. (A broken
    /// *last* line is what a killed sandbox leaves, and is cut off.)
    #[error("the sandbox's journal {path} can't be read at line {line}: {reason}")]
    JournalLine {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What is wrong with the line.
        reason: String,
    },
}
