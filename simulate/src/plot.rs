//! What is going to happen in a run, decided by its seed before it begins: the accounts and their
//! rules, the weather, what people and the hub do and when.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use asaanbill_sandbox::Callback;
use ingestd::config::Config;

use crate::run::Run;
use crate::world::{Faults, PROCESSES, World};

/// What the simulator itself does next.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Drop(usize),
    Pay,
    Told(Callback),
    Person(usize),
    Kill(usize),
    Sleep(usize),
    Start(usize),
    Refusals,
    Forge,
    Look,
    Mistake(usize),
    Clock,
    FairWeather,
    Tidy,
    Rested,
}

/// Memory is quicker to sync than a disk, and nothing here outlives the run.
pub(crate) fn folder() -> std::io::Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()),
        false => tempfile::tempdir(),
    }
}

pub(crate) fn configuration(
    world: &World,
    names: &[String],
    folder: &Path,
) -> anyhow::Result<Config> {
    let mut text = String::new();
    std::fs::write(folder.join("callback"), "a long secret of the callbacks")?;
    for name in names {
        std::fs::create_dir_all(folder.join(name))?;
        let one_of = |words: &[&str]| {
            let at = usize::try_from(world.below(words.len() as u64)).unwrap_or(0);
            words[at].to_owned()
        };
        text.push_str(&format!(
            "[accounts.{name}]\ngateway = \"asaanbill\"\nbase_url = \"https://hub.example/payment-hub/integration\"\n\
             username = \"{name}\"\npassword_file = \"password\"\ninbox = \"{name}\"\n\
             requests_per_minute = {}\nreads_per_minute = {}\nrows_per_request = {}\n\
             changed_bills = \"{}\"\nresend_absent_after = \"{}\"\napprove = \"{}\"\nscan_every = \"60s\"\n\
             [accounts.{name}.callback]\nsecret_file = \"callback\"\n\n",
            1 + world.below(60),
            30 + world.below(600),
            1 + world.below(6),
            one_of(&["hold", "replace"]),
            one_of(&["never", "never", "1m", "3m"]),
            one_of(&["never", "never", "never", "always"]),
        ));
    }
    std::fs::write(folder.join("password"), "secret")?;
    let path = folder.join("ingestd.toml");
    std::fs::write(&path, &text)?;
    Config::parse(&text, &path, Some("sqlite::memory:")).map_err(|failure| anyhow!("{failure}"))
}

impl Run {
    /// Everything that is to happen, but what follows from it.
    pub(crate) fn begin(&mut self, fair: bool) {
        let world = Arc::clone(&self.world);
        let seconds = Duration::from_secs;
        let storm = world.between(seconds(30), seconds(240));
        if !fair {
            // One kind of weather by itself, or all at once.
            let strong = |most: u64| match world.below(3) {
                0 => 0,
                _ => u32::try_from(world.below(most)).unwrap_or(0),
            };
            world.set_faults(Faults {
                statement: strong(4),
                commit_lost: strong(60),
                commit_unheard: strong(20),
                death_at_statement: strong(3),
                death_at_moment: strong(30),
                line: strong(400),
                hub: strong(300),
                asleep: strong(60),
            });
            for _ in 0..world.below(5) {
                let (process, at) = (self.any(PROCESSES), world.between(seconds(1), storm));
                self.at(at, Event::Kill(process));
            }
            for _ in 0..world.below(3) {
                let (process, at) = (self.any(PROCESSES), world.between(seconds(1), storm));
                self.at(at, Event::Sleep(process));
            }
            if world.below(6) == 0 {
                self.at(world.between(seconds(1), storm), Event::Clock);
            }
            for _ in 0..world.below(5) {
                self.at(world.between(seconds(1), storm), Event::Refusals);
            }
        }
        for school in 0..self.schools.len() {
            for _ in 0..1 + world.below(3) {
                self.at(world.between(seconds(0), storm), Event::Drop(school));
            }
            for _ in 0..world.below(9) {
                self.at(world.between(seconds(5), storm), Event::Person(school));
            }
        }
        for _ in 0..world.below(3) {
            self.at(world.between(seconds(30), storm * 2), Event::Forge);
        }
        for _ in 0..world.below(6) {
            self.at(world.between(seconds(5), storm), Event::Look);
        }
        for _ in 0..world.below(8) {
            self.at(world.between(seconds(30), storm * 2), Event::Pay);
        }
        self.at(storm, Event::FairWeather);
        self.at(Duration::ZERO, Event::Start(0));
        let second = world.between(seconds(0), seconds(120));
        self.at(second, Event::Start(1));
    }

    pub(crate) fn any(&self, of: usize) -> usize {
        usize::try_from(self.world.below(of as u64)).unwrap_or(0)
    }

    pub(crate) fn at(&mut self, at: Duration, event: Event) {
        self.numbered += 1;
        self.events.insert((at, self.numbered), event);
    }

    pub(crate) fn soon(&mut self, within: u64, event: Event) {
        let after = self
            .world
            .between(Duration::ZERO, Duration::from_secs(within));
        self.at(self.world.now() + after, event);
    }
}
