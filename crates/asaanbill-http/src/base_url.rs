//! The address every call starts from: one `/integration` at its end, whichever
//! way it was configured, and plain http to this machine only.

use std::net::IpAddr;

use reqwest::Url;

use crate::builder::BuildError;

/// A checked base URL, ending in `/integration`.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    url: Url,
    is_loopback: bool,
}

impl BaseUrl {
    /// The guide writes endpoints as `/integration/login` and also ends the
    /// base URL in `/integration`, so people configure either; both are read.
    pub(crate) fn parse(text: &str) -> Result<BaseUrl, BuildError> {
        let wrong = |why: &str| BuildError::BaseUrl {
            why: why.to_owned(),
        };
        let mut url = Url::parse(text.trim()).map_err(|err| wrong(&err.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it carries a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it carries a query or fragment"));
        }
        let is_loopback = match url.host_str() {
            Some(host) => is_loopback(host),
            None => return Err(wrong("it names no host")),
        };
        match url.scheme() {
            "https" => {}
            "http" if is_loopback => {}
            "http" => return Err(wrong("plain http is for this machine only; write https")),
            _ => return Err(wrong("it is not https")),
        }
        let mut path = url.path().trim_end_matches('/');
        while let Some(shorter) = path.strip_suffix("/integration") {
            path = shorter.trim_end_matches('/');
        }
        let path = format!("{path}/integration");
        url.set_path(&path);
        Ok(BaseUrl { url, is_loopback })
    }

    /// The address of a call; each part is escaped, so that no PSID can leave
    /// its place in the path.
    pub(crate) fn join(&self, parts: &[&str]) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(parts);
        }
        url
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }

    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str()
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn either_form_ends_in_one_integration() {
        for (configured, login) in [
            (
                "https://hub.example/payment-hub/integration",
                "https://hub.example/payment-hub/integration/login",
            ),
            (
                "https://hub.example/payment-hub",
                "https://hub.example/payment-hub/integration/login",
            ),
            (
                " https://hub.example/payment-hub/integration/ ",
                "https://hub.example/payment-hub/integration/login",
            ),
            (
                "https://hub.example/integration/integration",
                "https://hub.example/integration/login",
            ),
            (
                "http://127.0.0.1:8099",
                "http://127.0.0.1:8099/integration/login",
            ),
            ("http://[::1]:80/x/", "http://[::1]/x/integration/login"),
            (
                "http://localhost:1/integration",
                "http://localhost:1/integration/login",
            ),
        ] {
            let base = BaseUrl::parse(configured).unwrap();
            assert_eq!(base.join(&["login"]).as_str(), login, "{configured}");
        }
    }

    #[test]
    fn what_is_unsafe_is_refused() {
        for bad in [
            "",
            "hub.example",
            "http://hub.example",
            "http://127.0.0.1.example/",
            "http://10.0.0.1/",
            "ftp://127.0.0.1/",
            "https://user:secret@hub.example/",
            "https://hub.example/?x=1",
            "https://hub.example/#x",
            "file:///integration",
        ] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_psid_stays_in_its_place() {
        let base = BaseUrl::parse("https://hub.example").unwrap();
        assert_eq!(
            base.join(&["search", "../add?x=1#y"]).as_str(),
            "https://hub.example/integration/search/..%2Fadd%3Fx=1%23y"
        );
    }
}
