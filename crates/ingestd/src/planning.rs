//! From stored rows to chunks: the hub is asked about earlier bills of the same payers, then
//! every row is judged by what it meets, and what may be sent is laid out in chunks.

use std::time::Duration;

use ingest_ledger::{AskLine, LedgerError};

use crate::account::Served;
use crate::decisions::evidence;
use crate::foreign;
use crate::moments::Moment;
use crate::outcomes::{self, Asked};
use crate::road::Step;

/// How long to wait before a file is planned again after the hub could not be asked.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// What was read this shortly before planning need not be read again for it.
const ASKED_WITHIN: Duration = Duration::from_secs(5);

/// Plans the oldest stored file that can be planned. One whose payers' earlier bills can't be
/// asked about waits, and the next one goes on.
pub async fn step(served: &Served) -> Result<Step, LedgerError> {
    let files = served.ledger.files_to_plan(&served.account.name).await?;
    let any = !files.is_empty();
    for file in files {
        if served.stopping() {
            break;
        }
        let earlier = served.ledger.earlier_chunks(file.file_id).await?;
        let others = served.ledger.foreign_asks_of_file(file.file_id).await?;
        if !ask_about(served, &earlier, ASKED_WITHIN).await?
            || !foreign::ask_first(served, &others, ASKED_WITHIN).await?
        {
            continue;
        }
        let planned = served
            .ledger
            .plan_file(&served.lease, file.file_id, &served.plan_rules())
            .await?;
        Moment::ChunksPlanned.reached();
        tracing::info!(
            file_id = file.file_id,
            ready = planned.ready,
            held = planned.held,
            skipped = planned.skipped,
            invalid = planned.invalid,
            chunks = planned.chunks,
            "file planned"
        );
        served.wrote(planned.held + planned.skipped).await?;
        return Ok(Step::Did);
    }
    Ok(Step::Idle(any.then_some(ASKED_AGAIN_AFTER)))
}

/// Asks the hub about chunks whose bills are about to be judged against. `false` if it could
/// not be asked about all of them: then nothing may be judged yet. A request that the hub does not
/// show any more holds up only the rows that meet it.
/// What was read `within` this time need not be read again.
pub async fn ask_about(
    served: &Served,
    chunks: &[AskLine],
    within: Duration,
) -> Result<bool, LedgerError> {
    for chunk in chunks {
        if served.stopping() {
            return Ok(false);
        }
        if served.read_within(chunk.chunk_id, within) {
            evidence::just_read(|| format!("request {}", chunk.request_id));
            continue;
        }
        if let Asked::Unread(_) = outcomes::ask_now(served, chunk).await? {
            return Ok(false);
        }
    }
    Ok(true)
}
