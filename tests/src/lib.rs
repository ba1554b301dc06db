//! The ground on which the tests from outside stand: a fresh database of each
//! engine, a simulated hub, an inbox, and the program itself.
//!
//! A scenario is one function that takes a [`World`]; [`on_each_engine`] lives
//! through it on SQLite and on PostgreSQL, side by side:
//!
//! ```no_run
//! use ingestd_tests::{bills, csv, on_each_engine};
//!
//! # async fn scenario() {
//! on_each_engine(async |world| {
//!     world.drop_sheet("fees.csv", &csv(&bills("FS", 10)));
//!     world.run_once().await.ended_with(0);
//!     assert_eq!(world.states("school").await["billed"], 10);
//! })
//! .await;
//! # }
//! ```

mod agreement;
mod backup;
mod engines;
mod filled_in;
mod kills;
mod long_ago;
mod other_user;
mod postgres;
mod program;
mod relay;
mod rounds;
mod running;
mod sheets_in;
mod sheets_out;
pub mod trials;
mod views;
mod waiting;
mod wire;
mod world;

pub use agreement::{paisa, state_of_status};
pub use backup::Backup;
pub use engines::{on_each_engine, on_each_engine_called_back, on_each_engine_with};
pub use filled_in::{Cell, filled_in};
pub use postgres::{Database, Engine, databases};
pub use program::ingestd;
pub use relay::{Answer, Relay, SECRET, Told, post, raw};
pub use rounds::rounds_of_torture;
pub use running::{Ran, Service};
pub use sheets_in::{Bill, archive, bills, book, csv, ods, xlsx};
pub use sheets_out::{Line, Page, pages_of_csv, pages_of_xlsx};
pub use views::{Change, Chunk, Row};
pub use waiting::{DEADLINE, wait_until};
pub use wire::{Then, Trouble, Way, Wire};
pub use world::World;
