//! The body of an `add-bulk`, made once: what is hashed and recorded is what
//! is sent.

use asaanbill_core::{Bill, ROWS_PER_REQUEST_MAX};
use serde::Serialize;

/// The serialised bills of one `add-bulk`.
#[derive(Clone, PartialEq, Eq)]
pub struct AddBulkBody {
    bytes: Vec<u8>,
    rows: usize,
}

/// Why some bills are no `add-bulk`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// None at all.
    #[error("an add-bulk of no bills")]
    Empty,
    /// More than the guide allows.
    #[error("{rows} bills are too many for one add-bulk; the hub takes {ROWS_PER_REQUEST_MAX}")]
    TooMany {
        /// How many there were.
        rows: usize,
    },
    /// They did not serialise.
    #[error("the bills can't be written as JSON: {0}")]
    Json(String),
}

impl AddBulkBody {
    /// Serialises the bills, at most 5000.
    ///
    /// # Errors
    /// If there are none, or more than 5000.
    pub fn of(bills: &[Bill<'_>]) -> Result<AddBulkBody, BodyError> {
        #[derive(Serialize)]
        struct Payments<'a> {
            payments: &'a [Bill<'a>],
        }
        match bills.len() {
            0 => return Err(BodyError::Empty),
            rows if rows > usize::from(ROWS_PER_REQUEST_MAX) => {
                return Err(BodyError::TooMany { rows });
            }
            _ => {}
        }
        let bytes = serde_json::to_vec(&Payments { payments: bills })
            .map_err(|err| BodyError::Json(err.to_string()))?;
        Ok(AddBulkBody {
            bytes,
            rows: bills.len(),
        })
    }

    /// Exactly what is sent, to be hashed before it is.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bills are in it.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Without the bills: they name payers.
impl std::fmt::Debug for AddBulkBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddBulkBody")
            .field("rows", &self.rows)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}
