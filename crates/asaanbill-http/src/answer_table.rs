//! What an answer to a write means: the answer table, line by line. Pure, so
//! that every line can be tried without a hub.
//!
//! The rule behind it: a row is taken or refused only where the answer proves
//! it. Whatever leaves a doubt is [`WriteError::Unknown`].

use asaanbill_core::{AddBulkEcho, EchoRow, EchoStatus, Envelope, Payment};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::errors::WriteError;
use crate::retry_after::{self, wait_asked_for};
use crate::surroundings::{Answer, AnswerBody, NoAnswer};
use crate::words;

/// The hub took the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The number under which [`bulk_request`](crate::Client::bulk_request)
    /// shows its payments.
    pub bulk_id: i64,
    /// What it says of each row, by its own status; `None` if it echoed no
    /// rows: then they are read from the bulk request.
    pub echo: Option<Vec<EchoRow>>,
    /// The hub's words about the whole.
    pub message: Option<String>,
}

type Said = Envelope<Box<RawValue>>;

/// What came back from `add-bulk`, at this moment.
pub(crate) fn add_bulk(
    outcome: Result<Answer, NoAnswer>,
    now: DateTime<Utc>,
    secrets: &[&str],
) -> Result<Taken, WriteError> {
    let (status, said) = common(outcome, now, secrets)?;
    let echo: AddBulkEcho = data_of(&said, status)?;
    let message = said
        .response_message
        .map(|text| words::cleaned(&text, secrets));
    match echo.bulk_payment_request_id {
        Some(bulk_id) => Ok(Taken {
            bulk_id,
            echo: echo.payments.map(|rows| shown(rows, secrets)),
            message,
        }),
        None => Err(unknown(status, "it answered 200 without a bulk request id")),
    }
}

/// What came back from `add`, at this moment.
pub(crate) fn add(
    outcome: Result<Answer, NoAnswer>,
    now: DateTime<Utc>,
    secrets: &[&str],
) -> Result<Payment, WriteError> {
    let (status, said) = common(outcome, now, secrets)?;
    data_of(&said, status)
}

/// Every line of the table but the good one: what is left is a 200 in status
/// and `responseCode`.
fn common(
    outcome: Result<Answer, NoAnswer>,
    now: DateTime<Utc>,
    secrets: &[&str],
) -> Result<(u16, Said), WriteError> {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(NoAnswer::NotSent(why)) => return Err(WriteError::NotSent { why }),
        Err(NoAnswer::Lost(why)) => return Err(WriteError::Unknown { why, status: None }),
    };
    let status = answer.status;
    let said = match &answer.body {
        AnswerBody::Whole(bytes) => serde_json::from_slice::<Said>(bytes).ok(),
        AnswerBody::Cut(_) | AnswerBody::TooLarge => None,
    };
    if let Some(code) = said.as_ref().and_then(|said| said.response_code)
        && code != i64::from(status)
    {
        let why = format!("it answered {status}, and {code} inside the answer");
        return Err(unknown(status, &why));
    }
    let message = message_of(&answer.body, said.as_ref(), secrets);
    match status {
        200 => match (said, &answer.body) {
            (Some(said), _) if said.response_code.is_some() => Ok((status, said)),
            (Some(_), _) => Err(unknown(status, "it answered 200 without a responseCode")),
            (None, AnswerBody::Whole(_)) => {
                Err(unknown(status, &format!("it answered 200 with {message}")))
            }
            (None, _) => Err(unknown(status, &message)),
        },
        400 => Err(refused(&answer.body, said, message, secrets)),
        401 => Err(WriteError::SignInAgain { message }),
        403 | 404 => Err(WriteError::Forbidden { status, message }),
        413 => Err(WriteError::TooLarge { message }),
        429 => Err(WriteError::Wait {
            after: wait_asked_for(&answer, now).unwrap_or(retry_after::DEFAULT),
            message,
        }),
        300..400 => Err(unknown(
            status,
            "it sent us elsewhere, which is not followed",
        )),
        _ => Err(unknown(status, &format!("it answered {status}: {message}"))),
    }
}

