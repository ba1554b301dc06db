//! What everything in a simulation shares: the time, which only the simulator moves, the chance,
//! which a seed decides, and the story of what happened.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// A task of a process, as the scheduler runs it.
pub(crate) type TaskFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The shared world of one run.
pub(crate) struct World {
    inner: Mutex<Inner>,
    /// What `Instant`s are counted from; its value decides nothing.
    origin: Instant,
}

struct Inner {
    now: Duration,
    chance: fastrand::Rng,
    /// Which process is running just now; `None`: the simulator itself.
    running: Option<usize>,
    parked: Option<Parked>,
    /// How often each loop of each process was told that there may be something to do.
    pokes: [[u64; LOOPS]; PROCESSES],
    born: Vec<(usize, TaskFuture)>,
    faults: Faults,
    db_ahead: chrono::TimeDelta,
    story: Option<Vec<String>>,
    wrong: Vec<String>,
    named: u64,
    steps: u64,
    /// Who took over an account last, and when.
    taken_over: BTreeMap<String, (String, Duration)>,
}

/// Loops of a service that may be told that there is something to do: its desk and its intake.
pub(crate) const LOOPS: usize = 2;
/// The desk, among them.
pub(crate) const DESK: usize = 0;
/// The intake, among them.
pub(crate) const INTAKE: usize = 1;

/// Services of one run.
pub(crate) const PROCESSES: usize = 2;

/// How bad the weather is just now: chances in a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    /// That a statement fails.
    pub(crate) statement: u32,
    /// That a commit is lost.
    pub(crate) commit_lost: u32,
    /// That a commit is done and nobody is told.
    pub(crate) commit_unheard: u32,
    /// That the process dies at a statement or commit.
    pub(crate) death_at_statement: u32,
    /// That the process dies at a named moment.
    pub(crate) death_at_moment: u32,
    /// That a call to the hub meets a fault of the line.
    pub(crate) line: u32,
    /// That the hub itself answers oddly.
    pub(crate) hub: u32,
    /// That the process is put to sleep on its way to the hub.
    pub(crate) asleep: u32,
}

/// Until when a task wants to be left alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parked {
    /// At this time it goes on.
    pub(crate) at: Duration,
    /// Or sooner, if this loop of this process is told of something to do after so many times.
    pub(crate) pokes: Option<((usize, usize), u64)>,
}

/// A process dies here, as by `kill -9`: unwinds its task, and the simulator drops the others.
#[derive(Debug)]
pub(crate) struct Death;

/// The day on which every simulation begins.
const BEGINS: &str = "2035-01-05T04:00:00Z";

