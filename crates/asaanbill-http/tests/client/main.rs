//! The client against the sandbox hub, and against servers that answer what no
//! hub should. One binary; one file a subject.
#![allow(clippy::unwrap_used)]

mod lines_of_the_table;
mod lost_answers;
mod odd_answers;
mod own_surroundings;
mod reading;
mod secrets;
mod signing_in;
mod the_first_byte;
mod world;
