//! The whole program from outside: the built binary, the simulated hub, both
//! databases. Each module is one subject, each test a sentence about it.

#![allow(clippy::unwrap_used)]

mod answer_table;
mod archives;
mod bad_configuration;
mod bad_files;
mod bad_surroundings;
mod billed_before;
mod by_hand;
mod callbacks;
mod changes_feed;
mod clean_sheets;
mod contained;
mod corrections;
mod decision_record;
mod decisions;
mod demo;
mod door;
mod failed_elsewhere;
mod first_steps;
mod folder;
mod headings;
mod killed;
mod killed_at;
mod killed_in_a_migration;
mod languages;
mod lost_answers;
mod many_services;
mod named_rows;
mod nth_failure;
mod old_rows;
mod other_hubs;
mod out_of_sight;
mod outcomes;
mod own_request;
mod pace;
mod planning_ahead;
mod planning_asked;
mod reconcile;
mod refused_rows;
mod resend_absent;
mod resolving;
mod restored;
mod sign_in;
mod template;
mod told;
mod trials;
mod twelve_thousand;
mod unreadable_requests;
