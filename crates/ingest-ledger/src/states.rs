//! The words for where a row, a chunk and a file stand. Their texts are stable: databases,
//! reports and downstream systems read them (`docs/STATES.md`).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A text that is none of the known words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a known {1}")]
pub struct UnknownWord(pub String, pub &'static str);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// Every one of them, in the order of the list above.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The stable text.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(self.as_str()) }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($text => Ok($name::$variant),)+
                    _ => Err(UnknownWord(text.to_owned(), $what)),
                }
            }
        }
    };
}

words! {
    /// Where one row of a sheet stands.
    RowState, "row state" {
        /// The sheet is wrong; never sent.
        Invalid = "invalid",
        /// A corrected row took its place.
        Corrected = "corrected",
        /// Not at the hub, and not to be sent; the message says why.
        Skipped = "skipped",
        /// Certainly not at the hub; waits for a person or for another row.
        Held = "held",
        /// Will be sent.
        Ready = "ready",
        /// The intent is recorded, the call in flight.
        Sending = "sending",
        /// May be at the hub; being looked up, or waits for `resolve`.
        Unknown = "unknown",
        /// The hub took it.
        Accepted = "accepted",
        /// The hub refused it; the message is the hub's.
        Rejected = "rejected",
        /// Has a PSID, unpaid.
        Billed = "billed",
        /// Paid.
        Paid = "paid",
        /// A newer bill took its PSID.
        Discarded = "discarded",
        /// The hub failed drafting it.
        Errored = "errored",
    }
}

impl RowState {
    /// Nothing more happens to the row by itself.
    pub fn is_final(self) -> bool {
        use RowState::*;
        matches!(
            self,
            Invalid | Corrected | Skipped | Rejected | Paid | Discarded | Errored
        )
    }

    /// Its file counts as settled as far as this row goes: final or billed.
    pub fn is_settled(self) -> bool {
        self.is_final() || self == RowState::Billed
    }

    /// It failed, and `retry` may send it again.
    pub fn is_failed(self) -> bool {
        matches!(self, RowState::Rejected | RowState::Errored)
    }

    /// The hub may have been told of it: an attempt with it was made, and not refused.
    pub fn may_be_at_hub(self) -> bool {
        use RowState::*;
        matches!(
            self,
            Sending | Unknown | Accepted | Billed | Paid | Discarded | Errored
        )
    }
}

words! {
    /// Where a chunk (the rows of one call) stands. Its rows follow it until they have a
    /// fact of their own.
    ChunkState, "chunk state" {
        /// Will be sent.
        Ready = "ready",
        /// The intent is recorded, the call in flight.
        Sending = "sending",
        /// The call's outcome is not known.
        Unknown = "unknown",
        /// Waits for a person.
        Held = "held",
        /// The hub took it.
        Accepted = "accepted",
        /// Every row of it was refused.
        Rejected = "rejected",
        /// Nothing of it is to be sent any more.
        Skipped = "skipped",
        /// Its rows went on in other chunks.
        Split = "split",
    }
}

impl ChunkState {
    /// What a row is that follows its chunk. A split chunk has no such rows.
    pub fn row_state(self) -> Option<RowState> {
        Some(match self {
            ChunkState::Ready => RowState::Ready,
            ChunkState::Sending => RowState::Sending,
            ChunkState::Unknown => RowState::Unknown,
            ChunkState::Held => RowState::Held,
            ChunkState::Accepted => RowState::Accepted,
            ChunkState::Rejected => RowState::Rejected,
            ChunkState::Skipped => RowState::Skipped,
            ChunkState::Split => return None,
        })
    }
}

words! {
    /// Where a file stands.
    FileState, "file state" {
        /// Its rows are being stored.
        Reading = "reading",
        /// Stored; something is still to be done without a person.
        Sending = "sending",
        /// All that is unsettled waits for a person.
        Held = "held",
        /// Every row is final or billed.
        Settled = "settled",
        /// Cancelled before anything of it was sent.
        Cancelled = "cancelled",
        /// It could not be read.
        Unreadable = "unreadable",
        /// The same bytes were taken before.
        Duplicate = "duplicate",
    }
}

words! {
    /// Why something is held, and so who can let it go.
    HoldKind, "reason to hold" {
        /// The account's `approve` rule.
        Approval = "approval",
        /// Something about the sheet as a whole (hidden rows, a wrong total).
        File = "file",
        /// Rule 1: an earlier row of the identifier comes first. Ends by itself.
        Waits = "waits",
        /// Rule 2: the same identifier and due date with other values, unpaid.
        Changed = "changed",
        /// Rule 2: the same identifier and due date with other values, and already paid.
        ChangedPaid = "changed_paid",
        /// Rule 3: an unpaid bill with a later due date would be discarded.
        Later = "later",
        /// The hub does not show the request any more that holds an earlier bill of the
        /// identifier. Ends by itself when it does.
        Unseen = "unseen",
        /// A newer row of the identifier was sent before this one.
        Overtaken = "overtaken",
        /// A request that the ledger does not know may hold a row of the identifier that the hub said
        /// it did not take. Ends by itself when it does not.
        Elsewhere = "elsewhere",
        /// The hub refused the whole call without naming a row.
        Refused = "refused",
        /// The hub found a single row too large.
        TooLarge = "too_large",
        /// A correction whose token fits no row that waits for one.
        Token = "token",
    }
}

impl HoldKind {
    /// Sending past an earlier row, or making a second bill beside one that is paid or may be, must
    /// be asked for by row number.
    #[must_use]
    pub fn needs_naming(self) -> bool {
        use HoldKind::{ChangedPaid, Elsewhere, Overtaken, Unseen, Waits};
        matches!(self, Waits | ChangedPaid | Unseen | Overtaken | Elsewhere)
    }
}

words! {
    /// Why an account is paused.
    PauseKind, "reason to pause" {
        /// A person did it; only a person ends it.
        Person = "person",
        /// The hub refuses the account or its calls (403, 404, 400 twice).
        Refused = "refused",
        /// Signing in fails.
        SignIn = "sign_in",
        /// The marker beside the spool names a call that this ledger does not know: it came back from
        /// a backup. Ends when it has taken the account over.
        Restored = "restored",
    }
}

words! {
    /// What `changed_bills` in the configuration says.
    ChangedBills, "rule for changed bills" {
        /// Wait for a person.
        Hold = "hold",
        /// Send; the hub discards the earlier, unpaid bill.
        Replace = "replace",
    }
}

words! {
    /// Which database is behind the ledger.
    Engine, "database" {
        /// PostgreSQL.
        Postgres = "postgresql",
        /// SQLite.
        Sqlite = "sqlite",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_state_reads_back_from_its_text() {
        for state in RowState::ALL {
            assert_eq!(state.as_str().parse::<RowState>().unwrap(), *state);
        }
        for kind in HoldKind::ALL {
            assert_eq!(kind.as_str().parse::<HoldKind>().unwrap(), *kind);
        }
        assert!("bilged".parse::<RowState>().is_err());
    }

    #[test]
    fn the_final_states_are_those_of_the_contract() {
        let finals: Vec<_> = RowState::ALL
            .iter()
            .filter(|s| s.is_final())
            .map(|s| s.as_str())
            .collect();
        assert_eq!(
            finals,
            [
                "invalid",
                "corrected",
                "skipped",
                "rejected",
                "paid",
                "discarded",
                "errored"
            ]
        );
    }
}
