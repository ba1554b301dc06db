//! Amounts as people type them. Whatever is read is exact, reads back the same
//! when it is written plainly, and has the digits that were typed, no more and
//! no fewer.

#![no_main]

use fee_sheet::read_amount;
use ingestd_fuzz::{digits, reading, seeds};
use libfuzzer_sys::fuzz_target;

fn amounts() -> Vec<Vec<u8>> {
    seeds::texts(&[
        "1500",
        "1500.50",
        "Rs. 1,500/-",
        "PKR 1 500",
        "1,50,000",
        "12,34,567.89",
        "(1,500)",
        "1,500-",
        "+5",
        "\u{6f1}\u{6f5}\u{6f0}\u{6f0} روپے",
        "١٬٥٠٠٫٢٥",
        "₨ 7 only",
        "5%",
        "$15",
        "1.500",
        "1e3",
        "9223372036854775807",
        "92233720368547758.07",
        "-0.01",
        "fifteen",
        "1\u{a0}500",
        "0.100000",
        "Rs.1500/=",
        "3.5202E+12",
    ])
}

/// The digits of an amount, without the zeros before and behind the others.
fn telling(text: &str) -> String {
    digits::digits(text).trim_matches('0').to_owned()
}

fuzz_target!(init: seeds::sow(amounts), |bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    match read_amount(text) {
        Ok(minor) => {
            let written = reading::rupees(minor);
            assert_eq!(read_amount(&written), Ok(minor), "{text:?}");
            assert_eq!(telling(&written), telling(text), "{text:?} as {written}");
            // Blanks around it say nothing.
            assert_eq!(read_amount(&format!(" {text} ")), Ok(minor), "{text:?}");
        }
        Err(flaw) => assert!(!flaw.to_string().is_empty()),
    }
});
