//! A hub in process that a test drives by hand: it signs in, and moves time.

use asaanbill_sandbox::{Answer, HubInProcess, Request, SandboxConfig};
use serde_json::{Value, json};

/// 2026-03-02 09:00 in Pakistan.
pub const MORNING: i64 = 1_772_424_000_000;

pub struct HandDriven {
    pub hub: HubInProcess,
    /// Every call is made at this time.
    pub at_ms: i64,
    pub token: String,
}

/// An answer's JSON.
pub fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

pub fn text_of(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

/// `POST /login` of the user `demo`.
pub fn login(password: &str) -> Request {
    let body = json!({"password": password}).to_string();
    Request::post("/integration/login", "", body).with_header("username", "demo")
}

impl HandDriven {
    /// Signed in as the first user, who is `demo`.
    pub fn new(config: SandboxConfig) -> HandDriven {
        let password = config.users[0].password.clone();
        let hub = HubInProcess::open(config, MORNING).unwrap();
        let mut driven = HandDriven {
            hub,
            at_ms: MORNING,
            token: String::new(),
        };
        driven.sign_in(&password);
        driven
    }

    pub fn sign_in(&mut self, password: &str) {
        let answer = self.call(login(password));
        let token = json_of(&answer)["data"]["token"]
            .as_str()
            .unwrap()
            .to_owned();
        self.token = token;
    }

    pub fn signed(&self, request: Request) -> Request {
        request
            .with_header("x-auth-ph-key", &self.token)
            .with_header("channel-id", "23")
            .with_header("username", "demo")
    }

    pub fn try_call(&self, request: Request) -> Option<Answer> {
        self.hub.call(self.at_ms, request)
    }

    pub fn call(&self, request: Request) -> Answer {
        self.try_call(request).unwrap()
    }

    pub fn get(&self, path: &str, query: &str) -> Answer {
        self.call(self.signed(Request::get(&format!("/integration{path}"), query)))
    }

    /// The data of a call that went well.
    pub fn data(&self, path: &str, query: &str) -> Value {
        let answer = self.get(path, query);
        assert_eq!(answer.status, 200, "{}", text_of(&answer));
        json_of(&answer)["data"].clone()
    }

    pub fn bulk_request(&self, rows: &[Value]) -> Request {
        let body = json!({"payments": rows}).to_string();
        let path = "/payment-hub/integration/add-bulk";
        self.signed(Request::post(path, "contentType=JSON", body))
    }

    pub fn bulk(&self, rows: &[Value]) -> Answer {
        self.call(self.bulk_request(rows))
    }

    pub fn statuses(&self, identifier: &str) -> Vec<String> {
        let payments = self.hub.payments(None, Some(identifier));
        payments.into_iter().map(|payment| payment.status).collect()
    }
}
