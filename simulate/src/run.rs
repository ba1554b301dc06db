//! One run: a while of bad weather in which everything may fail, then fair weather, in which
//! everything must come to rest, and then the check.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use asaanbill_sandbox::Callback;
use ingest_ledger::planted::{Bug, plant};
use ingest_ledger::{Ledger, NewCallback, RowFilter, RowState};
use ingestd::config::Account;
use sha2::{Digest, Sha256};

use crate::check::{self, Tally};
use crate::database::Database;
use crate::hub::Hub;
use crate::person::Person;
use crate::plot::{Event, configuration, folder};
use crate::process::{Process, die_at_moments};
use crate::scheduler::Scheduler;
use crate::school::School;
use crate::world::{DESK, Faults, INTAKE, PROCESSES, World};

/// What is to be run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// Decides everything.
    pub seed: u64,
    /// Whether what happens is written down.
    pub with_story: bool,
    /// No faults at all: what is held or in doubt then is so for no reason.
    pub fair: bool,
    /// A bug on purpose, which is to be caught.
    pub bug: Option<Bug>,
}

/// What a run came to.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What must never happen and did, a sentence each.
    pub wrong: Vec<String>,
    /// What happened, a line each.
    pub story: Vec<String>,
    /// In numbers.
    pub tally: Tally,
    /// How long it took in simulated time.
    pub lasted: Duration,
    /// How long after the faults stopped everything had come to rest.
    pub rested: Option<Duration>,
}

/// More turns than this, and something goes in circles.
const TURNS_MAX: u64 = 15_000;
/// Fair weather lasts at most this long.
const FAIR_MAX: Duration = Duration::from_secs(6 * 3600);

/// Where a run stands.
pub(crate) struct Run {
    pub(crate) world: Arc<World>,
    hub: Arc<Hub>,
    ledger: Ledger,
    ledger_id: String,
    accounts: Vec<Arc<Account>>,
    pub(crate) schools: Vec<School>,
    scheduler: Scheduler,
    pub(crate) events: BTreeMap<(Duration, u64), Event>,
    pub(crate) numbered: u64,
    lives: u32,
    deaths: u64,
    fair_since: Option<Duration>,
    tidied: u32,
    rested: Option<Duration>,
}

/// Runs a seed.
///
/// # Errors
/// The simulation itself can't be set up; what goes wrong in it is in the outcome.
pub fn run(plan: Plan) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run_on(plan))
}

async fn run_on(plan: Plan) -> anyhow::Result<Outcome> {
    let world = World::new(plan.seed, plan.with_story);
    let folder = folder()?;
    let names: Vec<String> = (0..1 + world.below(3) / 2)
        .map(|n| format!("school{n}"))
        .collect();
    let config = configuration(&world, &names, folder.path())?;
    let accounts: Vec<Arc<Account>> = config.accounts.values().cloned().collect();
    let ledger = Ledger::open_in("sqlite::memory:", Arc::new(Database(Arc::clone(&world)))).await?;
    let hub = Hub::open(&world, &names)?;
    let schools = names
        .iter()
        .map(|name| School::new(name.clone(), &world))
        .collect();
    let mut run = Run {
        ledger_id: ledger.ledger_id().await?,
        scheduler: Scheduler::new(&world),
        world: Arc::clone(&world),
        hub,
        ledger,
        accounts,
        schools,
        events: BTreeMap::new(),
        numbered: 0,
        lives: 0,
        deaths: 0,
        fair_since: None,
        tidied: 0,
        rested: None,
    };
    die_at_moments(&world);
    plant(plan.bug);
    run.begin(plan.fair);
    run.go_on().await?;
    let mut tally =
        check::check(&world, &run.hub, &run.ledger, &run.schools, &run.accounts).await?;
    tally.deaths = run.deaths;
    let lasted = world.now();
    let rested = run.rested;
    drop(run);
    let (wrong, story) = world.take_wrong();
    Ok(Outcome {
        wrong,
        story,
        tally,
        lasted,
        rested,
    })
}

