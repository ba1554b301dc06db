//! `sandbox`: the simulated hub on its own, to try things out against.

use asaanbill_sandbox::{Sandbox, SandboxConfig, SandboxError, User};
use serde_json::json;
use tokio::net::TcpListener;

use super::terminal::Terminal;
use crate::cli::{Format, SandboxArgs};
use crate::exit::{Exit, Failure};

/// Starts a simulated hub.
///
/// # Errors
/// Exit 2: the address is in use or not of this machine, or the journal can't be used.
pub async fn start(args: &SandboxArgs) -> Result<Sandbox, Failure> {
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                Failure::usage(format!("{} is in use by another program", args.listen)).help(
                    "--listen names another address; --listen 127.0.0.1:0 takes any free port",
                )
            }
            _ => Failure::usage(format!(
                "the sandbox can't listen on {}: {error}",
                args.listen
            )),
        })?;
    let config = SandboxConfig {
        users: vec![User::new(&args.username, &args.password)],
        journal: args.journal.clone(),
        callback_url: args.callback.clone(),
        ..SandboxConfig::default()
    };
    Sandbox::start(listener, config).map_err(|error| match error {
        SandboxError::Journal { .. } | SandboxError::JournalLine { .. } => {
            Failure::file(error.to_string())
        }
        _ => Failure::usage(error.to_string()),
    })
}

pub(super) async fn command(terminal: &Terminal, args: SandboxArgs) -> Result<Exit, Failure> {
    let sandbox = start(&args).await?;
    let (base_url, control) = (sandbox.base_url(), sandbox.control_url());
    let mut paper = terminal.paper();
    match paper.format() {
        Format::Json => paper.json(&json!({
            "base_url": base_url,
            "control_url": control,
            "username": args.username,
            "password": args.password,
        }))?,
        _ => {
            paper.line(&format!("base_url = \"{base_url}\""))?;
            paper.line(&format!("username = \"{}\"", args.username))?;
            paper.line(&format!("password: {}", args.password))?;
            paper.line(&format!("what it holds: curl {control}/state    pay a bill: curl {control}/pay -d '{{\"identifier\": \"…\"}}'"))?;
        }
    }
    paper.finish()?;
    terminal.note("ctrl-c stops it");
    asked_to_stop().await?;
    sandbox.stop().await;
    Ok(Exit::Done)
}

/// Waits for ctrl-c or the system's wish to end.
async fn asked_to_stop() -> Result<(), Failure> {
    let deaf =
        |error: std::io::Error| Failure::defect(format!("the program can't hear signals: {error}"));
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(deaf)?;
        tokio::select! {
            heard = tokio::signal::ctrl_c() => heard.map_err(deaf),
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(deaf)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn args(listen: &str) -> SandboxArgs {
        SandboxArgs {
            listen: listen.parse().unwrap(),
            journal: None,
            callback: None,
            username: "demo".to_owned(),
            password: "demo".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_port_in_use_is_a_question_of_usage() {
        let first = start(&args("127.0.0.1:0")).await.unwrap();
        let address = first.address().to_string();
        let failure = start(&args(&address)).await.err().unwrap();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.sentence.contains("is in use"), "{failure}");
        first.stop().await;
    }
}
