//! The hidden token of a fix sheet's row: which stored row a correction takes the place of.

use sha2::{Digest, Sha256};

use crate::spool::hex;

const CHECK_BYTES: usize = 6;

/// The token of a row. Its check part ties it to this ledger, so that a token of another
/// database, or one that was typed over, is never taken for a row of ours.
pub fn of(ledger_id: &str, row_id: i64) -> String {
    format!("{row_id}-{}", check(ledger_id, row_id))
}

/// The row a token names, or `None` if it is no token of this ledger.
pub fn row_of(ledger_id: &str, token: &str) -> Option<i64> {
    let (row_id, given) = token.trim().split_once('-')?;
    let row_id = row_id.parse().ok()?;
    (given == check(ledger_id, row_id)).then_some(row_id)
}

fn check(ledger_id: &str, row_id: i64) -> String {
    let mut hash = Sha256::new();
    hash.update(b"ingestd fix row");
    hash.update(ledger_id.as_bytes());
    hash.update(row_id.to_be_bytes());
    hex(&hash.finalize()[..CHECK_BYTES])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_row_in_its_own_ledger_and_nowhere_else() {
        let token = of("ledger a", 42);
        assert_eq!(row_of("ledger a", &token), Some(42));
        assert_eq!(row_of("ledger b", &token), None);
        assert_eq!(row_of("ledger a", &token.replacen("42", "43", 1)), None);
        assert_eq!(row_of("ledger a", "no token"), None);
    }
}