impl Run {
    async fn go_on(&mut self) -> anyhow::Result<()> {
        while self.rested.is_none() && !self.world.is_wrong() {
            let next_event = self.events.keys().next().map(|(at, _)| *at);
            let next = [next_event, self.hub.next_at(), self.scheduler.next_at()];
            let Some(at) = next.into_iter().flatten().min() else {
                break;
            };
            self.world.set_now(at);
            if self.hub.next_at().is_some_and(|at| at <= self.world.now()) {
                for callback in self.hub.work()? {
                    self.soon(40, Event::Told(callback));
                }
            }
            let now = self.world.now();
            if let Some(first) = self.events.first_entry()
                && first.key().0 <= now
            {
                let event = first.remove();
                self.happens(event).await?;
                continue;
            }
            let left = self.hub.departures_count();
            let died = self.scheduler.turn().await;
            if self.hub.departures_count() > left && self.fair_since.is_none() {
                self.somebody_errs();
            }
            if let Some(died) = died {
                self.deaths += 1;
                self.soon(60, Event::Start(died));
            }
            if self.world.count_step() > TURNS_MAX {
                self.world
                    .wrong("it goes in circles, or comes to no rest".to_owned());
            }
        }
        Ok(())
    }

    /// While a call is in doubt, somebody may already decide about it, and wrongly.
    fn somebody_errs(&mut self) {
        let departures = self.hub.departures();
        let user = departures.last().map(|of| of.user.clone());
        let whose = self
            .accounts
            .iter()
            .position(|account| Some(&account.name) == user.as_ref());
        if let Some(whose) = whose.filter(|_| self.world.below(4) == 0) {
            self.soon(20, Event::Mistake(whose));
        }
    }

    async fn happens(&mut self, event: Event) -> anyhow::Result<()> {
        let world = Arc::clone(&self.world);
        let of_the_ledger = matches!(
            event,
            Event::Told(_)
                | Event::Person(_)
                | Event::Mistake(_)
                | Event::Forge
                | Event::Look
                | Event::Tidy
        );
        if of_the_ledger && self.ledger.accounts().await?.len() < self.accounts.len() {
            world.tell(|| "not every account was ever served: nobody asks anything".to_owned());
            if matches!(event, Event::Tidy) {
                self.at(world.now() + Duration::from_secs(60), Event::Tidy);
            }
            return Ok(());
        }
        match event {
            Event::Drop(school) => {
                let inbox = &self.accounts[school].inbox;
                self.schools[school].drop_one(inbox, &world)?;
                world.poke_all(INTAKE);
            }
            Event::Pay => self.pay(),
            Event::Told(callback) => self.told(callback).await?,
            Event::Person(school) => self.person(school).acts().await?,
            Event::Kill(process) => {
                if self.scheduler.is_alive(process) {
                    world.tell(|| format!("service {process} is killed"));
                    self.scheduler.kill(process);
                    self.deaths += 1;
                    self.soon(90, Event::Start(process));
                }
            }
            Event::Sleep(process) => {
                let time = world.between(Duration::from_secs(2), Duration::from_secs(400));
                world.tell(|| format!("service {process} stands still for {} s", time.as_secs()));
                self.scheduler.put_to_sleep(process, world.now() + time);
            }
            Event::Start(process) => self.start(process),
            Event::Refusals => {
                let pupil = |school: &School| (world.below(2) == 0).then(|| school.pupil(&world));
                let refused: Vec<String> = self.schools.iter().filter_map(pupil).collect();
                let errored: Vec<String> = self.schools.iter().filter_map(pupil).collect();
                world.tell(|| format!("the hub refuses {refused:?}, and fails at {errored:?}"));
                self.hub.refuses(&refused, &errored);
            }
            Event::Forge => self.forge().await?,
            Event::Mistake(school) => self.person(school).is_mistaken().await?,
            Event::Look => {
                for account in &self.accounts {
                    check::while_it_runs(&world, &self.hub, &self.ledger, &account.name).await?;
                }
            }
            Event::Clock => {
                let by = i64::try_from(world.below(7200)).unwrap_or(0) - 3600;
                world.tell(|| format!("the database's clock is set by {by} s"));
                world.set_db_ahead(chrono::TimeDelta::seconds(by));
            }
            Event::FairWeather => {
                world.tell(|| "fair weather from now on".to_owned());
                world.set_faults(Faults::default());
                self.hub.refuses(&[], &[]);
                self.fair_since = Some(world.now());
                for process in 0..PROCESSES {
                    self.scheduler.put_to_sleep(process, Duration::ZERO);
                }
                self.at(world.now() + Duration::from_secs(160), Event::Tidy);
            }
            Event::Tidy => {
                for school in 0..self.schools.len() {
                    self.person(school).tidies().await?;
                }
                self.tidied += 1;
                self.at(world.now() + Duration::from_secs(100), Event::Rested);
            }
            Event::Rested => self.rests().await?,
        }
        Ok(())
    }