/// A 400: rows refused, the whole refused, or a doubt.
fn refused(body: &AnswerBody, said: Option<Said>, message: String, secrets: &[&str]) -> WriteError {
    let bytes = match body {
        AnswerBody::Whole(bytes) => bytes,
        AnswerBody::Cut(_) | AnswerBody::TooLarge => return unknown(400, &message),
    };
    let Some(said) = said else {
        // A proxy's page says that nothing was taken; half a JSON may be the
        // beginning of an echo that says otherwise.
        return if words::looks_like_json(bytes) {
            unknown(400, "it answered 400 with broken JSON")
        } else {
            WriteError::RefusedWhole { message }
        };
    };
    let Some(data) = said.data else {
        return WriteError::RefusedWhole { message };
    };
    match serde_json::from_str::<AddBulkEcho>(data.get()) {
        Ok(echo) if echo.bulk_payment_request_id.is_some() => {
            unknown(400, "it answered 400 with a bulk request id")
        }
        Ok(echo) => match echo.payments.filter(|rows| !rows.is_empty()) {
            Some(rows) if rows.iter().all(is_refused) => WriteError::RowsRefused {
                echo: shown(rows, secrets),
                message,
            },
            Some(_) => unknown(400, "it answered 400, and some rows are not refused"),
            None if data.get().contains("PROCESSED") => {
                unknown(400, "it answered 400, and speaks of rows it took")
            }
            None => WriteError::RefusedWhole { message },
        },
        // A text for data is no echo; anything else may be one.
        Err(_) if data.get().starts_with('"') && !data.get().contains("PROCESSED") => {
            WriteError::RefusedWhole { message }
        }
        Err(_) => unknown(400, "it answered 400 with an echo that can't be read"),
    }
}

fn is_refused(row: &EchoRow) -> bool {
    matches!(row.status, EchoStatus::Refused(_))
}

/// The rows with the hub's words made fit to show.
fn shown(mut rows: Vec<EchoRow>, secrets: &[&str]) -> Vec<EchoRow> {
    for row in &mut rows {
        if let EchoStatus::Refused(why) = &mut row.status {
            *why = words::cleaned(why, secrets);
        }
    }
    rows
}

fn data_of<T: DeserializeOwned>(said: &Said, status: u16) -> Result<T, WriteError> {
    let Some(data) = &said.data else {
        return Err(unknown(status, "it answered 200 without data"));
    };
    serde_json::from_str(data.get()).map_err(|err| {
        let why = words::of_json_error(&err);
        let why = format!("it answered 200 with data that can't be read: {why}");
        unknown(status, &why)
    })
}

/// The hub's words, or what stands in for them.
pub(crate) fn message_of(body: &AnswerBody, said: Option<&Said>, secrets: &[&str]) -> String {
    match (said, body) {
        (Some(said), _) => match &said.response_message {
            Some(text) => words::cleaned(text, secrets),
            None => "the hub gave no reason".to_owned(),
        },
        (None, AnswerBody::Whole(bytes)) => words::of_body(bytes, secrets),
        (None, AnswerBody::Cut(why)) => format!("its answer was cut: {why}"),
        (None, AnswerBody::TooLarge) => "its answer is larger than is read".to_owned(),
    }
}

