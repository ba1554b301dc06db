//! Trials: what `docs/RELIABILITY.md` gives figures of, measured on the whole program from outside.
//! `cargo xtask trials` runs them large, the tests small; the counts that must hold are insisted on
//! either way, and times are told, not judged.

pub mod after_faults;
pub mod fair;
pub mod forged;
pub mod lost_answers;
pub mod restarts;

mod chance;
mod losing_line;
mod patience;
mod table;

pub use table::Table;
