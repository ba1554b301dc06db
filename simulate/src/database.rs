//! The ledger's surroundings in the simulation: its clock, and statements and commits that fail.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ingest_ledger::{LedgerError, Point, Surroundings};

use crate::world::World;

/// Faults meet a service only, never the checker.
#[derive(Debug)]
pub(crate) struct Database(pub(crate) Arc<World>);

impl Surroundings for Database {
    fn now(&self) -> Option<DateTime<Utc>> {
        Some(self.0.db_now())
    }

    fn before(&self, what: Point) -> Result<(), LedgerError> {
        let world = &self.0;
        if world.running().is_none() {
            return Ok(());
        }
        let faults = world.faults();
        if world.happens(faults.death_at_statement) && world.below(3) == 0 {
            world.dies(&format!("at a {what:?}"));
        }
        let chance = match what {
            Point::Statement => faults.statement,
            Point::CommitLost => faults.commit_lost,
            Point::CommitUnheard => faults.commit_unheard,
        };
        if world.happens(chance) {
            world.tell(|| format!("the database fails: {what:?}"));
            return Err(LedgerError::Unreachable(format!("simulated: {what:?}")));
        }
        Ok(())
    }

    fn name(&self) -> String {
        self.0.name()
    }
}
