//! The story that every database must live through: each test here runs on SQLite, in a file and in
//! memory, and on PostgreSQL, and ends with `verify` finding nothing wrong.
//!
//! PostgreSQL is taken from `TEST_DATABASE_URL`; every test makes a database of its own in it.
#![allow(clippy::unwrap_used)]

mod raw;
mod world;

mod answers;
mod archive;
mod billed_before;
mod callbacks;
mod clock;
mod corrections;
mod decided_twice;
mod decision_record;
mod decisions;
mod desk;
mod doubt;
mod elsewhere;
mod feed;
mod files;
mod foreign_bills;
mod foreseeing;
mod held_list;
mod large;
mod lifted_holds;
mod mappings;
mod opening;
mod out_of_sight;
mod outcomes;
mod plans;
mod schema;
mod surrounded;
mod verify;
mod whole;
