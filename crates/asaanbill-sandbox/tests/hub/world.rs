//! A hub on a free port, and a client that signs in and speaks JSON.

use std::time::Duration;

use asaanbill_sandbox::{Sandbox, SandboxConfig, SwitchesChange};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A hub whose PSIDs come only when a test says so, without quirks.
pub fn quiet() -> SandboxConfig {
    SandboxConfig {
        psid_delay: Duration::from_secs(3600),
        quirks: false,
        ..SandboxConfig::default()
    }
}

/// Shows what has no PSID yet as IN_PROCESS: the draft time is over at once,
/// and PSIDs are held.
pub async fn in_process(config: SandboxConfig) -> World {
    let world = World::with(SandboxConfig {
        psid_delay: Duration::ZERO,
        ..config
    })
    .await;
    let hold = SwitchesChange {
        psid_hold: Some(true),
        ..SwitchesChange::default()
    };
    world.sandbox.switch(hold).unwrap();
    world
}

pub struct World {
    pub sandbox: Sandbox,
    pub client: reqwest::Client,
    pub user: String,
    pub token: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> reqwest::Result<Answer> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer {
            status,
            headers,
            text: response.text().await?,
        })
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub fn data(&self) -> Value {
        self.json()["data"].clone()
    }

    /// Both statuses are 200.
    pub fn ok(self) -> Answer {
        assert_eq!(self.status, 200, "{}", self.text);
        assert_eq!(self.json()["responseCode"], 200);
        self
    }
}

pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .build()
        .unwrap()
}

pub fn row(identifier: &str, amount: &str) -> Value {
    json!({
        "title": "Bareera Sheikh", "identifier": identifier, "amount": amount,
        "dueDate": "2035-08-31", "amountAfterDueDate": amount,
    })
}

impl World {
    pub async fn new() -> World {
        World::with(quiet()).await
    }

    pub async fn with(config: SandboxConfig) -> World {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let user = config.users[0].username.clone();
        let password = config.users[0].password.clone();
        let sandbox = Sandbox::start(listener, config).unwrap();
        let mut world = World {
            sandbox,
            client: client(),
            user,
            token: String::new(),
        };
        world.sign_in(&password).await;
        world
    }

    pub async fn sign_in(&mut self, password: &str) {
        let answer = self.login(&self.user, password).await.ok();
        self.token = answer.data()["token"].as_str().unwrap().to_owned();
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    pub async fn login(&self, user: &str, password: &str) -> Answer {
        let request = self
            .client
            .post(self.url("/login"))
            .header("username", user);
        let response = request
            .json(&json!({"password": password}))
            .send()
            .await
            .unwrap();
        Answer::of(response).await.unwrap()
    }

    /// With the three headers of every call after login.
    pub fn signed(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request
            .header("x-auth-ph-key", &self.token)
            .header("channel-id", "23")
            .header("username", &self.user)
    }

    pub async fn try_get(&self, path: &str) -> reqwest::Result<Answer> {
        Answer::of(self.signed(self.client.get(self.url(path))).send().await?).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.try_get(path).await.unwrap()
    }

    pub async fn try_post(&self, path: &str, body: &Value) -> reqwest::Result<Answer> {
        Answer::of(
            self.signed(self.client.post(self.url(path)))
                .json(body)
                .send()
                .await?,
        )
        .await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).await.unwrap()
    }

    pub async fn add(&self, payment: Value) -> Answer {
        self.post("/add?generationTypes=PSID", &json!({"payment": payment}))
            .await
    }

    pub async fn try_bulk(&self, rows: &[Value]) -> reqwest::Result<Answer> {
        self.try_post("/add-bulk?contentType=JSON", &json!({"payments": rows}))
            .await
    }

    pub async fn bulk(&self, rows: &[Value]) -> Answer {
        self.try_bulk(rows).await.unwrap()
    }

    /// `GET`, `POST` or `DELETE` of the control API.
    pub async fn control(&self, method: &str, path: &str, body: &str) -> Answer {
        let url = format!("{}{path}", self.sandbox.control_url());
        let request = self
            .client
            .request(method.parse().unwrap(), url)
            .body(body.to_owned());
        Answer::of(request.send().await.unwrap()).await.unwrap()
    }

    pub fn statuses(&self, identifier: &str) -> Vec<String> {
        let payments = self.sandbox.payments(None, Some(identifier));
        payments.into_iter().map(|payment| payment.status).collect()
    }
}