    fn start(&mut self, process: usize) {
        if self.scheduler.is_alive(process) {
            return;
        }
        self.lives += 1;
        self.world.tell(|| format!("service {process} starts"));
        let process_of = Process {
            number: process,
            life: self.lives,
            world: Arc::clone(&self.world),
            hub: Arc::clone(&self.hub),
            ledger: self.ledger.clone(),
            ledger_id: self.ledger_id.clone(),
            accounts: self.accounts.clone(),
        };
        self.scheduler.start(process, Box::pin(process_of.run()));
    }

    fn person(&self, school: usize) -> Person {
        Person {
            world: Arc::clone(&self.world),
            hub: Arc::clone(&self.hub),
            ledger: self.ledger.clone(),
            account: self.accounts[school].name.clone(),
        }
    }

    fn pay(&mut self) {
        let payable: Vec<u64> = self
            .hub
            .payments()
            .iter()
            .filter(|payment| payment.status == "APPROVED")
            .map(|payment| payment.id)
            .collect();
        let Some(id) = payable.get(self.any(payable.len().max(1))).copied() else {
            return;
        };
        self.world.tell(|| format!("a parent pays payment {id}"));
        if let Some(callback) = self.hub.pay(id) {
            self.soon(40, Event::Told(callback));
        }
    }

    /// A callback comes in; or does not, or twice.
    async fn told(&mut self, callback: Callback) -> anyhow::Result<()> {
        match self.world.below(10) {
            0 => return Ok(()),
            1 => {
                self.soon(300, Event::Told(callback.clone()));
            }
            _ => {}
        }
        self.world
            .tell(|| format!("the hub tells {}: {}", callback.user, callback.kind));
        self.comes_in(callback).await
    }

    async fn comes_in(&self, callback: Callback) -> anyhow::Result<()> {
        let new = NewCallback {
            account: callback.user,
            kind: callback.kind.to_owned(),
            sha256: Sha256::digest(&callback.body).into(),
            body: callback.body.into_bytes(),
        };
        self.ledger.callbacks_store(&[new]).await?;
        self.world.poke_all(DESK);
        Ok(())
    }

    /// Somebody says that a bill is paid which is not.
    async fn forge(&mut self) -> anyhow::Result<()> {
        let payments = self.hub.payments();
        let unpaid: Vec<_> = payments
            .iter()
            .filter(|of| of.status == "APPROVED")
            .collect();
        let Some(of) = unpaid.get(self.any(unpaid.len().max(1))) else {
            return Ok(());
        };
        let psid = of.psid.clone().unwrap_or_default();
        self.world
            .tell(|| format!("somebody says that {psid} is paid"));
        let body = serde_json::json!({
            "id": of.id, "identifier": of.identifier, "psid": psid, "status": "PROCESSED",
        });
        let callback = Callback {
            user: of.user.clone(),
            kind: "processed",
            body: body.to_string(),
        };
        self.comes_in(callback).await
    }

    /// Whether nothing moves any more; else people tidy up once more, for a few hours.
    async fn rests(&mut self) -> anyhow::Result<()> {
        let fair_for = self
            .fair_since
            .map(|since| self.world.now() - since)
            .unwrap_or_default();
        let rows = self.ledger.rows(&RowFilter::default()).await?;
        let moving = rows.iter().filter(|row| {
            matches!(
                row.state,
                RowState::Ready | RowState::Sending | RowState::Accepted | RowState::Unknown
            )
        });
        let moving: Vec<_> = moving.map(|row| (row.row_number, row.state)).collect();
        let left: usize = self
            .accounts
            .iter()
            .filter_map(|account| ingestd::folder::sheets_in(&account.inbox).ok())
            .map(|sheets| sheets.len())
            .sum();
        if moving.is_empty() && left == 0 && self.tidied >= 2 {
            self.rested = Some(fair_for);
            self.world.tell(|| "everything has come to rest".to_owned());
        } else if fair_for > FAIR_MAX {
            let first = moving
                .first()
                .copied()
                .context("a file is left in the inbox");
            self.world.wrong(format!(
                "after {} s of fair weather {} rows move still ({first:?}), {left} sheets lie in inboxes",
                fair_for.as_secs(), moving.len()
            ));
        } else {
            // More patience each time: what is looked for is looked for ever more rarely.
            let wait = Duration::from_secs(60) * 2u32.pow(self.tidied.min(6));
            self.at(self.world.now() + wait, Event::Tidy);
        }
        Ok(())
    }
}
