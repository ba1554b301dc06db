//! A PostgreSQL for tests that nobody has to install, start or clean up.

mod account;
mod folder;
mod programs;
mod server;
mod supervised;
mod template;

pub(crate) use programs::Programs;
pub(crate) use server::{Durability, Server};
