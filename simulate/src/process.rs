//! One `ingestd run` in the simulation: the real steps of the road under the real lease, with loops
//! around them that rest in simulated time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use ingest_ledger::{Ledger, LedgerError};
use ingestd::account::Served;
use ingestd::clock::Clock;
use ingestd::config::Account;
use ingestd::contained::Reader;
use ingestd::folder::Inbox;
use ingestd::road::{Step, Stops};
use ingestd::world::World as Around;
use ingestd::{intake, moments, reports, road, service};

use crate::hub::Hub;
use crate::line::Line;
use crate::world::{DESK, INTAKE, World};

/// Longer than the program's, so that a simulated hour costs fewer renewals; what a lease means does
/// not depend on it.
const LEASE_TTL: Duration = Duration::from_secs(40);
const LEASE_RENEWED_EVERY: Duration = Duration::from_secs(15);
const LEASE_ASKED_EVERY: Duration = Duration::from_secs(20);
const SERVED_AGAIN_AFTER: Duration = Duration::from_secs(2);
const REST_MAX: Duration = Duration::from_secs(60);

/// What a process is made of.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) number: usize,
    /// How often it was started: a new life holds leases under a new name.
    pub(crate) life: u32,
    pub(crate) world: Arc<World>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) ledger: Ledger,
    pub(crate) ledger_id: String,
    pub(crate) accounts: Vec<Arc<Account>>,
}

/// The clocks of the simulation.
struct SimulatedClock(Arc<World>);

impl Clock for SimulatedClock {
    fn now(&self) -> Instant {
        self.0.instant()
    }

    fn awake(&self) -> Duration {
        self.0.now()
    }

    fn utc(&self) -> DateTime<Utc> {
        self.0.utc()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(time).boxed()
    }
}

impl Process {
    fn around(&self, holder: &str) -> Around {
        Around {
            clock: Arc::new(SimulatedClock(Arc::clone(&self.world))),
            line: Some(Arc::new(Line {
                world: Arc::clone(&self.world),
                hub: Arc::clone(&self.hub),
                ledger: self.ledger.clone(),
                holder: holder.to_owned(),
            })),
            reader: Reader::ThisProcess,
        }
    }

    /// Serves every account whenever its lease is to be had.
    pub(crate) async fn run(self) {
        for account in &self.accounts {
            loop {
                match service::prepare(account, &self.ledger, &self.ledger_id).await {
                    Ok(()) => break,
                    Err(failure) => self.world.tell(|| format!("can't begin: {failure}")),
                }
                self.world.sleep(SERVED_AGAIN_AFTER).await;
            }
            let (process, account) = (self.clone(), Arc::clone(account));
            self.world.bear(
                self.number,
                Box::pin(async move { process.serve(account).await }),
            );
        }
    }

    async fn serve(self, account: Arc<Account>) {
        let holder = format!("process {} life {}", self.number, self.life);
        loop {
            let (ledger, id) = (&self.ledger, &self.ledger_id);
            match Served::take(&account, ledger, id, &holder, &self.around(&holder)).await {
                Ok(Some(served)) => {
                    self.world.takes_over(&account.name, &holder);
                    self.world.tell(|| format!("serves {}", account.name));
                    let served = Arc::new(served);
                    if let Err(error) = served.new_process_new_try().await {
                        self.world.tell(|| format!("the database: {error}"));
                    }
                    self.walk(&served).await;
                    self.world
                        .tell(|| format!("serves {} no longer", account.name));
                    let _ = ledger.lease_release(&served.lease).await;
                }
                Ok(None) => {
                    self.world.sleep(LEASE_ASKED_EVERY).await;
                    continue;
                }
                Err(failure) => self.world.tell(|| format!("can't serve: {failure}")),
            }
            self.world.sleep(SERVED_AGAIN_AFTER).await;
        }
    }

    async fn walk(&self, served: &Arc<Served>) {
        for task in [Loop::Intake, Loop::Reports, Loop::Lease] {
            let (process, served) = (self.clone(), Arc::clone(served));
            self.world.bear(
                self.number,
                Box::pin(async move { process.go_round(&served, task).await }),
            );
        }
        self.go_round(served, Loop::Desk).await;
        served.stop();
    }

    async fn go_round(&self, served: &Arc<Served>, which: Loop) {
        let mut inbox = Inbox::new(&served.account.inbox, served.account.quiet_for);
        let (mut mending, mut news) = (served.mending(), served.news());
        while !served.stopping() {
            let pokes = which
                .poked()
                .map(|by| ((self.number, by), self.world.pokes((self.number, by))));
            let step = match which {
                Loop::Desk => road::desk_step(served, Stops::All).await,
                Loop::Intake => intake::pass(served, &mut inbox, Vec::new())
                    .await
                    .map(|pass| match pass.again {
                        true => Step::Idle(Some(Duration::from_secs(1))),
                        false => Step::Idle(Some(pass.rest)),
                    }),
                Loop::Reports => reports::step(served).await,
                Loop::Lease => self.keep_lease(served, &mut mending).await,
            };
            if which != Loop::Desk && news.has_changed().unwrap_or(true) {
                news.mark_unchanged();
                self.world.poke(self.number, DESK);
            }
            let at_most = match step {
                Ok(Step::Did) => continue,
                Ok(Step::Idle(due)) => due.unwrap_or(REST_MAX).min(REST_MAX),
                Err(LedgerError::Fenced(_)) => {
                    self.world.tell(|| format!("{which:?}: fenced"));
                    break;
                }
                Err(error) if error.is_transient() => Duration::from_secs(1),
                Err(error) => {
                    self.world.wrong(format!("{which:?} can't go on: {error}"));
                    break;
                }
            };
            match pokes {
                Some((of, since)) => self.world.rest(of, since, at_most).await,
                None => self.world.sleep(at_most).await,
            }
        }
        served.stop();
        self.world.poke(self.number, DESK);
    }

    async fn keep_lease(
        &self,
        served: &Served,
        mending: &mut ingestd::account::Mending,
    ) -> Result<Step, LedgerError> {
        if !self.ledger.lease_renew(&served.lease, LEASE_TTL).await? {
            return Err(LedgerError::Fenced(served.account.name.clone()));
        }
        served.mend_step(mending).await?;
        Ok(Step::Idle(Some(LEASE_RENEWED_EVERY)))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loop {
    Desk,
    Intake,
    Reports,
    Lease,
}

impl Loop {
    /// What tells it that there is something to do before its rest is over.
    fn poked(self) -> Option<usize> {
        match self {
            Loop::Desk => Some(DESK),
            Loop::Intake => Some(INTAKE),
            Loop::Reports | Loop::Lease => None,
        }
    }
}

/// Lets processes die at the named moments of the road, by chance.
pub(crate) fn die_at_moments(world: &Arc<World>) {
    let world = Arc::clone(world);
    moments::on_this_thread(Some(Box::new(move |moment| {
        if world.running().is_some() && world.happens(world.faults().death_at_moment) {
            world.dies(&format!("at the moment {}", moment.name()));
        }
    })));
}
