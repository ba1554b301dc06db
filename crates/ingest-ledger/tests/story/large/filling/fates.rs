//! What became of each row of a sheet.

use ingest_ledger::*;

/// What became of a row, by its place in the sheet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    Invalid,
    /// Judged when it was planned, never sent.
    Aside(RowState),
    /// Refused, and not sent again.
    Rejected,
    /// Refused, and sent again in a chunk off the grid, which was taken.
    Again,
    /// Taken, and the hub said more of it.
    Own(RowState),
    /// Taken, as its chunk says.
    Follows,
}

impl Fate {
    /// Of a hundred rows `lines` have facts of their own. `newest`: of the last month's sheet; `old`: of
    /// one that has been paid by now.
    pub(super) fn of(row_no: u32, newest: bool, old: bool, lines: u32) -> Fate {
        match row_no % 100 {
            99 => Fate::Invalid,
            98 => Fate::Rejected,
            97 if newest => Fate::Aside(RowState::Held),
            97 => Fate::Aside(RowState::Skipped),
            96 => Fate::Again,
            k if k >= lines => Fate::Follows,
            3 => Fate::Own(RowState::Discarded),
            4 => Fate::Own(RowState::Errored),
            _ if old => Fate::Own(RowState::Paid),
            _ => Fate::Own(RowState::Billed),
        }
    }

    pub(super) fn state(self) -> RowState {
        match self {
            Fate::Invalid => RowState::Invalid,
            Fate::Aside(state) | Fate::Own(state) => state,
            Fate::Rejected => RowState::Rejected,
            Fate::Again | Fate::Follows => RowState::Accepted,
        }
    }

    /// The first call that carried it is known to have made no bill that lives.
    pub(super) fn cleared(self) -> bool {
        let dead = [RowState::Rejected, RowState::Errored, RowState::Discarded];
        self == Fate::Again || dead.contains(&self.state())
    }
}

/// A sheet of a school.
pub(super) struct Sheet {
    pub(super) school: usize,
    pub(super) file_id: i64,
    pub(super) due: String,
    /// What its amounts have on top of the usual.
    pub(super) more: i64,
    pub(super) fates: Vec<Fate>,
}

impl Sheet {
    pub(super) fn with(&self, rows: &[u32], test: impl Fn(Fate) -> bool) -> RowSet {
        let of = |row_no: &&u32| test(self.fates[**row_no as usize - 1]);
        rows.iter().filter(of).copied().collect()
    }

    pub(super) fn row_nos(&self) -> Vec<u32> {
        (1..=self.fates.len() as u32).collect()
    }
}

/// What a row bills, in paisa.
pub(super) fn amount(row_no: u32) -> i64 {
    150_000 + i64::from(row_no % 977) * 100
}
