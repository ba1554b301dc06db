//! The gateway seam of the service: who may name the hub's crates. Three more
//! gateways come one day, and each must be one file and not a hunt.

use std::path::Path;

use super::sources::Source;

const SERVICE: &str = "crates/ingestd/src/";

/// The hub's words and its client.
const HUB: &[&str] = &["asaanbill_core", "asaanbill_http"];

/// Files that may name the hub's crates or the sandbox all the same, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "crates/ingestd/src/cli/logging.rs",
        "the filter names the log target of every crate of ours",
    ),
    ("crates/ingestd/src/commands/hub.rs", HUB_BY_HAND),
    ("crates/ingestd/src/commands/hub/said.rs", HUB_BY_HAND),
    ("crates/ingestd/src/commands/hub/tests.rs", HUB_BY_HAND),
    (
        "crates/ingestd/src/commands/pause/restored.rs",
        "a restored database is held against the hub's own list, read by hand",
    ),
];

/// `login`, `payments …` and `bulk …` are this hub's calls, made by a person.
const HUB_BY_HAND: &str = "the hub's calls by hand";

/// The simulated hub.
const SANDBOX: &str = "asaanbill_sandbox";

/// The commands that start it.
const SANDBOX_COMMANDS: &[&str] = &["sandbox", "demo"];

/// Every file of the service that names what is not its business.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources {
        let Some(inside) = source.path.strip_prefix(SERVICE) else {
            continue;
        };
        if EXCEPTIONS.iter().any(|(file, _)| *file == source.path) {
            continue;
        }
        if !is_gateway(inside) {
            for name in HUB {
                if let Some(line) = source.names(name) {
                    complaints.push(format!(
                        "{}:{line} names {name}; only the gateway (ingestd/src/gateway*) does",
                        source.path,
                    ));
                }
            }
        }
        if !is_sandbox_command(inside)
            && let Some(line) = source.names(SANDBOX)
        {
            complaints.push(format!(
                "{}:{line} names {SANDBOX}; only the commands sandbox and demo do",
                source.path,
            ));
        }
    }
    complaints
}

/// Exceptions whose file is gone.
pub(super) fn stale_exceptions(root: &Path) -> Vec<String> {
    EXCEPTIONS
        .iter()
        .filter(|(file, _)| !root.join(file).is_file())
        .map(|(file, _)| {
            format!("{file} is an exception in xtask/src/tidy/seam.rs, but does not exist")
        })
        .collect()
}

fn is_gateway(inside: &str) -> bool {
    inside == "gateway.rs" || inside.starts_with("gateway/")
}

/// `commands/demo.rs`, or anything in a folder of that name.
fn is_sandbox_command(inside: &str) -> bool {
    inside
        .split('/')
        .any(|part| SANDBOX_COMMANDS.contains(&part.strip_suffix(".rs").unwrap_or(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn the_gateway_may_name_the_hub_and_nobody_else() {
        let text = "//! Here.\n\nuse asaanbill_http::Client;\n";
        for inside in ["gateway.rs", "gateway/asaanbill.rs"] {
            assert_eq!(
                breaches(&[source(&format!("{SERVICE}{inside}"), text)]),
                Vec::<String>::new()
            );
        }
        assert_eq!(
            breaches(&[source("crates/ingestd/src/sender.rs", text)]),
            [
                "crates/ingestd/src/sender.rs:3 names asaanbill_http; only the gateway (ingestd/src/gateway*) does"
            ],
        );
    }

    #[test]
    fn the_sandbox_is_started_by_two_commands() {
        let text = "//! Here.\nlet hub = asaanbill_sandbox::Sandbox::new();\n";
        for inside in ["commands/sandbox.rs", "commands/demo.rs", "demo/sheets.rs"] {
            assert_eq!(
                breaches(&[source(&format!("{SERVICE}{inside}"), text)]),
                Vec::<String>::new()
            );
        }
        assert_eq!(
            breaches(&[source("crates/ingestd/src/commands/run.rs", text)]).len(),
            1
        );
    }

    #[test]
    fn other_crates_are_not_the_seam() {
        let text = "use asaanbill_core::Payment;\n";
        assert_eq!(
            breaches(&[source("crates/asaanbill-http/src/lib.rs", text)]),
            Vec::<String>::new()
        );
    }
}
