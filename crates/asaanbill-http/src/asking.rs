//! Asking the hub for something that changes nothing: again where it makes
//! sense, within one deadline.

use std::time::Duration;

use asaanbill_core::Envelope;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::answer_table::message_of;
use crate::client::Client;
use crate::errors::ReadError;
use crate::pace::CallKind;
use crate::request::Request;
use crate::retry_after::{self, shortened, wait_asked_for};
use crate::surroundings::{Answer, AnswerBody, NoAnswer};
use crate::words;

/// What the hub said, once it said something definite: 200, or a 4xx.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) message: String,
    data: Option<Box<RawValue>>,
}

/// What to make of one try.
enum Heard {
    Said(Said),
    /// Ask again after a pause, at least this long.
    Again(ReadError, Duration),
    /// Asking again makes no sense.
    Enough(ReadError),
}

impl Client {
    /// Asks until the hub says something definite, the tries are used up, or
    /// the time that is left is over. Waiting for a turn does not count.
    pub(crate) async fn ask(
        &self,
        kind: CallKind,
        left: &mut Duration,
        request: impl Fn() -> Request,
    ) -> Result<Said, ReadError> {
        let settings = &self.inner.settings;
        let mut pause = settings.retry_pause;
        let mut tries = 0;
        loop {
            tries += 1;
            if let Some(after) = self.busy_for()
                && after > *left
            {
                return Err(ReadError::Wait { after });
            }
            self.turn(kind)
                .await
                .map_err(|err| ReadError::NoTurn { why: err.why })?;
            let started = self.surroundings().now();
            let outcome = self.exchange(request(), *left).await;
            let took = self.surroundings().now().saturating_sub(started);
            *left = left.saturating_sub(took);
            let (err, at_least) = match self.understand(outcome) {
                Heard::Said(said) => return Ok(said),
                Heard::Enough(err) => return Err(err),
                Heard::Again(err, at_least) => (err, at_least),
            };
            let wait = shortened(pause, self.surroundings()).max(at_least);
            if tries >= settings.read_tries || wait >= *left {
                return Err(err);
            }
            tracing::debug!(%err, wait_ms = wait.as_millis(), "asking the hub again");
            self.surroundings().sleep(wait).await;
            *left = left.saturating_sub(wait);
            pause = pause.saturating_mul(2);
        }
    }

    fn understand(&self, outcome: Result<Answer, NoAnswer>) -> Heard {
        let answer = match outcome {
            Ok(answer) => answer,
            Err(NoAnswer::NotSent(why) | NoAnswer::Lost(why)) => {
                return Heard::Again(ReadError::Unreachable { why }, Duration::ZERO);
            }
        };
        let secrets = self.secrets();
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let said = match &answer.body {
            AnswerBody::Whole(bytes) => {
                serde_json::from_slice::<Envelope<Box<RawValue>>>(bytes).ok()
            }
            AnswerBody::Cut(_) | AnswerBody::TooLarge => None,
        };
        let message = message_of(&answer.body, said.as_ref(), &secrets);
        let code = said.as_ref().and_then(|said| said.response_code);
        let status = match (answer.status, code) {
            // A 200 on the outside counts as what it says inside.
            (200, Some(code @ 200..600)) => u16::try_from(code).unwrap_or(0),
            (200, _) => 0,
            (status, _) => status,
        };
        let asked = wait_asked_for(&answer, self.surroundings().utc_now());
        match status {
            429 => {
                let after = self.leave_alone(asked.unwrap_or(retry_after::DEFAULT));
                Heard::Again(ReadError::Wait { after }, after)
            }
            500.. => Heard::Again(
                ReadError::Unreachable {
                    why: format!("it answered {status}: {message}"),
                },
                asked.unwrap_or_default(),
            ),
            200 | 400..500 => Heard::Said(Said {
                status,
                message,
                data: said.and_then(|said| said.data),
            }),
            300..400 => Heard::Enough(ReadError::Unreadable {
                why: "it sent us elsewhere, which is not followed".to_owned(),
            }),
            _ => match answer.body {
                AnswerBody::TooLarge => Heard::Enough(ReadError::Unreadable { why: message }),
                AnswerBody::Cut(why) => {
                    Heard::Again(ReadError::Unreachable { why }, Duration::ZERO)
                }
                AnswerBody::Whole(_) => Heard::Again(
                    ReadError::Unreadable {
                        why: format!("it answered {} with {message}", answer.status),
                    },
                    Duration::ZERO,
                ),
            },
        }
    }

    /// One read: signed in, once more if the hub forgot the token, and its
    /// `data` read as `T`.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, ReadError> {
        let mut left = self.inner.settings.read_deadline;
        let mut session = self.session_other_than(None).await?;
        let mut signed_in_again = false;
        loop {
            let said = self
                .ask(CallKind::Read, &mut left, || {
                    self.get(path, &session).query(query)
                })
                .await?;
            let message = said.message.clone();
            match said.status {
                200 => return data_of(&said),
                401 if !signed_in_again => {
                    signed_in_again = true;
                    session = self.session_other_than(Some(session.generation)).await?;
                }
                401 => {
                    let message = format!("a new login did not help: {message}");
                    return Err(ReadError::SignInFailed { message });
                }
                403 => return Err(ReadError::Forbidden { message }),
                404 => return Err(ReadError::NotFound { message }),
                status => return Err(ReadError::Refused { status, message }),
            }
        }
    }
}

/// The answer itself; it may lie in an array of one.
pub(crate) fn data_of<T: DeserializeOwned>(said: &Said) -> Result<T, ReadError> {
    let unreadable = |why: String| ReadError::Unreadable { why };
    let Some(data) = &said.data else {
        return Err(unreadable("it answered 200 without data".to_owned()));
    };
    serde_json::from_str(data.get()).or_else(|err| {
        match serde_json::from_str::<Vec<T>>(data.get()) {
            Ok(mut one) if one.len() == 1 => Ok(one.remove(0)),
            _ => Err(unreadable(words::of_json_error(&err))),
        }
    })
}
