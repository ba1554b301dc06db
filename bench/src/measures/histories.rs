//! Databases with a history, filled once and kept: of strangers, and of the very payers that the large
//! sheet bills.

use anyhow::Result;

use crate::child;
use crate::database::{self, Engine};
use crate::figures::short;
use crate::ground::Ground;

/// Whose history it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum History {
    /// Ten months of four schools that are not ours, in every state that a row can be in; filled by the
    /// ledger's own tests, which hold that such a database is sound.
    Strangers,
    /// The same sheet in earlier years, once for each so many rows, every bill of it paid: each row that
    /// is planned meets as many earlier ones.
    SamePayers,
}

/// Of each database the test of its own engine fills it in.
const FILLING: &str = "large::a_large_ledger_is_verified_within_a_minute_on_";

const PAID_LONG_AGO: &str = "
    update row_state set paid_at = updated_at where state = 'paid' and paid_at is null;
    delete from unstamped_rows";

impl History {
    /// What a runner is called that has so many rows of it.
    pub(super) fn named(self, rows: u32) -> String {
        let rows = short(rows.into());
        match self {
            History::Strangers => format!("{rows} rows of history"),
            History::SamePayers => format!("{rows} rows of the same payers"),
        }
    }

    /// The URL of a database with so many rows of it; it stays as it is.
    pub(super) fn kept(self, ground: &Ground, engine: Engine, rows: u32) -> Result<String> {
        let name = match self {
            History::Strangers => format!("strangers_{rows}"),
            History::SamePayers => format!("payers_{rows}_of_{}_seed{}", ground.rows, ground.seed),
        };
        database::kept(ground, engine, &name, |url| {
            eprintln!(
                "bench:   filling {} with {}",
                engine.name(),
                self.named(rows)
            );
            let scratch = ground.scratch.path();
            let command = match self {
                History::Strangers => {
                    let mut command = ground.filler()?;
                    let on = engine.name().to_lowercase();
                    let test = format!("{FILLING}{on}");
                    command.args(["--ignored", "--exact", "--nocapture", &test]);
                    command
                        .env("LARGE_URL", url)
                        .env("LARGE_ROWS", rows.to_string());
                    command
                }
                History::SamePayers => {
                    let mut command = ground.part("fill-history");
                    command.arg(url);
                    let numbers = [ground.seed, rows.into(), ground.rows.into()];
                    command.args(numbers.map(|n| n.to_string()));
                    command
                }
            };
            child::run(command, scratch, &[0])?;
            if self == History::SamePayers {
                // When each was paid is known, too: else the hub of the run would be asked about all of them.
                database::run(url, PAID_LONG_AGO)?;
                if engine == Engine::Postgres {
                    database::run(url, "vacuum analyze")?;
                }
            }
            Ok(())
        })
    }
}
