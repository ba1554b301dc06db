//! ingestd: takes fee sheets from a folder and turns every row into a bill at a payment hub, exactly once.
//!
//! `road` is the page that shows the whole of it; each stop of the road is one file.

pub mod cli;
pub mod commands;
pub mod config;
pub mod exit;

pub mod gateway;
pub mod road;

pub mod account;
mod archive_file;
pub mod callbacks;
pub mod clock;
pub mod contained;
pub mod decisions;
pub mod elsewhere;
pub mod folder;
pub mod foreign;
pub mod intake;
pub mod language;
pub mod lookup;
pub mod moments;
pub mod outcomes;
pub mod planning;
pub mod reports;
pub mod restored;
pub mod said;
pub mod sending;
pub mod service;
pub mod sheet;
pub mod spool;
pub mod token;
pub mod web;
pub mod world;
pub mod writes;
