//! How far the work is, on a terminal; nothing otherwise.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use ingest_ledger::{Ledger, RowState};

use super::once::Before;

/// Shown only where the work takes longer than this.
const SHOWN_AFTER: Duration = Duration::from_secs(1);

pub(super) struct Progress {
    bar: Option<ProgressBar>,
    started: std::time::Instant,
    shown_at: std::cell::Cell<Option<std::time::Instant>>,
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Progress {
        let shown = !quiet && std::io::stderr().is_terminal();
        let bar = shown.then(|| {
            let bar = ProgressBar::hidden();
            let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} rows  {msg}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Progress {
            bar,
            started: std::time::Instant::now(),
            shown_at: std::cell::Cell::new(None),
        }
    }

    /// Shows where the rows of this run stand; at most once a second.
    pub(super) async fn show(&self, ledger: &Ledger, before: &Before) {
        let Some(bar) = &self.bar else { return };
        let due = self
            .shown_at
            .get()
            .is_none_or(|at| at.elapsed() >= SHOWN_AFTER);
        if self.started.elapsed() < SHOWN_AFTER || !due {
            return;
        }
        let Ok(files) = before.files(ledger).await else {
            return;
        };
        if self
            .shown_at
            .replace(Some(std::time::Instant::now()))
            .is_none()
        {
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
        let count = |wanted: &dyn Fn(RowState) -> bool| -> u64 {
            let n: i64 = files
                .iter()
                .flat_map(|file| file.counts.iter())
                .filter(|(state, _)| wanted(**state))
                .map(|(_, n)| *n)
                .sum();
            u64::try_from(n).unwrap_or(0)
        };
        bar.set_length(count(&|_| true));
        bar.set_position(count(&RowState::is_settled));
        bar.set_message(format!(
            "{} waiting for the hub",
            count(&|state| state == RowState::Accepted)
        ));
    }

    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
