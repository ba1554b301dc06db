//! The client in a world made of memory: no socket, no runtime, no waiting.
//! What is shown here by the world's own clock would otherwise take minutes.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use asaanbill_http::{
    AddBulkBody, Answer, AnswerBody, CallKind, Client, ClientBuilder, Limits, NoAnswer, PageAsk,
    ReadError, Request, Surroundings, WriteError,
};
use chrono::{DateTime, Utc};
use futures::executor::block_on;
use futures::future::{BoxFuture, FutureExt, ready};

use crate::world::{PASSWORD, bills};

const TOKEN: &str = "t0ken-on-paper";
const TAKEN: &str = r#"{"responseCode":200,"data":{"bulkPaymentRequestId":7}}"#;
const NO_PAYMENTS: &str = r#"{"responseCode":200,"data":{"content":[],"totalElements":0}}"#;

/// A hub that lets everybody in and otherwise answers what it was told to, one
/// after the other; and a clock that sleeping and its own slowness move.
#[derive(Default)]
struct Paper {
    chance: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: Duration,
    told: VecDeque<Result<Answer, NoAnswer>>,
    takes: Duration,
    slept: Vec<Duration>,
    carried: Vec<Carried>,
    /// Every request and answer as `Debug` shows them.
    shown: String,
}

/// What a hub gets to see of a request.
struct Carried {
    at: Duration,
    kind: CallKind,
    line: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Paper {
    fn telling(told: impl IntoIterator<Item = Result<Answer, NoAnswer>>) -> Arc<Paper> {
        let paper = Paper::default();
        paper.state().told.extend(told);
        Arc::new(paper)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn client(self: &Arc<Paper>) -> Client {
        self.builder().build().unwrap()
    }

    /// With the rates and pauses of the real program, and a base URL where
    /// nobody is.
    fn builder(self: &Arc<Paper>) -> ClientBuilder {
        Client::builder("https://hub.invalid", "greenfield", PASSWORD.into())
            .surroundings(Arc::clone(self) as Arc<dyn Surroundings>)
    }

    /// When calls other than the login were made.
    fn calls(&self) -> Vec<Duration> {
        let state = self.state();
        let others = state
            .carried
            .iter()
            .filter(|call| call.kind != CallKind::SignIn);
        others.map(|call| call.at).collect()
    }
}

impl Surroundings for Paper {
    fn exchange(&self, request: Request, _: Limits) -> BoxFuture<'_, Result<Answer, NoAnswer>> {
        let mut state = self.state();
        let body = request.release_body().ok().map(|body| body.to_vec());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let carried = Carried {
            at: state.now,
            kind: request.kind(),
            line: format!(
                "{} {}?{}",
                request.method(),
                request.path(),
                request.query_string().unwrap_or("")
            ),
            headers: request
                .headers()
                .map(|(name, value)| (name.to_owned(), text(value)))
                .collect(),
            body: body.as_deref().map(text),
        };
        state.carried.push(carried);
        let takes = state.takes;
        state.now += takes;
        let outcome = match request.kind() {
            CallKind::SignIn => Ok(answer(
                200,
                &format!(
                    r#"{{"responseCode":200,"data":{{"token":"{TOKEN}","channel":{{"id":23}}}}}}"#
                ),
            )),
            _ => state
                .told
                .pop_front()
                .expect("the test told it what to answer"),
        };
        state.shown += &format!("{request:?} {outcome:?}\n");
        ready(outcome).boxed()
    }

    fn now(&self) -> Duration {
        self.state().now
    }

    fn utc_now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.now()
    }

    fn sleep(&self, how_long: Duration) -> BoxFuture<'_, ()> {
        let mut state = self.state();
        state.now += how_long;
        state.slept.push(how_long);
        ready(()).boxed()
    }

    fn chance(&self, parts: u64) -> u64 {
        self.chance.min(parts - 1)
    }
}

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        retry_after: None,
        date: None,
        body: AnswerBody::Whole(body.into()),
    }
}

fn lost() -> Result<Answer, NoAnswer> {
    Err(NoAnswer::Lost("the line went dead".to_owned()))
}

