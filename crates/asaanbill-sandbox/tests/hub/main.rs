//! The sandbox from outside: each call, rule, quirk and fault over HTTP.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod callbacks;
mod calls;
mod control;
mod faults;
mod journal;
mod quirks;
mod rules;
mod size;
mod world;
