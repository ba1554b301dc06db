//! The client itself: what it holds, how it signs in, and what its requests
//! look like. The calls are in [`reads`](crate::reads) and
//! [`writes`](crate::writes); how they go out is in [`calling`](crate::calling).

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use asaanbill_core::LoginData;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::asking::data_of;
use crate::base_url::BaseUrl;
use crate::builder::{ClientBuilder, Settings};
use crate::errors::ReadError;
use crate::pace::{CallKind, Pacer};
use crate::request::Request;
use crate::retry_after::Gate;
use crate::session::{Session, SignInDesk};
use crate::surroundings::Surroundings;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A client for one login of the hub. Cheap to clone; all clones share one
/// token, one pace and one connection pool.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    base: BaseUrl,
    username: HeaderValue,
    password: RwLock<SecretString>,
    pub(crate) pacer: Arc<dyn Pacer>,
    pub(crate) surroundings: Arc<dyn Surroundings>,
    pub(crate) settings: Settings,
    pub(crate) gate: Gate,
    pub(crate) desk: SignInDesk,
}

impl Client {
    /// A client for this user at this hub. The base URL may end in
    /// `/integration` or not; the guide writes it both ways.
    ///
    /// ```
    /// use asaanbill_http::Client;
    ///
    /// let client = Client::builder("https://hub.example/payment-hub", "greenfield", "secret".into())
    ///     .requests_per_minute(30)
    ///     .build()?;
    /// assert!(!format!("{client:?}").contains("secret"));
    /// # Ok::<(), asaanbill_http::BuildError>(())
    /// ```
    pub fn builder(
        base_url: impl Into<String>,
        username: impl Into<String>,
        password: SecretString,
    ) -> ClientBuilder {
        ClientBuilder::new(base_url.into(), username.into(), password)
    }

    pub(crate) fn from_parts(
        base: BaseUrl,
        username: HeaderValue,
        password: SecretString,
        pacer: Arc<dyn Pacer>,
        surroundings: Arc<dyn Surroundings>,
        settings: Settings,
    ) -> Client {
        Client {
            inner: Arc::new(Inner {
                base,
                username,
                password: RwLock::new(password),
                pacer,
                surroundings,
                settings,
                gate: Gate::default(),
                desk: SignInDesk::default(),
            }),
        }
    }

    /// Signs in (guide, section 1), whether or not there is a token already.
    /// No need to call it: every other call signs in by itself. It is for
    /// trying a password, and for the names it answers.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let hub = asaanbill_sandbox::Sandbox::start(listener, Default::default())?;
    /// use asaanbill_http::{Client, ReadError};
    ///
    /// let client = Client::builder(hub.base_url(), "demo", "demo".into()).build()?;
    /// println!("signed in for {:?}", client.login().await?.channel_name);
    ///
    /// let wrong = Client::builder(hub.base_url(), "demo", "guess".into()).build()?;
    /// assert!(matches!(wrong.login().await, Err(ReadError::SignInFailed { .. })));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ReadError::SignInFailed`] for a wrong user or password, and whatever
    /// else keeps the hub from answering.
    pub async fn login(&self) -> Result<LoginData, ReadError> {
        let _all_wait = self.inner.desk.signing_in.lock().await;
        self.log_in().await.map(|(login, _)| login)
    }

    /// Signs in if there is no token yet. A sender calls it before it records
    /// its intent, so that between the intent and the call nothing else happens.
    ///
    /// # Errors
    /// As [`login`](Client::login).
    pub async fn sign_in_if_needed(&self) -> Result<(), ReadError> {
        self.session_other_than(None).await.map(|_| ())
    }

    /// Uses another password from the next login on, which the next call
    /// makes: the token is dropped.
    pub fn change_password(&self, password: SecretString) {
        *self
            .inner
            .password
            .write()
            .unwrap_or_else(PoisonError::into_inner) = password;
        self.inner.desk.forget_all();
    }

    /// A session that is not the dead one: the one at hand, the one another
    /// call is just getting, or a new one. Calls that waited for a login that
    /// failed share its failure instead of trying one after the other.
    pub(crate) async fn session_other_than(
        &self,
        dead: Option<u64>,
    ) -> Result<Arc<Session>, ReadError> {
        let desk = &self.inner.desk;
        if let Some(session) = desk.session_other_than(dead) {
            return Ok(session);
        }
        let attempts = desk.attempts();
        let _all_wait = desk.signing_in.lock().await;
        if let Some(session) = desk.session_other_than(dead) {
            return Ok(session);
        }
        if desk.attempts() != attempts
            && let Some(failure) = desk.failure()
        {
            return Err(failure);
        }
        self.log_in().await.map(|(_, session)| session)
    }

    async fn log_in(&self) -> Result<(LoginData, Arc<Session>), ReadError> {
        let result = self.log_in_once().await;
        self.inner.desk.note_attempt(result.as_ref().err().cloned());
        result
    }

    async fn log_in_once(&self) -> Result<(LoginData, Arc<Session>), ReadError> {
        let mut left = self.inner.settings.read_deadline;
        let said = self
            .ask(CallKind::SignIn, &mut left, || self.login_request())
            .await?;
        if said.status != 200 {
            let message = format!("{} ({})", said.message, said.status);
            return Err(ReadError::SignInFailed { message });
        }
        // A parse error could quote the token, so it is not passed on.
        let login: LoginData = data_of(&said).map_err(|_| ReadError::Unreadable {
            why: "the login answer has no token".to_owned(),
        })?;
        let session = self.inner.desk.admit(&login)?;
        Ok((login, session))
    }

    /// A read with the headers of the guide.
    pub(crate) fn get(&self, path: &[&str], session: &Session) -> Request {
        let url = self.inner.base.join(path);
        Request::new(CallKind::Read, Method::GET, url, self.signed(session))
    }

    /// A write with the headers of the guide.
    pub(crate) fn post(&self, path: &[&str], session: &Session) -> Request {
        let url = self.inner.base.join(path);
        Request::new(CallKind::Write, Method::POST, url, self.signed(session))
    }

    fn signed(&self, session: &Session) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-auth-ph-key", session.token.clone());
        headers.insert("channel-id", session.channel_id.clone());
        headers.insert("username", self.inner.username.clone());
        headers.insert(CONTENT_TYPE, JSON);
        headers
    }

    /// The login: the password goes in its body.
    fn login_request(&self) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert("username", self.inner.username.clone());
        headers.insert(CONTENT_TYPE, JSON);
        let body = {
            let password = self
                .inner
                .password
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            serde_json::json!({ "password": password.expose_secret() }).to_string()
        };
        let url = self.inner.base.join(&["login"]);
        Request::new(CallKind::SignIn, Method::POST, url, headers).body(body.into_bytes(), || true)
    }

    /// What must not be repeated from the hub's words.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let password = self
            .inner
            .password
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let mut secrets = vec![password.expose_secret().to_owned()];
        secrets.extend(self.inner.desk.tokens());
        secrets
    }
}

/// Without token and password.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.base.as_str())
            .field("username", &self.inner.username)
            .field(
                "signed_in",
                &self.inner.desk.session_other_than(None).is_some(),
            )
            .finish_non_exhaustive()
    }
}
