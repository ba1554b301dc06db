//! Whose turn it is. Exactly one task runs at any moment, and it gives its turn away only where it
//! waits for simulated time: so a seed decides the order of everything.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::world::{Death, Parked, TaskFuture, World};

/// The tasks of all processes.
pub(crate) struct Scheduler {
    world: Arc<World>,
    tasks: Vec<Task>,
    /// Until when each process is put to sleep as a whole.
    asleep: [Duration; crate::world::PROCESSES],
}

struct Task {
    process: usize,
    future: TaskFuture,
    parked: Parked,
}

/// What a turn came to.
enum Turn {
    Parked(Parked),
    Ended,
    Died,
    /// It panicked of itself, in these words.
    Broke(String),
}

impl Scheduler {
    pub(crate) fn new(world: &Arc<World>) -> Scheduler {
        Scheduler {
            world: Arc::clone(world),
            tasks: Vec::new(),
            asleep: Default::default(),
        }
    }

    /// A process begins with this task.
    pub(crate) fn start(&mut self, process: usize, future: TaskFuture) {
        self.asleep[process] = Duration::ZERO;
        self.goes_on_with(process, future);
    }

    /// A process has this task, too, whose turn may come at once.
    fn goes_on_with(&mut self, process: usize, future: TaskFuture) {
        let parked = Parked {
            at: self.world.now(),
            pokes: None,
        };
        self.tasks.push(Task {
            process,
            future,
            parked,
        });
    }

    /// A process is gone, with all it was about to do.
    pub(crate) fn kill(&mut self, process: usize) {
        self.tasks.retain(|task| task.process != process);
    }

    /// A process stands still until then, whatever it is doing.
    pub(crate) fn put_to_sleep(&mut self, process: usize, until: Duration) {
        self.asleep[process] = until;
    }

    pub(crate) fn is_alive(&self, process: usize) -> bool {
        self.tasks.iter().any(|task| task.process == process)
    }

    /// When the next task wants its turn.
    pub(crate) fn next_at(&self) -> Option<Duration> {
        self.tasks.iter().map(|task| self.wants(task)).min()
    }

    fn wants(&self, task: &Task) -> Duration {
        let poked = task
            .parked
            .pokes
            .is_some_and(|(of, since)| self.world.pokes(of) > since);
        let at = if poked {
            Duration::ZERO
        } else {
            task.parked.at
        };
        at.max(self.asleep[task.process]).max(self.world.now())
    }

    /// Gives one of the tasks that want it now their turn. Answers the process that died of it.
    pub(crate) async fn turn(&mut self) -> Option<usize> {
        let now = self.world.now();
        let due: Vec<usize> = (0..self.tasks.len())
            .filter(|at| self.wants(&self.tasks[*at]) <= now)
            .collect();
        let place = usize::try_from(self.world.below(due.len() as u64)).unwrap_or(0);
        let at = *due.get(place)?;
        let process = self.tasks[at].process;
        self.world.set_running(Some(process));
        let turn = self.run(at).await;
        self.world.set_running(None);
        for (process, future) in self.world.take_born() {
            self.goes_on_with(process, future);
        }
        match turn {
            Turn::Parked(parked) => self.tasks[at].parked = parked,
            Turn::Ended => drop(self.tasks.remove(at)),
            Turn::Died => {
                self.kill(process);
                return Some(process);
            }
            Turn::Broke(words) => {
                self.world.wrong(format!("a service panicked: {words}"));
                self.kill(process);
                return Some(process);
            }
        }
        None
    }

    async fn run(&mut self, at: usize) -> Turn {
        let (world, task) = (Arc::clone(&self.world), &mut self.tasks[at]);
        poll_fn(|cx| {
            world.take_parked();
            let polled = catch_unwind(AssertUnwindSafe(|| task.future.as_mut().poll(cx)));
            match polled {
                Err(payload) if payload.is::<Death>() => Poll::Ready(Turn::Died),
                Err(payload) => Poll::Ready(Turn::Broke(words_of(&*payload))),
                Ok(Poll::Ready(())) => Poll::Ready(Turn::Ended),
                // Not parked: the database or a thread that reads a file is at work for it.
                Ok(Poll::Pending) => match world.take_parked() {
                    Some(parked) => Poll::Ready(Turn::Parked(parked)),
                    None => Poll::Pending,
                },
            }
        })
        .await
    }
}

fn words_of(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without words".to_owned())
}
