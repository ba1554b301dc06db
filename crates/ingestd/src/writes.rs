//! Writes to the folders of an inbox, which may fail at any time: a disk that is full, a share that
//! went away, a file that is open elsewhere.
//!
//! Whoever writes there says so first. In debug builds `INGESTD_WRITE_FAILS_AT=N` makes the N-th of
//! these writes fail, or `sync:N` the N-th of one kind, where `INGESTD_UNDER_TEST` is set too; in
//! release builds nothing is left of it.

use std::io;

/// What is about to be done to a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// A file or a folder is made.
    Create,
    /// Bytes are written.
    Bytes,
    /// What was written is synced.
    Sync,
    /// A file gets its name, or another one.
    Rename,
    /// A file is removed.
    Remove,
}

impl Writes {
    /// The program is about to do it.
    ///
    /// # Errors
    /// If this is the write that is to fail.
    #[inline]
    pub fn here(self) -> io::Result<()> {
        #[cfg(debug_assertions)]
        return asked_for::here(self);
        #[cfg(not(debug_assertions))]
        Ok(())
    }
}

#[cfg(debug_assertions)]
mod asked_for {
    use std::io;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::Writes;
    use crate::moments::UNDER_TEST;

    /// Which write is to fail.
    struct Failing {
        /// Of this kind alone, in lower case; or of any.
        kind: Option<String>,
        passes: AtomicU32,
    }

    static FAILING: OnceLock<Option<Failing>> = OnceLock::new();

    pub(super) fn here(what: Writes) -> io::Result<()> {
        let asked = || {
            std::env::var_os(UNDER_TEST)?;
            let asked = std::env::var("INGESTD_WRITE_FAILS_AT").ok()?;
            let (kind, n) = match asked.split_once(':') {
                Some((kind, n)) => (Some(kind.to_owned()), n),
                None => (None, &*asked),
            };
            Some(Failing {
                kind,
                passes: AtomicU32::new(n.parse().ok()?),
            })
        };
        let name = || format!("{what:?}").to_lowercase();
        let fails = |of: &Failing| {
            of.kind.as_ref().is_none_or(|kind| *kind == name())
                && of.passes.fetch_sub(1, Ordering::Relaxed) == 1
        };
        match FAILING.get_or_init(asked) {
            Some(failing) if fails(failing) => {
                tracing::warn!(?what, "a write fails here because a test asked for it");
                Err(io::Error::other("the disk failed (a test asked for it)"))
            }
            _ => Ok(()),
        }
    }
}
