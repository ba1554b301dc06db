//! Answers that are wrong, slow or endless.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::{StreamExt, stream};

use crate::calls::add_bulk::EchoRow;
use crate::faults::Garble;
use crate::open_hub::OpenHub;
use crate::rows::Field;

/// The identifier that nobody sent.
pub(crate) const FOREIGN: &str = "NOBODY-SENT-THIS";

/// Does to the rows of an echo what the fault says, in its order.
pub(crate) fn garble(rows: &mut Vec<EchoRow>, garble: &Garble) {
    if garble.other_dates {
        for echo in rows.iter_mut() {
            // As the guide's sample does: sent 2025-08-31, echoed 2025-01-31.
            let other = match echo.row.due_date.text() {
                date if date.get(5..7) == Some("01") => date.replacen("-01-", "-03-", 1),
                date => match (date.get(..5), date.get(7..)) {
                    (Some(year), Some(day)) => format!("{year}01{day}"),
                    _ => date.to_owned(),
                },
            };
            echo.row.due_date = Field::Text(other);
        }
    }
    if garble.foreign_identifier
        && let Some(first) = rows.first_mut()
    {
        first.row.identifier = Field::Text(FOREIGN.to_owned());
    }
    if garble.extra_row
        && let Some(last) = rows.last()
    {
        let mut row = last.row.clone();
        row.identifier = Field::Text(FOREIGN.to_owned());
        rows.push(EchoRow { row, refusal: None });
    }
    if garble.shuffle {
        rows.reverse();
    }
    rows.truncate(rows.len().saturating_sub(garble.drop_rows));
}

/// The body at so many bytes a second, in pieces of a tenth of a second or
/// of one byte.
pub(crate) fn drip(hub: Arc<OpenHub>, whole: Vec<u8>, bytes_per_second: u64) -> Body {
    let piece = (bytes_per_second / 10).max(1);
    let pause = Duration::from_micros(piece * 1_000_000 / bytes_per_second.max(1));
    let piece = usize::try_from(piece).unwrap_or(usize::MAX);
    let pieces = stream::unfold(Bytes::from(whole), move |mut left| {
        let hub = Arc::clone(&hub);
        async move {
            if left.is_empty() {
                return None;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = hub.stopped() => return Some((Err(stopped()), Bytes::new())),
            }
            let next = left.split_to(piece.min(left.len()));
            Some((Ok::<_, io::Error>(next), left))
        }
    });
    Body::from_stream(pieces)
}

/// JSON whose message goes on and on, without a content-length.
pub(crate) fn huge(hub: Arc<OpenHub>, bytes: u64) -> Body {
    const PIECE: usize = 64 * 1024;
    const HEAD: &str = "{\"responseCode\":200,\"responseMessage\":\"";
    const TAIL: &str = "\",\"data\":null}";
    let filler = Bytes::from(vec![b'a'; PIECE]);
    let left = bytes.saturating_sub((HEAD.len() + TAIL.len()) as u64);
    let fill = stream::unfold((left, hub), move |(left, hub)| {
        let piece = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let filler = filler.slice(..piece);
        async move {
            if left == 0 {
                return None;
            }
            if hub.is_stopping() {
                return Some((Err(stopped()), (0, hub)));
            }
            Some((Ok::<_, io::Error>(filler), (left - piece as u64, hub)))
        }
    });
    let head = stream::iter([Ok(Bytes::from_static(HEAD.as_bytes()))]);
    let tail = stream::iter([Ok(Bytes::from_static(TAIL.as_bytes()))]);
    Body::from_stream(head.chain(fill).chain(tail))
}

fn stopped() -> io::Error {
    io::Error::other("the sandbox has stopped")
}