fn busy(retry_after: &str) -> Result<Answer, NoAnswer> {
    let mut answer = answer(429, "");
    answer.retry_after = Some(retry_after.to_owned());
    Ok(answer)
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn a_lost_answer_of_add_bulk_is_unknown_and_was_carried_once() {
    let paper = Paper::telling([lost()]);
    let outcome = block_on(paper.client().add_bulk(&bills(0..2)));
    let why = "the line went dead".to_owned();
    assert_eq!(outcome, Err(WriteError::Unknown { why, status: None }));
    assert_eq!(paper.calls().len(), 1);
    assert!(paper.state().slept.is_empty());
}

#[test]
fn a_request_shows_what_the_guide_asks_for() {
    let paper = Paper::telling([Ok(answer(200, TAKEN)), Ok(answer(200, NO_PAYMENTS))]);
    let client = paper.client();
    block_on(client.add_bulk(&bills(0..2))).unwrap();
    block_on(client.payments(PageAsk::first())).unwrap();
    let state = paper.state();
    let [login, write, read] = &state.carried[..] else {
        panic!("a login, a write and a read");
    };
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let signed = [
        header("x-auth-ph-key", TOKEN),
        header("channel-id", "23"),
        header("username", "greenfield"),
        header("content-type", "application/json"),
    ];

    assert_eq!(login.line, "POST /integration/login?");
    assert_eq!(login.headers, signed[2..]);
    let password = format!(r#"{{"password":"{PASSWORD}"}}"#);
    assert_eq!(login.body, Some(password));

    assert_eq!(write.kind, CallKind::Write);
    assert_eq!(write.line, "POST /integration/add-bulk?contentType=JSON");
    assert_eq!(write.headers, signed);
    let body = AddBulkBody::of(&bills(0..2)).unwrap();
    assert_eq!(write.body.as_ref().unwrap().as_bytes(), body.as_bytes());

    assert_eq!(read.kind, CallKind::Read);
    assert!(read.line.starts_with("GET /integration/payment?pageNo="));
    assert_eq!(read.headers, signed);
    assert_eq!(read.body.as_deref(), Some(""));
}

#[test]
fn a_read_is_asked_again_after_pauses_that_chance_shortens() {
    for (chance, pauses) in [(0, [ms(500), ms(1000)]), (999, [ms(251), ms(501)])] {
        let paper = Arc::new(Paper {
            chance,
            ..Paper::default()
        });
        let told = [lost(), Ok(answer(503, "")), Ok(answer(200, NO_PAYMENTS))];
        paper.state().told.extend(told);
        let client = paper.builder().reads_per_minute(60_000).build().unwrap();
        block_on(client.payments(PageAsk::first())).unwrap();
        let calls = paper.calls();
        let between: Vec<Duration> = calls.windows(2).map(|two| two[1] - two[0]).collect();
        assert_eq!(between, pauses);
    }
}

#[test]
fn a_read_gives_up_by_the_clock_it_is_given() {
    let paper = Paper::telling([lost(), lost()]);
    paper.state().takes = Duration::from_secs(30);
    let outcome = block_on(paper.client().payments(PageAsk::first()));
    assert!(
        matches!(outcome, Err(ReadError::Unreachable { .. })),
        "{outcome:?}"
    );
    // 30 s, half a second's pause, and the second try used up the minute.
    assert_eq!(paper.calls().len(), 2);
}

#[test]
fn a_busy_hub_is_left_alone_for_as_long_as_it_asks() {
    for (chance, asked, wait) in [
        (0, "30", ms(30_000)),
        (999, "30", ms(32_997)),
        // The hub does not say what time it is, so it is this world's: 2.02 s.
        (0, "Thu, 01 Jan 1970 00:00:45 GMT", ms(42_980)),
    ] {
        let paper = Arc::new(Paper {
            chance,
            ..Paper::default()
        });
        let told = [busy(asked), Ok(answer(200, NO_PAYMENTS))];
        paper.state().told.extend(told);
        let client = paper.client();
        block_on(async {
            client.sign_in_if_needed().await.unwrap();
            // The second comes 2.02 s after the first.
            let (first, second) = (client.write_turn().await, client.write_turn().await);
            let start = paper.now();

            let body = AddBulkBody::of(&bills(0..1)).unwrap();
            let refused = client.add_bulk_body(first.unwrap(), body.clone()).await;
            let Err(WriteError::Wait { after, .. }) = refused else {
                panic!("{refused:?}");
            };
            assert_eq!(after, wait);

            // A turn that was given before does not get through.
            let kept_back = client.add_bulk_body(second.unwrap(), body).await;
            assert!(matches!(kept_back, Err(WriteError::Wait { .. })));
            assert_eq!(paper.calls().len(), 1);

            client.payments(PageAsk::first()).await.unwrap();
            assert_eq!(paper.calls(), [start, start + wait]);
        });
    }
}

#[test]
fn a_body_that_may_not_leave_is_never_seen() {
    // This hub claims to have taken what it never got.
    let paper = Paper::telling([Ok(answer(200, TAKEN))]);
    let client = paper.client();
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let outcome = block_on(async {
        client.sign_in_if_needed().await.unwrap();
        let turn = client.write_turn().await.unwrap();
        let body = AddBulkBody::of(&bills(0..1)).unwrap();
        let only_the_first_is_no = move || count.fetch_add(1, Ordering::SeqCst) > 0;
        client
            .add_bulk_body_while(turn, body, only_the_first_is_no)
            .await
    });
    let why = "too much time passed before the first byte".to_owned();
    assert_eq!(outcome, Err(WriteError::NotSent { why }));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(paper.state().carried[1].body, None);
}

#[test]
fn turns_are_spaced_by_the_clock_it_is_given() {
    let paper = Paper::telling((0..3).map(|_| Ok(answer(200, TAKEN))));
    let client = paper.builder().requests_per_minute(30).build().unwrap();
    for _ in 0..3 {
        block_on(client.add_bulk(&bills(0..1))).unwrap();
    }
    assert_eq!(paper.calls(), [ms(0), ms(2020), ms(4040)]);
}

#[test]
fn neither_requests_nor_answers_show_a_secret() {
    let paper = Paper::telling([Ok(answer(200, TAKEN))]);
    block_on(paper.client().add_bulk(&bills(0..1))).unwrap();
    let shown = paper.state().shown.clone();
    assert!(shown.contains("/integration/login"), "{shown}");
    assert!(shown.contains("/integration/add-bulk"), "{shown}");
    for secret in [PASSWORD, TOKEN, "Pupil 0", "GF-0000"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
