//! The rules of every call that makes bills, held against what really left: its intent was stored
//! first, for exactly these bills; no intent was called for twice; nothing left in doubt, paused, or
//! more often than the account may.

use std::time::Duration;

use asaanbill_sandbox::Request as Arriving;
use ingest_ledger::{
    BillRow, ChunkFilter, ChunkLine, ChunkState, Ledger, LedgerError, RowFilter, RowState,
};

use crate::check::bill_in;

use crate::hub::{Departure, Hub, SentBill, bills_of};
use crate::line::Line;
use crate::world::World;

/// By when the first byte of a call leaves after its intent, and a little.
const FIRST_BYTE_WITHIN: Duration = Duration::from_millis(5_100);

/// A call leaves just now: notes it, and holds it against the database.
pub(crate) async fn departs(line: &Line, number: u64, request: &Arriving) {
    let (world, hub, ledger) = (&line.world, &line.hub, &line.ledger);
    let mut headers = request.headers.iter();
    let user = headers
        .find(|(name, _)| name == "username")
        .map(|(_, user)| user.clone())
        .unwrap_or_default();
    let bills = bills_of(&request.body);
    // What the checker reads meets none of the faults.
    let running = world.running();
    world.set_running(None);
    let held = held_against(world, ledger, &user, &bills).await;
    let said = discards_are_said(world, hub, ledger, &user, &bills).await;
    world.set_running(running);
    let chunk = match said.and(held) {
        Ok(chunk) => chunk,
        Err(error) => {
            world.wrong(format!("the checker can't read the database: {error}"));
            None
        }
    };
    if let Some(time) = world.others_for(&user, &line.holder)
        && time > FIRST_BYTE_WITHIN
    {
        world.wrong(format!(
            "a call of {user} left from a service that lost its lease {} s before",
            time.as_secs()
        ));
    }
    let intended_at = chunk.as_ref().and_then(|chunk| chunk.sent_at);
    if let Some(at) = intended_at
        && !world.clock_was_set()
        && world.db_now() - at > chrono::TimeDelta::from_std(FIRST_BYTE_WITHIN).unwrap_or_default()
    {
        let late = (world.db_now() - at).num_seconds();
        world.wrong(format!("a call of {user} left {late} s after its intent"));
    }
    let call = chunk.map(|chunk| (chunk.chunk_id, chunk.attempts));
    if let Some(twice) = call
        && hub.departures().iter().any(|of| of.call == Some(twice))
    {
        world.wrong(format!("call {} of chunk {} left twice", twice.1, twice.0));
    }
    world.tell(|| {
        format!(
            "a call leaves for {user}: {} bills, chunk and call {call:?}",
            bills.len()
        )
    });
    hub.departs(Departure {
        number,
        user,
        call,
        intended_at,
        left_at_ms: world.now_ms(),
        bills,
        arrived: false,
        bulk_id: None,
    });
}

/// The chunk whose intent this call follows.
async fn held_against(
    world: &World,
    ledger: &Ledger,
    user: &str,
    bills: &[SentBill],
) -> Result<Option<ChunkLine>, LedgerError> {
    // The account is named as its user is.
    let sending = ChunkFilter {
        account: Some(user.to_owned()),
        state: Some(ChunkState::Sending),
        ..ChunkFilter::default()
    };
    for chunk in ledger.chunk_list(&sending).await? {
        let intended = ledger.chunk_bills(chunk.chunk_id).await?;
        if intended.iter().map(as_sent).collect::<Vec<_>>() == *bills {
            let lines = ledger.accounts().await?;
            let line = lines.into_iter().find(|line| line.account == user);
            if line.as_ref().is_some_and(|line| line.read_needed) {
                world.wrong(format!(
                    "a call of {user} left while another one is in doubt"
                ));
            }
            return Ok(Some(chunk));
        }
    }
    world.wrong(format!(
        "a call of {user} with {} bills left without an intent that stands in the database",
        bills.len()
    ));
    Ok(None)
}

/// A bill that discards an unpaid one says so before it leaves.
async fn discards_are_said(
    world: &World,
    hub: &Hub,
    ledger: &Ledger,
    user: &str,
    bills: &[SentBill],
) -> Result<(), LedgerError> {
    let rows = ledger
        .rows(&RowFilter {
            account: Some(user.to_owned()),
            state: Some(RowState::Sending),
            ..RowFilter::default()
        })
        .await?;
    let payments = hub.payments();
    for bill in bills {
        let discards = payments.iter().any(|of| {
            of.user == user
                && of.identifier == bill.identifier
                && matches!(of.status.as_str(), "DRAFT" | "IN_PROCESS" | "APPROVED")
        });
        let row = rows.iter().find(|row| bill_in(row) == *bill);
        let words = row.and_then(|row| row.message.as_deref());
        if discards && !words.is_some_and(|words| words.contains("the hub discards")) {
            world.wrong(format!(
                "SILENT: {bill:?} leaves, discards an unpaid bill, and its row says {words:?}"
            ));
        }
    }
    Ok(())
}

fn as_sent(bill: &BillRow) -> SentBill {
    SentBill {
        identifier: bill.identifier.clone(),
        amount: rupees(bill.amount),
        due_date: bill.due_date.format("%Y-%m-%d").to_string(),
        late: rupees(bill.amount_after_due_date),
    }
}

/// As the hub is sent it: whole rupees, and decimals only for paisa.
pub(crate) fn rupees(paisa: i64) -> String {
    match paisa % 100 {
        0 => (paisa / 100).to_string(),
        rest => format!("{}.{rest:02}", paisa / 100),
    }
}

/// More intents within a minute than the account may make calls.
pub(crate) fn too_many(times_ms: &mut [i64], per_minute: u32) -> bool {
    times_ms.sort_unstable();
    let most = per_minute as usize;
    times_ms
        .windows(most + 1)
        .any(|window| window[most] - window[0] < 60_000)
}
