//! What a served account meets outside its ledger and its folder. The program takes the real world;
//! a test or a simulator brings one of its own.

use std::sync::Arc;

use crate::clock::{Clock, MachineClock};
use crate::contained::Reader;
use crate::gateway::asaanbill::Line;

/// The world around a served account and its gateway.
#[derive(Clone)]
pub struct World {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The line to the hub, of AsaanBill's client; `None`: the internet.
    pub line: Option<Line>,
    /// Who takes its sheets apart.
    pub reader: Reader,
}

impl World {
    /// This machine.
    #[must_use]
    pub fn real() -> World {
        World {
            clock: Arc::new(MachineClock),
            line: None,
            reader: Reader::AChild,
        }
    }
}
