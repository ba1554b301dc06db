//! The sandbox from outside: each call, rule, quirk and fault, over HTTP and
//! in process.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod callbacks;
mod calls;
mod control;
mod faults;
mod hand_driven;
mod in_process;
mod journal;
mod quirks;
mod rules;
mod same_bytes;
mod size;
mod world;
