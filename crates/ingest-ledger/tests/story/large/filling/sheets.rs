//! A sheet as it was read, its chunks, and the calls that carried them.

use super::fates::{Fate, Sheet, amount};
use super::{Filling, ROWS_PER_CALL, account};
use crate::raw::Raw;
use crate::world::{day, new_file};
use ingest_ledger::*;

impl Filling {
    /// Claims the sheet and stores its rows.
    pub(super) async fn store(&mut self, sheet: &mut Sheet, name: &str) {
        let (school, lease) = (sheet.school, &self.leases[sheet.school]);
        let new = new_file(&format!("{}-{name}", account(school)), ROWS_PER_CALL);
        let claim = self.ledger.file_claim(lease, &new).await.unwrap();
        let Claim::New { file_id } = claim else {
            panic!("{name} is not new")
        };
        sheet.file_id = file_id;
        let due = day(&sheet.due);
        let problem = r#"[{"field":"amount","cell":"C2","value":"12,0O","problem":"Amount: `12,0O` is not a number","severity":"error"}]"#;
        for block in sheet.row_nos().chunks(20_000) {
            let texts: Vec<(String, String)> = block
                .iter()
                .map(|n| {
                    let title = format!("Pupil {n} of class {}", n % 12);
                    (title, format!("3520{school}{n:08}"))
                })
                .collect();
            let rows: Vec<NewRow<'_>> = block
                .iter()
                .zip(&texts)
                .map(|(n, (title, identifier))| {
                    let valid = sheet.fates[*n as usize - 1] != Fate::Invalid;
                    NewRow {
                        row_no: *n,
                        sheet: "Fees",
                        row_number: n + 1,
                        title,
                        identifier,
                        amount: valid.then_some(amount(*n) + sheet.more),
                        due_date: Some(due),
                        amount_after_due_date: Some(amount(*n) + 50_000),
                        valid,
                        raw_json: (!valid).then_some(r#"["12,0O"]"#),
                        problems_json: (!valid).then_some(problem),
                        corrects: None,
                    }
                })
                .collect();
            self.ledger.rows_store(lease, file_id, &rows).await.unwrap();
        }
        self.raw
            .run(&format!(
                "update files set state = 'settled', stored_at = '2026-01-01T00:00:00.000Z',
                    planned_at = '2026-01-01T00:00:01.000Z' where file_id = {file_id}"
            ))
            .await;
    }

    /// The chunks of the sheet's grid, each taken by the hub in one call.
    pub(super) async fn grid(&mut self, sheet: &Sheet) {
        let valid: Vec<u32> = sheet
            .with(&sheet.row_nos(), |fate| fate != Fate::Invalid)
            .iter()
            .collect();
        for (chunk_no, rows) in valid.chunks(ROWS_PER_CALL as usize).enumerate() {
            let members = sheet.with(rows, |fate| !matches!(fate, Fate::Aside(_)));
            let live = sheet.with(rows, |fate| fate == Fate::Follows);
            let cleared = sheet.with(rows, Fate::cleared);
            self.chunk(sheet, Some(chunk_no as i64), &members, &live, &cleared)
                .await;
        }
    }

    /// One chunk and its call; answers its number.
    pub(super) async fn chunk(
        &mut self,
        sheet: &Sheet,
        chunk_no: Option<i64>,
        members: &RowSet,
        live: &RowSet,
        cleared: &RowSet,
    ) -> i64 {
        self.chunks += 1;
        let (id, file_id, due) = (self.chunks, sheet.file_id, &sheet.due);
        let account = account(sheet.school);
        let sum: i64 = members.iter().map(|n| amount(n) + sheet.more).sum();
        let (n, no) = (
            members.len(),
            chunk_no.map_or("null".into(), |n| n.to_string()),
        );
        let (members, live, cleared) = (members.to_json(), live.to_json(), cleared.to_json());
        // Thirty calls a minute are allowed, and one is made every three seconds.
        let at = (day("2026-01-02").and_hms_opt(0, 0, 0).unwrap()
            + chrono::Duration::seconds(3 * id))
        .format("%Y-%m-%dT%H:%M:%S.000Z");
        self.raw
            .run(&format!(
                "insert into chunks (file_id, account, chunk_no, state, row_count, total_amount, first_due, members, live,
                    request_id, login, attempts, planned_at, changed_at, sent_at, answered_at)
                 values ({file_id}, '{account}', {no}, 'accepted', {n}, {sum}, '{due}', '{members}', '{live}',
                    '{id}', 'https://hub.example {account}', 1, '{at}', '{at}', '{at}', '{at}');
                 insert into attempts (chunk_id, account, epoch, holder, body_sha256, row_count, total_amount, members,
                    intended_at, deadline_at, answered_at, outcome, per_minute, cleared)
                 values ({id}, '{account}', 1, 'here', {}, {n}, {sum}, '{members}', '{at}', '{at}', '{at}', 'taken', 30, '{cleared}')",
                self.bytes()
            ))
            .await;
        id
    }

    /// Some bytes.
    fn bytes(&self) -> &'static str {
        match self.raw {
            Raw::Postgres(_) => "'\\x07'",
            Raw::Sqlite(_) => "x'07'",
        }
    }
}
