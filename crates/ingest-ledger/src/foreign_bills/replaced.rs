//! Foreign bills that rows of ours take the place of: asked about at once, and told where one was paid
//! in the meantime.

use crate::chunk_lines::ChunkLine;
use crate::db::{args, sql};
use crate::errors::Result;
use crate::regroup::by_file;
use crate::row_id;
use crate::row_lines::{line_mut, lines_of, save_lines};
use crate::row_of;
use crate::sentences::Sentence;
use crate::step::Step;

/// The chunk's rows replace foreign bills: the hub is asked about those at once.
pub(crate) async fn ask_at_once(step: &mut Step, chunk: &ChunkLine) -> Result<()> {
    let (Some(first), Some(last)) = (chunk.members.first(), chunk.members.last()) else {
        return Ok(());
    };
    let sql = "update foreign_requests set next_ask_at = $3, asks = 0
        where next_ask_at is not null and login = $4 and request_id in (
            select b.request_id from row_state s join foreign_bills b on b.foreign_id = -s.replaces
            where s.row_id >= $1 and s.row_id <= $2 and s.replaces < 0)";
    let values = args![
        row_id(chunk.file_id, first),
        row_id(chunk.file_id, last),
        step.now,
        &step.login
    ];
    step.tx.exec(sql, values).await?;
    Ok(())
}

/// These foreign bills are paid now: rows that replace them at the hub say so.
pub(super) async fn note(step: &mut Step, paid: &[i64]) -> Result<()> {
    if paid.is_empty() {
        return Ok(());
    }
    let text = format!(
        "select s.row_id, b.payment_id, b.request_id from foreign_bills b
         join row_state s on s.replaces = -b.foreign_id join row_facts n on n.row_id = s.row_id
         where {} and n.due_date = b.due_date
           and n.state in ('sending', 'unknown', 'accepted', 'billed', 'paid')",
        step.tx.is_in("b.foreign_id", 1)
    );
    for line in step.tx.rows(sql(text), args![paid.to_vec()]).await? {
        let id = line.int(0)?;
        let payment: Option<String> = line.get(1)?;
        let says = Sentence::HubPayment.with(&[&payment.unwrap_or_default(), &line.text(2)?]);
        let says = Sentence::PaidMeanwhile.with(&[&says]);
        for (file_id, rows) in by_file(&[id]) {
            let mut lines = lines_of(&mut step.tx, file_id, &rows).await?;
            line_mut(&mut lines, file_id, row_of(id).1).message = Some(says.clone());
            save_lines(step, lines.values()).await?;
            step.touch(file_id);
        }
    }
    Ok(())
}
