//! Writing JSON by hand: keys in the guide's order, amounts as the text they
//! are, never through a float, and thousands of rows without a tree of values.

/// One JSON object under way.
pub(crate) struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

/// Writes `{…}`.
pub(crate) fn object(out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    fill(&mut Object { out, empty: true });
    out.push(b'}');
}

/// Writes `[…]`, one item after the other.
pub(crate) fn array<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// Writes a string with its quotes.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    if is_plain(text.as_bytes()) {
        quoted(out, text);
    } else {
        serde_json::to_writer(out, text).expect("a string is always written to memory");
    }
}

/// Whether nothing in it needs a backslash. Nearly every text is so, and a
/// simulator's million calls, unoptimised, spend their time here: hence the
/// bare loop.
fn is_plain(bytes: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte < b' ' || byte == b'"' || byte == b'\\' {
            return false;
        }
        at += 1;
    }
    true
}

fn quoted(out: &mut Vec<u8>, plain: &str) {
    out.push(b'"');
    out.extend_from_slice(plain.as_bytes());
    out.push(b'"');
}

impl Object<'_> {
    /// A key of the guide, none of which needs a backslash, and room for
    /// whatever its value is.
    pub(crate) fn key(&mut self, key: &'static str) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        quoted(self.out, key);
        self.out.push(b':');
        self.out
    }

    pub(crate) fn text(&mut self, key: &'static str, text: &str) {
        string(self.key(key), text);
    }

    /// Text, or null where there is none.
    pub(crate) fn text_or_null(&mut self, key: &'static str, text: Option<&str>) {
        match text {
            Some(text) => self.text(key, text),
            None => self.null(key),
        }
    }

    /// Something whose text is JSON already: a number, `true`.
    pub(crate) fn plain(&mut self, key: &'static str, value: impl std::fmt::Display) {
        let value = value.to_string();
        self.key(key).extend_from_slice(value.as_bytes());
    }

    pub(crate) fn null(&mut self, key: &'static str) {
        self.key(key).extend_from_slice(b"null");
    }
}

/// An amount's text as the hub writes a number: `1400` is `1400.0`.
pub(crate) fn number(amount: &str) -> String {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let fraction = match fraction.trim_end_matches('0') {
        "" => "0",
        fraction => fraction,
    };
    format!("{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_become_numbers_without_a_float() {
        for (text, expected) in [
            ("1400", "1400.0"),
            ("1400.50", "1400.5"),
            ("1400.05", "1400.05"),
            ("0050", "50.0"),
            ("0", "0.0"),
            ("0.00", "0.0"),
            ("90071992547409931.07", "90071992547409931.07"),
        ] {
            assert_eq!(number(text), expected);
        }
    }

    #[test]
    fn objects_and_arrays_are_json() {
        let mut out = Vec::new();
        object(&mut out, |o| {
            o.text("a b", "Ünï\n\"\\\u{1f}\u{7f}");
            o.plain("n", "1.0");
            o.null("z");
            array(o.key("list"), ["x", "y"], string);
        });
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap_or_default();
        assert_eq!(read["a b"], "Ünï\n\"\\\u{1f}\u{7f}");
        assert_eq!(read["n"].to_string(), "1.0");
        assert!(read["z"].is_null());
        assert_eq!(read["list"][1], "y");
    }
}
