//! 1: the short lists of held and failed rows say what the rows' own lines say.

use super::findings::Findings;
use super::rows::{LINE_WITHOUT_ROW, OwnStates};
use crate::db::{Tx, args};
use crate::errors::Result;

/// Each list is held against the rows; the rows against the list only if it is not as long as they are
/// many, for a list of which every line is true has no other way to lack one.
pub(super) async fn lists(tx: &mut Tx, own: &OwnStates, found: &mut Findings) -> Result<()> {
    for (n, listed, untrue, unlisted) in [
        (
            own.held,
            "select count(*) from held_rows",
            (
                "it is listed as held, and is not",
                "select h.row_id from held_rows h where not exists (select 1 from row_state s where s.row_id = h.row_id and s.state = 'held' and s.hold_kind = h.kind)",
            ),
            (
                "it is held, and not listed so",
                "select s.row_id from row_state s where s.state = 'held' and not exists (select 1 from held_rows h where h.row_id = s.row_id)",
            ),
        ),
        (
            own.failed,
            "select count(*) from failed_rows",
            (
                "it is listed as failed, and is not",
                "select h.row_id from failed_rows h where h.state not in ('rejected', 'errored') or not exists (select 1 from row_state s where s.row_id = h.row_id and s.state = h.state)",
            ),
            (
                "it failed, and is not listed so",
                "select s.row_id from row_state s where s.state in ('rejected', 'errored') and not exists (select 1 from failed_rows h where h.row_id = s.row_id)",
            ),
        ),
    ] {
        found.add_listed(tx, untrue.0, untrue.1, args![]).await?;
        let true_lines = found.none_of(1, untrue.0) && found.none_of(1, LINE_WITHOUT_ROW);
        if !true_lines || tx.number(listed, args![]).await? != n {
            found
                .add_listed(tx, unlisted.0, unlisted.1, args![])
                .await?;
        }
    }
    Ok(())
}
