//! PSIDs: 24 digits, one for ever for each (user, identifier).
//!
//! The number of the payer is written into the PSID, so that the same
//! journal gives the same PSIDs again and a search needs no table.

/// How the guide's samples begin.
const PREFIX: &str = "1001391001";

/// The PSID of the payer with this number.
pub(crate) fn of_payer(payer: u32) -> String {
    let digits = format!("{PREFIX}{:013}", u64::from(payer) + 1);
    let check = check_digit(&digits);
    format!("{digits}{check}")
}

/// The payer a PSID was made for; `None` if it is none of ours.
pub(crate) fn payer_of(psid: &str) -> Option<u32> {
    if psid.len() != 24 || !psid.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (digits, check) = psid.split_at(23);
    if check != check_digit(digits).to_string() {
        return None;
    }
    let number: u64 = digits.strip_prefix(PREFIX)?.parse().ok()?;
    u32::try_from(number.checked_sub(1)?).ok()
}

/// The Luhn digit, so that a mistyped PSID is nobody's.
fn check_digit(digits: &str) -> u32 {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            match (place % 2 == 0, digit * 2) {
                (true, doubled) if doubled > 9 => doubled - 9,
                (true, doubled) => doubled,
                (false, _) => digit,
            }
        })
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_psid_has_24_digits_and_leads_back_to_its_payer() {
        for payer in [0, 1, 9, 10, 999_999, u32::MAX - 1] {
            let psid = of_payer(payer);
            assert_eq!(psid.len(), 24);
            assert!(psid.bytes().all(|b| b.is_ascii_digit()));
            assert_eq!(payer_of(&psid), Some(payer));
        }
    }

    #[test]
    fn a_mistyped_psid_is_nobodys() {
        let psid = of_payer(41);
        let wrong = psid.replacen("42", "43", 1);
        assert_ne!(wrong, psid);
        assert_eq!(payer_of(&wrong), None);
        assert_eq!(payer_of("100139100100154854584585"), None);
        assert_eq!(payer_of(""), None);
        assert_eq!(payer_of("10013910010000000000004é"), None);
    }
}
