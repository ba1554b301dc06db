//! The whole road in one process, from a seed: two services with the real steps, the real ledger on
//! SQLite in memory, the real client and gateway, the sandbox's own books; folder, callbacks, people
//! and clocks beside them. Time is simulated and exactly one task runs at any moment, so a seed
//! decides everything, and a run that goes wrong is run again by its number.
//!
//! ```text
//!   school ──drops──▶ inbox            person ──asks──▶ ledger
//!                       │                                 │
//!   process 0, 1: intake, desk, reports, lease  ◀──────────┤   database: fails, is late, is set back
//!                       │                                 │
//!                     line ──▶ hub (sandbox's books) ──callbacks──▶ ledger
//!                       │
//!                     calls: every call held against its intent     check: at the end, everything
//! ```

mod calls;
mod check;
mod database;
mod hub;
mod line;
mod many;
mod paid_meanwhile;
mod person;
mod plot;
mod process;
mod run;
mod scheduler;
mod school;
mod world;

pub use check::Tally;
pub use ingest_ledger::planted::Bug;
pub use many::{All, caught_within, run_all};
pub use run::{Outcome, Plan, run};
