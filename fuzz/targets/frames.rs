//! What a child process sends back, which may be anything once a file has broken it.

#![no_main]

use ingestd_fuzz::{frames, reading, seeds};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: seeds::sow(seeds::sent), |bytes: &[u8]| {
    reading::hold_sent(frames::stream(bytes));
});