fn unknown(status: u16, why: &str) -> WriteError {
    WriteError::Unknown {
        why: why.to_owned(),
        status: Some(status),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::Duration;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const ECHO_ROW: &str = r#"{"title":"A","identifier":"1","amount":"5","dueDate":"2035-01-31","amountAfterDueDate":"5","status":"STATUS"}"#;

    fn answer(status: u16, body: &str) -> Result<Answer, NoAnswer> {
        Ok(Answer {
            status,
            retry_after: Some("7".to_owned()),
            date: None,
            body: AnswerBody::Whole(body.as_bytes().to_vec()),
        })
    }

    fn body(code: &str, data: &str) -> String {
        format!(r#"{{"responseCode":{code},"responseMessage":"words","data":{data}}}"#)
    }

    fn row(status: &str) -> String {
        ECHO_ROW.replace("STATUS", status)
    }

    /// The line of the table an answer falls on, in a word.
    fn line(outcome: Result<Answer, NoAnswer>) -> &'static str {
        match add_bulk(outcome, NOW, &[]) {
            Ok(Taken { echo: Some(_), .. }) => "taken",
            Ok(Taken { echo: None, .. }) => "taken without echo",
            Err(WriteError::RowsRefused { .. }) => "rows refused",
            Err(WriteError::RefusedWhole { .. }) => "refused whole",
            Err(WriteError::SignInAgain { .. }) => "sign in again",
            Err(WriteError::Forbidden { .. }) => "forbidden",
            Err(WriteError::TooLarge { .. }) => "too large",
            Err(WriteError::Wait { .. }) => "wait",
            Err(WriteError::NotSent { .. }) => "not sent",
            Err(WriteError::Unknown { .. }) => "unknown",
            Err(WriteError::SignInNeeded | WriteError::SignInFailed { .. }) => "sign-in",
        }
    }

    #[test]
    fn a_200_is_taken_only_with_both_codes_and_an_id() {
        let good = format!(
            r#"{{"bulkPaymentRequestId":11,"payments":[{}]}}"#,
            row("PROCESSED")
        );
        assert_eq!(line(answer(200, &body("200", &good))), "taken");
        assert_eq!(line(answer(200, &body("\"200\"", &good))), "taken");
        assert_eq!(
            line(answer(200, &body("200", &format!("[{good}]")))),
            "taken"
        );
        assert_eq!(
            line(answer(
                200,
                &body("200", r#"{"bulkPaymentRequestId":"11"}"#)
            )),
            "taken without echo"
        );
        for doubtful in [
            body("400", &good),
            body("500", &good),
            body("null", &good),
            body("200", "null"),
            body("200", &good.replace("11", "null")),
            body("200", &good.replace("11", "\"eleven\"")),
            body("200", r#"{"bulkPaymentRequestId":11,"payments":[3]}"#),
            body("200", &format!("[{}]", row("PROCESSED"))),
            format!(r#"{{"data":{good}}}"#),
            body("200", &good)[..60].to_owned(),
            "<html><title>Welcome</title>".to_owned(),
            String::new(),
        ] {
            assert_eq!(line(answer(200, &doubtful)), "unknown", "{doubtful}");
        }
    }

    #[test]
    fn a_400_is_a_refusal_only_if_nothing_speaks_against_it() {
        let rows = |rows: &[String]| format!(r#"{{"payments":[{}]}}"#, rows.join(","));
        let refused = rows(&[row("title is blank"), row("amount is wrong")]);
        assert_eq!(line(answer(400, &body("400", &refused))), "rows refused");
        assert_eq!(line(answer(400, &body("null", &refused))), "rows refused");
        for whole in [
            body("400", "null"),
            body("400", "{}"),
            body("400", "[]"),
            body("400", r#"{"payments":[]}"#),
            body("400", r#""missing header channel-id""#),
            "<html><title>400 Bad Request</title>".to_owned(),
            "Bad Request".to_owned(),
            String::new(),
        ] {
            assert_eq!(line(answer(400, &whole)), "refused whole", "{whole}");
        }
        for doubtful in [
            body("400", &rows(&[row("title is blank"), row("PROCESSED")])),
            body("400", &rows(&[row("title is blank"), row("")])),
            body(
                "400",
                &refused.replace("{\"payments\"", "{\"bulkPaymentRequestId\":9,\"payments\""),
            ),
            body("400", r#"{"bulkPaymentRequestId":9}"#),
            body("400", r#"{"rows":[{"status":"PROCESSED"}]}"#),
            body("400", r#"{"payments":"PROCESSED"}"#),
            body("200", &refused),
            body("400", &refused)[..80].to_owned(),
        ] {
            assert_eq!(line(answer(400, &doubtful)), "unknown", "{doubtful}");
        }
        let cut = Answer {
            status: 400,
            retry_after: None,
            date: None,
            body: AnswerBody::Cut("connection closed".to_owned()),
        };
        assert_eq!(line(Ok(cut)), "unknown");
    }

    #[test]
    fn the_other_lines_go_by_the_status() {
        for (status, expected) in [
            (401, "sign in again"),
            (403, "forbidden"),
            (404, "forbidden"),
            (413, "too large"),
            (429, "wait"),
            (100, "unknown"),
            (201, "unknown"),
            (202, "unknown"),
            (204, "unknown"),
            (301, "unknown"),
            (307, "unknown"),
            (402, "unknown"),
            (408, "unknown"),
            (409, "unknown"),
            (422, "unknown"),
            (500, "unknown"),
            (502, "unknown"),
            (503, "unknown"),
            (504, "unknown"),
        ] {
            assert_eq!(line(answer(status, "")), expected, "{status}");
            assert_eq!(
                line(answer(status, &body("null", "null"))),
                expected,
                "{status}"
            );
            let disagreeing = body(if status == 500 { "501" } else { "500" }, "null");
            assert_eq!(line(answer(status, &disagreeing)), "unknown", "{status}");
        }
        assert_eq!(line(Err(NoAnswer::NotSent(String::new()))), "not sent");
        assert_eq!(line(Err(NoAnswer::Lost(String::new()))), "unknown");
    }

    #[test]
    fn a_429_says_how_long_it_wants_to_be_left_alone() {
        let wait = |retry_after: Option<&str>| {
            let mut answer = answer(429, "").unwrap();
            answer.retry_after = retry_after.map(str::to_owned);
            match add_bulk(Ok(answer), NOW, &[]) {
                Err(WriteError::Wait { after, .. }) => after,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(wait(Some("7")), Duration::from_secs(7));
        assert_eq!(
            wait(Some("Thu, 01 Jan 1970 00:01:10 GMT")),
            Duration::from_secs(70)
        );
        assert_eq!(wait(None), retry_after::DEFAULT);
    }

    #[test]
    fn refusals_are_shown_without_secrets_and_control_characters() {
        let echo = format!(r#"{{"payments":[{}]}}"#, row("bad\\u001b token tok-en-1"));
        let err = add_bulk(answer(400, &body("400", &echo)), NOW, &["tok-en-1"]).unwrap_err();
        let WriteError::RowsRefused { echo, .. } = err else {
            panic!("{err:?}");
        };
        assert_eq!(
            echo[0].status,
            EchoStatus::Refused("bad token (secret)".to_owned())
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_but_a_whole_200_is_ever_taken(
            status in 100u16..600,
            code in "(200|400|\"200\"|null|[0-9]{1,4})",
            data in r#"(null|\{\}|\[\]|\{"bulkPaymentRequestId":(7|null|"x")(,"payments":(\[\]|\[\{"status":"(PROCESSED|no)"\}\]|3))?\})"#,
            cut in proptest::option::of(0usize..80),
            noise in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
        ) {
            let whole = body(&code, &data);
            let cut_at = cut.unwrap_or(whole.len()).min(whole.len());
            for bytes in [whole.as_bytes()[..cut_at].to_vec(), noise] {
                let says_taken = bytes.windows(9).any(|word| word == b"PROCESSED");
                let is_json = serde_json::from_slice::<serde_json::Value>(&bytes).is_ok();
                let answer = Answer { status, retry_after: None, date: None, body: AnswerBody::Whole(bytes) };
                match add_bulk(Ok(answer), NOW, &[]) {
                    Ok(taken) => {
                        proptest::prop_assert!(status == 200 && is_json && code.contains("200"));
                        proptest::prop_assert_eq!(taken.bulk_id, 7);
                    }
                    Err(WriteError::RowsRefused { .. } | WriteError::RefusedWhole { .. }) => {
                        proptest::prop_assert_eq!(status, 400);
                        proptest::prop_assert!(!says_taken);
                    }
                    Err(err) => proptest::prop_assert!(status != 200 || err.is_unknown()),
                }
            }
        }
    }
}
