//! What the system says about an inbox: hints that shorten the wait, never the truth.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// Files whose writers are done, collected until the next scan asks for them.
#[derive(Clone, Default)]
pub struct Finished {
    paths: Arc<Mutex<Vec<PathBuf>>>,
    anything: Arc<Notify>,
}

impl Finished {
    /// What was said since the last call.
    pub fn drain(&self) -> Vec<PathBuf> {
        std::mem::take(&mut *self.paths.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until the system says anything at all about the inbox.
    pub async fn anything(&self) {
        self.anything.notified().await;
    }

    fn hear(&self, event: Event) {
        // A burst may overflow the system's queue; the scan finds what was not said.
        const REMEMBERED_MAX: usize = 10_000;
        let done = matches!(
            event.kind,
            EventKind::Access(AccessKind::Close(AccessMode::Write))
                | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both))
        );
        if matches!(event.kind, EventKind::Access(_)) && !done {
            return; // reading is no news, and we read ourselves
        }
        if done {
            let mut paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
            if paths.len() < REMEMBERED_MAX {
                paths.extend(event.paths);
            }
        }
        self.anything.notify_one();
    }
}

/// Listens to an inbox for as long as the watcher lives. `None` where the system can't tell
/// (a network share, no watches left): then the scan alone finds files.
pub fn watch(inbox: &Path) -> (Option<RecommendedWatcher>, Finished) {
    let finished = Finished::default();
    let heard = finished.clone();
    let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| match event {
        Ok(event) => heard.hear(event),
        Err(error) => tracing::debug!(%error, "the folder's events stopped making sense"),
    })
    .and_then(|mut watcher| {
        watcher.watch(inbox, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    match watcher {
        Ok(watcher) => (Some(watcher), finished),
        Err(error) => {
            tracing::warn!(%error, inbox = %inbox.display(), "no events from this folder; it is scanned all the same");
            (None, finished)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_closed_and_a_renamed_file_are_said_to_be_finished() {
        let folder = tempfile::tempdir().unwrap();
        let (watcher, finished) = watch(folder.path());
        if watcher.is_none() {
            return; // a system without events: the scan is tested by itself
        }
        let closed = folder.path().join("closed.csv");
        let renamed = folder.path().join("renamed.csv");
        std::fs::write(&closed, "x").unwrap();
        std::fs::write(folder.path().join("half.part"), "x").unwrap();
        std::fs::rename(folder.path().join("half.part"), &renamed).unwrap();
        let mut heard = Vec::new();
        tokio::time::timeout(Duration::from_secs(30), async {
            while !(heard.contains(&closed) && heard.contains(&renamed)) {
                finished.anything().await;
                heard.extend(finished.drain());
            }
        })
        .await
        .unwrap();
    }
}
