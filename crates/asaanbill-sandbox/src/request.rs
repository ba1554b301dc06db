//! A request to a hub in process: what would go over the wire, as it would.

use std::fmt;

/// One call, whole.
///
/// ```
/// use asaanbill_sandbox::Request;
///
/// let list = Request::get("/integration/bulk-payment-request", "contentType=JSON")
///     .with_header("username", "demo");
/// assert_eq!(list.method, "GET");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// From the first slash to before the `?`, encoded as in a URL.
    pub path: String,
    /// What stands behind the `?`, encoded as in a URL; empty if nothing does.
    pub query: String,
    /// Names in any case.
    pub headers: Vec<(String, String)>,
    /// Empty if there is none.
    pub body: Vec<u8>,
}

impl Request {
    /// A `GET` without headers.
    #[must_use]
    pub fn get(path: &str, query: &str) -> Request {
        Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            ..Request::default()
        }
    }

    /// A `POST` of JSON, with the header that says so and no other.
    #[must_use]
    pub fn post(path: &str, query: &str, json: impl Into<Vec<u8>>) -> Request {
        let request = Request {
            method: "POST".to_owned(),
            body: json.into(),
            ..Request::get(path, query)
        };
        request.with_header("content-type", "application/json")
    }

    /// One header more.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Without the values of headers and without the body: tokens, passwords and
/// payers' names are among them.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("headers", &headers)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_in_a_request_is_never_printed() {
        let body = r#"{"password": "sesame"}"#;
        let request =
            Request::post("/integration/login", "", body).with_header("x-auth-ph-key", "t0ken");
        let printed = format!("{request:?}");
        assert!(printed.contains("x-auth-ph-key") && printed.contains("login"));
        assert!(!printed.contains("sesame") && !printed.contains("t0ken"));
    }
}
