//! A small world: one folder with a configuration and inboxes, one database,
//! one simulated hub, and the built program.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use asaanbill_sandbox::{
    CallRecord, Endpoint, Fault, HubInProcess, PaymentView, Rule, Sandbox, SandboxConfig,
    SwitchesChange, User,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::postgres::{Database, Engine};
use crate::relay::{Relay, SECRET};
use crate::running::{Ran, Service};
use crate::views::Row;
use crate::waiting::wait_until;

/// The account of a world that has one.
pub(crate) const ACCOUNT: &str = "school";
/// Every user's password, until a test changes it.
const PASSWORD: &str = "secret";
/// The hub's journal, beside the configuration.
const JOURNAL: &str = "hub.journal";
/// Lines of a log that are shown when a scenario fails.
const LOG_LINES_SHOWN: usize = 60;

/// Everything a scenario stands on; gone when it is dropped, and explained if
/// the scenario failed.
pub struct World {
    database: Database,
    folder: TempDir,
    hub: Sandbox,
    relay: Option<Relay>,
    settings: RefCell<BTreeMap<String, BTreeMap<String, String>>>,
    transcript: RefCell<Vec<String>>,
    logs: RefCell<Vec<PathBuf>>,
}

impl World {
    /// A world of one account, `school`.
    ///
    /// # Panics
    /// If this machine has no temporary folder or no free port.
    pub fn new(database: Database) -> World {
        World::with_accounts(database, &[ACCOUNT])
    }

    /// A world of these accounts. Each is its own user at the hub, and its
    /// inbox is a folder of its name.
    ///
    /// # Panics
    /// As [`World::new`].
    pub fn with_accounts(database: Database, accounts: &[&str]) -> World {
        World::made(database, accounts, None)
    }

    /// A world of one account whose hub posts callbacks, by way of [`World::relay`].
    ///
    /// # Panics
    /// As [`World::new`].
    pub fn called_back(database: Database) -> World {
        let world = World::made(database, &[ACCOUNT], Some(Relay::start()));
        world.write(&format!("{ACCOUNT}.callback"), SECRET);
        world.set(
            "callback",
            &format!("{{ secret_file = \"{ACCOUNT}.callback\" }}"),
        );
        world
    }

    fn made(database: Database, accounts: &[&str], relay: Option<Relay>) -> World {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        listener
            .set_nonblocking(true)
            .expect("a listener can be used by many");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a runtime is there");
        let config = SandboxConfig {
            users: accounts
                .iter()
                .map(|name| User {
                    callback_url: relay.as_ref().map(|relay| relay.url_for(name)),
                    ..User::new(name, PASSWORD)
                })
                .collect(),
            journal: Some(folder.path().join(JOURNAL)),
            psid_delay: Duration::from_millis(100),
            ..SandboxConfig::default()
        };
        let hub = Sandbox::start(listener, config).expect("the sandbox starts");
        let world = World {
            database,
            folder,
            hub,
            relay,
            settings: RefCell::default(),
            transcript: RefCell::default(),
            logs: RefCell::default(),
        };
        for account in accounts {
            world.lay_out(account);
        }
        world.write_config();
        world
    }

