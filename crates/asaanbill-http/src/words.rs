//! The hub's words, made fit to show: short, without characters that could
//! fool a terminal, without a secret that it repeats back, and a sentence
//! instead of a web page.

use asaanbill_core::text;

/// No message is longer than this, in characters.
const LENGTH_MAX: usize = 500;

/// A secret shorter than this is not looked for: it would be found everywhere.
const SECRET_LENGTH_MIN: usize = 4;

/// Makes a text of the hub fit to show.
pub(crate) fn cleaned(said: &str, secrets: &[&str]) -> String {
    let mut said = said.to_owned();
    for secret in secrets
        .iter()
        .filter(|secret| secret.len() >= SECRET_LENGTH_MIN)
    {
        if said.contains(secret) {
            said = said.replace(secret, "(secret)");
        }
    }
    if let Some(page) = page_summary(&said) {
        said = page;
    }
    let one_line = text::clean(&said)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    shortened(&one_line)
}

/// What a body that is no answer of the hub says, for a message. Broken JSON is
/// not quoted: it may hold a token or a payer's name.
pub(crate) fn of_body(body: &[u8], secrets: &[&str]) -> String {
    if looks_like_json(body) {
        return "broken JSON".to_owned();
    }
    let start = &body[..body.len().min(16 * 1024)];
    match cleaned(&String::from_utf8_lossy(start), secrets) {
        said if said.is_empty() => "an empty answer".to_owned(),
        said => said,
    }
}

/// Whether a body is, or begins as, an answer of the hub.
pub(crate) fn looks_like_json(body: &[u8]) -> bool {
    let first = body.iter().find(|b| !b.is_ascii_whitespace());
    first.is_some_and(|b| matches!(b, b'{' | b'['))
}

/// Why JSON did not parse, without the value that is quoted after it.
pub(crate) fn of_json_error(err: &serde_json::Error) -> String {
    let text = err.to_string();
    let unquoted = text.split(['"', '`']).next().unwrap_or_default();
    unquoted.trim().to_owned()
}

/// `a web page "Bad Gateway"` for HTML, nothing for other text.
fn page_summary(said: &str) -> Option<String> {
    let start = said
        .trim_start_matches('\u{feff}')
        .trim_start()
        .to_ascii_lowercase();
    if !["<!doctype", "<html", "<head", "<body", "<title", "<center"]
        .iter()
        .any(|tag| start.starts_with(tag))
    {
        return None;
    }
    // The same bytes in lower case, so that places agree.
    let lower = said.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|tag| {
        let from = tag + lower[tag..].find('>')? + 1;
        let to = from + lower[from..].find('<')?;
        Some(said[from..to].trim())
    });
    Some(match title {
        Some(title) if !title.is_empty() => format!("a web page \"{title}\""),
        _ => "a web page".to_owned(),
    })
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LENGTH_MAX - 1) {
        Some((cut, _)) if text[cut..].chars().count() > 1 => format!("{}…", &text[..cut]),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_one_short_line() {
        assert_eq!(
            cleaned("amount\r\n\x1b[31m is \u{202e}wrong ", &[]),
            "amount [31m is wrong"
        );
        let long = cleaned(&"ج".repeat(10_000), &[]);
        assert_eq!(long.chars().count(), LENGTH_MAX);
        assert_eq!(cleaned(&"x".repeat(LENGTH_MAX), &[]).len(), LENGTH_MAX);
    }

    #[test]
    fn a_secret_that_the_hub_repeats_is_not_repeated_by_us() {
        let said = cleaned(
            "token tok/abc== of hunter22 is bad",
            &["tok/abc==", "hunter22", "a"],
        );
        assert_eq!(said, "token (secret) of (secret) is bad");
    }

    #[test]
    fn an_error_does_not_quote_what_it_stumbled_over() {
        let err = serde_json::from_str::<Vec<u8>>(r#"["Ayesha Khan"]"#).map(|_| ());
        let said = err.map_err(|err| of_json_error(&err));
        assert_eq!(said, Err("invalid type: string".to_owned()));
    }

    #[test]
    fn a_web_page_is_summed_up() {
        let page = b"<!DOCTYPE html><html><head><TITLE>502 Bad Gateway</TITLE></head><body>...";
        assert_eq!(of_body(page, &[]), "a web page \"502 Bad Gateway\"");
        assert_eq!(of_body(b"<html><body>no", &[]), "a web page");
        assert_eq!(of_body(b"", &[]), "an empty answer");
        assert_eq!(of_body(b" {\"token\": \"abc", &[]), "broken JSON");
        assert_eq!(of_body(b"\xff\xfeoops", &[]), "\u{fffd}\u{fffd}oops");
        assert_eq!(of_body(b"<title", &[]), "a web page");
    }
}
