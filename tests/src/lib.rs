//! The ground on which the tests from outside stand: a fresh database of each
//! engine, and the program itself.

mod postgres;
mod program;

pub use postgres::{Database, Engine, databases};
pub use program::ingestd;