impl World {
    /// A world from a seed.
    pub(crate) fn new(seed: u64, with_story: bool) -> Arc<World> {
        Arc::new(World {
            inner: Mutex::new(Inner {
                now: Duration::ZERO,
                chance: fastrand::Rng::with_seed(seed),
                running: None,
                parked: None,
                pokes: [[0; LOOPS]; PROCESSES],
                born: Vec::new(),
                faults: Faults::default(),
                db_ahead: chrono::TimeDelta::zero(),
                story: with_story.then(Vec::new),
                wrong: Vec::new(),
                named: 0,
                steps: 0,
                taken_over: BTreeMap::new(),
            }),
            origin: Instant::now(),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long the simulation lasts already.
    pub(crate) fn now(&self) -> Duration {
        self.inner().now
    }

    /// The time of day.
    pub(crate) fn utc(&self) -> DateTime<Utc> {
        begins() + self.now()
    }

    /// The time of day in milliseconds since 1970, as the hub is told it.
    pub(crate) fn now_ms(&self) -> i64 {
        self.utc().timestamp_millis()
    }

    /// The database's clock, which may be wrong.
    pub(crate) fn db_now(&self) -> DateTime<Utc> {
        let ahead = self.inner().db_ahead;
        self.utc() + ahead
    }

    /// Sets the database's clock ahead (or back) by so much of what it shows.
    pub(crate) fn set_db_ahead(&self, ahead: chrono::TimeDelta) {
        self.inner().db_ahead = ahead;
    }

    /// Whether the database's clock was ever set.
    pub(crate) fn clock_was_set(&self) -> bool {
        !self.inner().db_ahead.is_zero()
    }

    pub(crate) fn instant(&self) -> Instant {
        self.origin + self.now()
    }

    pub(crate) fn set_now(&self, now: Duration) {
        let mut inner = self.inner();
        inner.now = inner.now.max(now);
    }

    /// One of so many, by chance.
    pub(crate) fn below(&self, parts: u64) -> u64 {
        self.inner().chance.u64(0..parts.max(1))
    }

    /// Whether something happens that does so in so many of a thousand cases.
    pub(crate) fn happens(&self, per_mille: u32) -> bool {
        per_mille > 0 && self.below(1000) < u64::from(per_mille)
    }

    /// A time between these two.
    pub(crate) fn between(&self, least: Duration, most: Duration) -> Duration {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let span = ms(most).saturating_sub(ms(least)) + 1;
        least + Duration::from_millis(self.below(span))
    }

    /// How bad the weather is.
    pub(crate) fn faults(&self) -> Faults {
        self.inner().faults
    }

    /// Changes the weather.
    pub(crate) fn set_faults(&self, faults: Faults) {
        self.inner().faults = faults;
    }

    /// A name that no other call gives.
    pub(crate) fn name(&self) -> String {
        let mut inner = self.inner();
        inner.named += 1;
        let (named, chance) = (inner.named, inner.chance.u32(..));
        format!("simulated-{named}-{chance:08x}")
    }

    /// Notes what happened; the words are made only where a story is told.
    pub(crate) fn tell(&self, what: impl FnOnce() -> String) {
        let mut inner = self.inner();
        let (now, running) = (inner.now, inner.running);
        if let Some(story) = &mut inner.story {
            let who = running.map_or("      ".to_owned(), |who| format!("svc {who} "));
            story.push(format!("{:>11} s  {who} {}", millis_of(now), what()));
        }
    }

    /// Something that must never happen did.
    pub(crate) fn wrong(&self, what: String) {
        self.tell(|| format!("WRONG: {what}"));
        self.inner().wrong.push(what);
    }

    /// Whether anything went wrong.
    pub(crate) fn is_wrong(&self) -> bool {
        !self.inner().wrong.is_empty()
    }

    pub(crate) fn take_wrong(&self) -> (Vec<String>, Vec<String>) {
        let mut inner = self.inner();
        let story = inner.story.take().unwrap_or_default();
        (std::mem::take(&mut inner.wrong), story)
    }

    /// Which process is running.
    pub(crate) fn running(&self) -> Option<usize> {
        self.inner().running
    }

    pub(crate) fn set_running(&self, process: Option<usize>) {
        self.inner().running = process;
    }

    /// Tells a process's loop that there may be something to do.
    pub(crate) fn poke(&self, process: usize, which: usize) {
        self.inner().pokes[process][which] += 1;
    }

    /// Tells this loop of all of them.
    pub(crate) fn poke_all(&self, which: usize) {
        let mut inner = self.inner();
        inner.pokes.iter_mut().for_each(|pokes| pokes[which] += 1);
    }

    pub(crate) fn pokes(&self, of: (usize, usize)) -> u64 {
        self.inner().pokes[of.0][of.1]
    }

    /// A new task of a process.
    pub(crate) fn bear(&self, process: usize, task: TaskFuture) {
        self.inner().born.push((process, task));
    }

    pub(crate) fn take_born(&self) -> Vec<(usize, TaskFuture)> {
        std::mem::take(&mut self.inner().born)
    }

    /// This service has the account's lease from now on.
    pub(crate) fn takes_over(&self, account: &str, holder: &str) {
        let mut inner = self.inner();
        let now = inner.now;
        let taken = (holder.to_owned(), now);
        inner.taken_over.insert(account.to_owned(), taken);
    }

    /// How long the account has been somebody else's than this service's.
    pub(crate) fn others_for(&self, account: &str, holder: &str) -> Option<Duration> {
        let inner = self.inner();
        let (by, at) = inner.taken_over.get(account)?;
        (by != holder).then(|| inner.now - *at)
    }

    pub(crate) fn count_step(&self) -> u64 {
        let mut inner = self.inner();
        inner.steps += 1;
        inner.steps
    }

    pub(crate) fn take_parked(&self) -> Option<Parked> {
        self.inner().parked.take()
    }

    /// Resolves at that time of the simulation.
    pub(crate) fn sleep_until(
        self: &Arc<World>,
        at: Duration,
    ) -> impl Future<Output = ()> + Send + 'static {
        self.parked(Parked { at, pokes: None })
    }

    /// Resolves after so much time, and a little more: no two clocks agree.
    pub(crate) fn sleep(
        self: &Arc<World>,
        time: Duration,
    ) -> impl Future<Output = ()> + Send + 'static {
        let jitter = Duration::from_millis(self.below(9));
        self.sleep_until(self.now() + time + jitter)
    }

    /// Resolves after so much time, or when the process is told that there is something to do.
    pub(crate) fn rest(
        self: &Arc<World>,
        of: (usize, usize),
        since: u64,
        at_most: Duration,
    ) -> impl Future<Output = ()> + Send + 'static {
        let at = self.now() + at_most;
        let pokes = Some((of, since));
        let woken = self.parked(Parked { at, pokes });
        let world = Arc::clone(self);
        async move {
            woken.await;
            let lag = world.below(20);
            world
                .sleep_until(world.now() + Duration::from_millis(lag))
                .await;
        }
    }

    fn parked(self: &Arc<World>, parked: Parked) -> impl Future<Output = ()> + Send + 'static {
        let world = Arc::clone(self);
        poll_fn(move |_| {
            let mut inner = world.inner();
            let poked = parked
                .pokes
                .is_some_and(|((process, which), since)| inner.pokes[process][which] > since);
            if inner.now >= parked.at || poked {
                return Poll::Ready(());
            }
            let sooner = inner.parked.is_none_or(|other| parked.at < other.at);
            if sooner {
                inner.parked = Some(parked);
            }
            Poll::Pending
        })
    }

    /// The process that is running dies.
    pub(crate) fn dies(&self, how: &str) -> ! {
        self.tell(|| format!("dies {how}"));
        std::panic::resume_unwind(Box::new(Death))
    }
}

impl Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

fn begins() -> DateTime<Utc> {
    BEGINS.parse().unwrap_or_default()
}

fn millis_of(time: Duration) -> String {
    format!("{}.{:03}", time.as_secs(), time.subsec_millis())
}
