//! The hub that whole jobs are sent to: the sandbox, in a process of its own, without a limit and
//! without a journal. It ends when its standard input does, however we end.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context, Result};
use asaanbill_sandbox::{Endpoint, Sandbox, SandboxConfig, User};
use serde_json::json;

use crate::ground::Ground;

/// Who signs in, and with what.
pub(crate) const USERNAME: &str = "bench";
pub(crate) const PASSWORD: &str = "bench";

/// A hub that runs until this is dropped.
pub(crate) struct Hub {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    pub(crate) base_url: String,
}

impl Hub {
    pub(crate) fn start(ground: &Ground) -> Result<Hub> {
        let mut command = ground.part("hub");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let to = child.stdin.take();
        let mut from = BufReader::new(child.stdout.take().context("the hub has an output")?);
        let mut base_url = String::new();
        from.read_line(&mut base_url)?;
        Ok(Hub {
            child,
            to,
            from,
            base_url: base_url.trim().to_owned(),
        })
    }

    /// When each `add-bulk` came, in milliseconds since 1970.
    pub(crate) fn calls_ms(&mut self) -> Result<Vec<i64>> {
        let to = self.to.as_mut().context("the hub listens")?;
        writeln!(to, "calls")?;
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.to.take());
        drop(self.child.wait());
    }
}

/// The other side: serves until standard input ends, and answers each line with the calls so far.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let hub = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let config = SandboxConfig {
            users: vec![User::new(USERNAME, PASSWORD)],
            ..SandboxConfig::default()
        };
        anyhow::Ok(Sandbox::start(listener, config)?)
    })?;
    println!("{}", hub.base_url());
    for _ in std::io::stdin().lock().lines() {
        let calls = hub.calls();
        let bulks = calls
            .iter()
            .filter(|call| call.endpoint == Endpoint::AddBulk);
        println!(
            "{}",
            json!(bulks.map(|call| call.at_ms).collect::<Vec<_>>())
        );
    }
    runtime.block_on(hub.stop());
    Ok(())
}
