//! Which call a method and a path mean.
//!
//! The eight calls stand under two prefixes: the guide ends its base URL in
//! `/integration` and begins its endpoints with it, and one of them counts.

use axum::http::Method;

use crate::answers::Reply;
use crate::faults::Endpoint;

const PREFIXES: [&str; 2] = ["/payment-hub/integration/", "/integration/"];

/// The call, and what stands behind it in the path, decoded; or what is
/// answered where there is none.
pub(crate) fn find(method: &Method, path: &str) -> Result<(Endpoint, String), Reply> {
    let call = PREFIXES
        .iter()
        .find_map(|prefix| path.strip_prefix(prefix))
        .and_then(call);
    let Some((endpoint, rest)) = call else {
        return Err(Reply::refused(404, "The requested resource does not exist"));
    };
    let (understood, allowed) = match endpoint {
        Endpoint::Login | Endpoint::Add | Endpoint::AddBulk => (method == Method::POST, "POST"),
        _ => (method == Method::GET || method == Method::HEAD, "GET,HEAD"),
    };
    if !understood {
        let mut reply = Reply::wrong_method();
        reply.headers.push(("allow", allowed.to_owned()));
        return Err(reply);
    }
    match decoded(rest) {
        Some(rest) => Ok((endpoint, rest)),
        None => Err(Reply::refused(400, "The path is not UTF-8")),
    }
}

fn call(path: &str) -> Option<(Endpoint, &str)> {
    let (name, rest) = match path.split_once('/') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let endpoint = match (name, rest) {
        ("login", None) => Endpoint::Login,
        ("add", None) => Endpoint::Add,
        ("add-bulk", None) => Endpoint::AddBulk,
        ("bulk-payment-request", None) => Endpoint::BulkList,
        ("bulk-payment-request", Some(_)) => Endpoint::BulkStatus,
        ("payment", None) => Endpoint::PaymentList,
        ("payment", Some(_)) => Endpoint::Payment,
        ("search", Some(_)) => Endpoint::Search,
        _ => return None,
    };
    let one_part = rest.is_none_or(|rest| !rest.is_empty() && !rest.contains('/'));
    one_part.then_some((endpoint, rest.unwrap_or_default()))
}

/// `%2F` and its like as what they stand for; a `%` without two hexadecimal
/// digits stands for itself. `None` if that makes no UTF-8.
fn decoded(part: &str) -> Option<String> {
    let bytes = part.as_bytes();
    let digit = |at: usize| {
        bytes
            .get(at)
            .and_then(|byte| char::from(*byte).to_digit(16))
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(u8::MAX));
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn status(method: &Method, path: &str) -> u16 {
        find(method, path).err().map_or(200, |reply| reply.http)
    }

    #[test]
    fn every_call_is_found_under_both_prefixes() {
        for prefix in PREFIXES {
            for (method, path, endpoint, rest) in [
                (Method::POST, "login", Endpoint::Login, ""),
                (Method::POST, "add", Endpoint::Add, ""),
                (Method::POST, "add-bulk", Endpoint::AddBulk, ""),
                (Method::GET, "bulk-payment-request", Endpoint::BulkList, ""),
                (
                    Method::GET,
                    "bulk-payment-request/11",
                    Endpoint::BulkStatus,
                    "11",
                ),
                (Method::GET, "payment", Endpoint::PaymentList, ""),
                (Method::GET, "payment/264001", Endpoint::Payment, "264001"),
                (Method::GET, "search/a%20b%2fc%", Endpoint::Search, "a b/c%"),
            ] {
                let found = find(&method, &format!("{prefix}{path}")).unwrap();
                assert_eq!(found, (endpoint, rest.to_owned()), "{path}");
            }
        }
    }

    #[test]
    fn what_is_no_call_is_refused() {
        for path in [
            "/",
            "/login",
            "/integration",
            "/integration/",
            "/integration/search",
            "/integration/payment/",
            "/integration/payment/1/",
            "/integration/login/",
            "/payment-hub/integration/integration/payment",
        ] {
            assert_eq!(status(&Method::GET, path), 404, "{path}");
        }
        assert_eq!(status(&Method::GET, "/integration/add"), 405);
        assert_eq!(status(&Method::DELETE, "/integration/payment/1"), 405);
        assert_eq!(status(&Method::HEAD, "/integration/payment"), 200);
        assert_eq!(status(&Method::GET, "/integration/search/%ff"), 400);
    }
}