    fn lay_out(&self, account: &str) {
        fs::create_dir_all(self.inbox_of(account)).expect("an inbox can be made");
        self.write(&format!("{account}.password"), PASSWORD);
        let settings = [
            ("gateway", "\"asaanbill\"".to_owned()),
            ("base_url", format!("{:?}", self.hub.base_url())),
            ("username", format!("{account:?}")),
            ("password_file", format!("\"{account}.password\"")),
            ("inbox", format!("\"inbox/{account}\"")),
            ("requests_per_minute", "6000".to_owned()),
            ("reads_per_minute", "6000".to_owned()),
            ("scan_every", "\"100ms\"".to_owned()),
            ("quiet_for", "\"0s\"".to_owned()),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value));
        self.settings
            .borrow_mut()
            .insert(account.to_owned(), settings.into());
    }

    // ---- where things are

    /// Which engine this world is on.
    pub fn engine(&self) -> Engine {
        self.database.engine()
    }

    /// The database's URL.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// The folder of the configuration.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The inbox of the one account.
    pub fn inbox(&self) -> PathBuf {
        self.inbox_of(ACCOUNT)
    }

    /// The inbox of an account.
    pub fn inbox_of(&self, account: &str) -> PathBuf {
        self.folder().join("inbox").join(account)
    }

    /// The simulated hub.
    pub fn hub(&self) -> &Sandbox {
        &self.hub
    }

    /// What stands between the hub's callbacks and the service.
    ///
    /// # Panics
    /// In a world whose hub posts none.
    pub fn relay(&self) -> &Relay {
        self.relay
            .as_ref()
            .expect("this world's hub posts callbacks")
    }

    // ---- setting it up

    /// Sets a key of the one account; the value is TOML.
    pub fn set(&self, key: &str, value: &str) {
        self.set_of(ACCOUNT, key, value);
    }

    /// Sets a key of an account; the value is TOML.
    pub fn set_of(&self, account: &str, key: &str, value: &str) {
        self.settings
            .borrow_mut()
            .entry(account.to_owned())
            .or_default()
            .insert(key.to_owned(), value.to_owned());
        self.write_config();
    }

    /// Writes a file into the folder of the configuration.
    ///
    /// # Panics
    /// If it can't.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder().join(name);
        fs::write(&path, text).expect("a temporary folder can be written");
        path
    }

    /// The configuration as it stands.
    pub fn config_text(&self) -> String {
        let mut text = format!(
            "[database]\nurl = {:?}\n\n[web]\nlisten = \"127.0.0.1:0\"\n",
            self.database_url()
        );
        for (account, settings) in self.settings.borrow().iter() {
            text.push_str(&format!("\n[accounts.{account}]\n"));
            for (key, value) in settings {
                text.push_str(&format!("{key} = {value}\n"));
            }
        }
        text
    }

    fn write_config(&self) {
        let text = self.config_text();
        self.write("ingestd.toml", &text);
    }

    /// Drops a sheet into the one account's inbox, whole at once.
    pub fn drop_sheet(&self, name: &str, bytes: &[u8]) {
        self.drop_sheet_for(ACCOUNT, name, bytes);
    }

    /// Drops a sheet into an account's inbox, whole at once.
    ///
    /// # Panics
    /// If the inbox can't be written.
    pub fn drop_sheet_for(&self, account: &str, name: &str, bytes: &[u8]) {
        let inbox = self.inbox_of(account);
        let hidden = inbox.join(format!(".dropping-{name}"));
        fs::write(&hidden, bytes).expect("an inbox can be written");
        fs::rename(&hidden, inbox.join(name)).expect("a file can be renamed in its folder");
    }

    /// Changes the hub's switches.
    ///
    /// # Panics
    /// If the wish makes no sense.
    pub fn switch(&self, change: SwitchesChange) {
        self.hub
            .switch(change)
            .expect("a switch of a test can be set");
    }

    /// The next `add-bulk` of the one account goes wrong like this.
    pub fn next_call(&self, fault: Fault) {
        self.next_call_of(ACCOUNT, fault);
    }

    /// The next `add-bulk` of an account goes wrong like this.
    pub fn next_call_of(&self, account: &str, fault: Fault) {
        self.add_fault(Rule::once(Endpoint::AddBulk, fault).for_user(account));
    }

    /// Adds a fault.
    ///
    /// # Panics
    /// If the rule makes no sense.
    pub fn add_fault(&self, rule: Rule) {
        self.hub
            .add_faults([rule])
            .expect("a fault of a test can be set");
    }

    // ---- running the program

    /// Runs a command where this world's configuration lies, and waits for its end.
    pub async fn command(&self, arguments: &[&str]) -> Ran {
        self.command_with(arguments, &[]).await
    }

    /// As [`World::command`], with further environment variables.
    pub async fn command_with(&self, arguments: &[&str], env: &[(&str, &str)]) -> Ran {
        let ran = Ran::run(self.folder(), arguments, env).await;
        self.noted(ran)
    }

    fn noted(&self, ran: Ran) -> Ran {
        self.transcript.borrow_mut().push(format!(
            "$ {}\n{}{}-> {}",
            ran.line,
            last_lines(&ran.stderr, LOG_LINES_SHOWN),
            last_lines(&ran.stdout, 20),
            ran.code
        ));
        ran
    }

    /// Runs a command as another user.
    #[cfg(unix)]
    pub(crate) async fn command_of(&self, arguments: &[&str], user: u32) -> Ran {
        let ran = Ran::run_by(user, self.folder(), arguments).await;
        self.noted(ran)
    }

    /// A command whose answer is JSON.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["--format", "json"];
        all.extend(arguments);
        self.command(&all).await.json()
    }

    /// `ingestd run --once`, with three minutes' patience.
    pub async fn run_once(&self) -> Ran {
        self.run_once_for("3m").await
    }

    /// `ingestd run --once` with this patience.
    pub async fn run_once_for(&self, patience: &str) -> Ran {
        self.command(&["run", "--once", "--patience", patience])
            .await
    }

    /// Starts `ingestd run`; it may not serve yet when this returns.
    pub fn start_service(&self) -> Service {
        self.start_service_with(&[])
    }

    /// As [`World::start_service`], with further environment variables.
    pub fn start_service_with(&self, env: &[(&str, &str)]) -> Service {
        let config = self.folder().join("ingestd.toml");
        let config = config.to_str().expect("a temporary folder's name is text");
        let log = self
            .folder()
            .join(format!("service-{}.log", self.logs.borrow().len() + 1));
        let service = Service::start(self.folder(), &["--config", config, "run"], env, &log);
        self.logs.borrow_mut().push(log);
        service
    }

    /// Where a service's web face listens, once it does.
    pub async fn web_of(&self, service: &Service) -> SocketAddr {
        let found = || {
            let log = service.log();
            let line = log
                .lines()
                .find(|line| line.contains("the web face listens"))?;
            let at = line.split_once("listen=")?.1;
            at.split_whitespace().next()?.parse().ok()
        };
        self.wait_until("the service listens", async || found().is_some())
            .await;
        found().expect("it listens")
    }

    /// Waits until something is true.
    ///
    /// # Panics
    /// With the sentence, if it never is; the program's log is shown then.
    pub async fn wait_until(&self, sentence: &str, holds: impl AsyncFnMut() -> bool) {
        wait_until(sentence, holds).await;
    }

    /// Waits until every row of the one account is in one of these states, and
    /// there is at least one.
    pub async fn wait_for_states(&self, states: &[&str]) {
        let sentence = format!("every row is in one of {states:?}");
        self.wait_until(&sentence, async || {
            let rows = self.results().await;
            !rows.is_empty() && rows.iter().all(|row| states.contains(&row.state.as_str()))
        })
        .await;
    }

    // ---- looking at it

    /// The rows of a file, by its name, in order.
    pub async fn rows_of(&self, file_name: &str) -> Vec<Row> {
        let mut rows = self.results().await;
        rows.retain(|row| row.file_name == file_name);
        rows
    }

    /// The rows of an account, in order.
    pub async fn rows_of_account(&self, account: &str) -> Vec<Row> {
        let mut rows = self.results().await;
        rows.retain(|row| row.account == account);
        rows
    }

    /// How many rows of an account are in each state.
    pub async fn states(&self, account: &str) -> BTreeMap<String, usize> {
        let mut states = BTreeMap::new();
        for row in self.rows_of_account(account).await {
            *states.entry(row.state).or_default() += 1;
        }
        states
    }

    /// Every payment ever at the hub.
    pub fn hub_payments(&self) -> Vec<PaymentView> {
        self.hub.payments(None, None)
    }

    /// Every payment ever of an account.
    pub fn hub_payments_of(&self, account: &str) -> Vec<PaymentView> {
        self.hub.payments(Some(account), None)
    }

    /// Every payment of an account that the hub's journal holds, as a hub would read it that is
    /// started anew.
    ///
    /// # Panics
    /// If the journal can't be read.
    pub fn journalled_payments_of(&self, account: &str) -> Vec<PaymentView> {
        let copy = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        fs::copy(self.folder().join(JOURNAL), copy.path()).expect("the journal can be copied");
        let config = SandboxConfig {
            users: vec![User::new(account, PASSWORD)],
            journal: Some(copy.path().to_owned()),
            ..SandboxConfig::default()
        };
        let hub = HubInProcess::open(config, 0).expect("a hub can begin on its journal");
        hub.payments(Some(account), None)
    }

    /// The `add-bulk` calls of an account, in order.
    pub fn bulk_calls_of(&self, account: &str) -> Vec<CallRecord> {
        let mut calls = self.hub.calls();
        calls.retain(|call| call.endpoint == Endpoint::AddBulk && call.user == account);
        calls
    }

    /// The `add-bulk` calls of the one account, in order.
    pub fn bulk_calls(&self) -> Vec<CallRecord> {
        self.bulk_calls_of(ACCOUNT)
    }

    /// What lies in a folder of the one account's inbox (`done`, `results`),
    /// our own hidden notes aside.
    pub fn names_in(&self, folder: &str) -> Vec<String> {
        self.names_in_of(ACCOUNT, folder)
    }

    /// As [`World::names_in`], of an account.
    pub fn names_in_of(&self, account: &str, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.inbox_of(account).join(folder)) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        names
    }

    /// The bytes of a file in `results/` of the one account.
    ///
    /// # Panics
    /// If it is not there.
    pub fn in_results(&self, name: &str) -> Vec<u8> {
        let path = self.inbox().join("results").join(name);
        fs::read(&path).unwrap_or_else(|why| {
            panic!(
                "{name} is not in results/ ({why}): {:?}",
                self.names_in("results")
            )
        })
    }

    /// The one file of this name, as `ingestd files` lists it.
    ///
    /// # Panics
    /// If there is not exactly one.
    pub async fn file(&self, file_name: &str) -> Value {
        let files = self.json(&["files"]).await;
        let files = files.as_array().expect("files are a list");
        let mut found = files.iter().filter(|file| file["file_name"] == file_name);
        match (found.next(), found.next()) {
            (Some(file), None) => file.clone(),
            _ => panic!("there is not exactly one file {file_name}: {files:#?}"),
        }
    }

    /// The number of the one file of this name.
    pub async fn file_id(&self, file_name: &str) -> String {
        self.file(file_name).await["file_id"].to_string()
    }

    /// Insists that every invariant holds.
    ///
    /// # Panics
    /// If one is broken.
    pub async fn verified(&self) {
        let verified = self.command(&["--format", "json", "verify"]).await;
        assert_eq!(
            verified.json(),
            serde_json::json!({"ok": true, "broken": []}),
            "on {:?}",
            self.engine()
        );
        verified.ended_with(0);
    }
}

/// A scenario that fails shows what was run and what the service logged.
impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let mut told = format!("---- what happened on {:?}\n", self.engine());
        for ran in self.transcript.borrow().iter() {
            told.push_str(ran);
            told.push('\n');
        }
        for log in self.logs.borrow().iter() {
            let text = fs::read_to_string(log).unwrap_or_default();
            told.push_str(&format!("---- {}\n", log.display()));
            told.push_str(&last_lines(&text, LOG_LINES_SHOWN));
        }
        eprintln!("{told}");
    }
}

fn last_lines(text: &str, lines_max: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(lines_max);
    lines[from..]
        .iter()
        .map(|line| format!("{line}\n"))
        .collect()
}
