//! Commands as a person can type them where they are: a process that was started with `--config` says
//! so in every command that it prints, since without it they would mean another configuration.

use std::borrow::Cow;
use std::path::Path;
use std::sync::OnceLock;

use super::values::quoted;

/// What every printed command of this process adds.
static ADDED: OnceLock<String> = OnceLock::new();

/// How a printed command begins.
const BEGINS: &str = "`ingestd ";

/// Notes that the process was started with this configuration.
pub fn started_with(config: Option<&Path>) {
    let whole = config.and_then(|config| std::path::absolute(config).ok());
    // A path that can't be shown as it is can't be typed either.
    let word = whole.and_then(|path| quoted(path.to_str()?));
    if let Some(word) = word {
        // A second start in one process (a test) keeps the first one's.
        drop(ADDED.set(format!("--config {word} ")));
    }
}

/// A text with its commands as they are to be typed.
pub fn as_typed(text: &str) -> Cow<'_, str> {
    match ADDED.get() {
        Some(added) => with(text, added),
        None => Cow::Borrowed(text),
    }
}

/// Added where a command begins: a name that it ends with may hold anything.
fn with<'t>(text: &'t str, added: &str) -> Cow<'t, str> {
    let mut pieces = text.split(BEGINS);
    let mut typed = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        typed.push_str(BEGINS);
        let command = piece.split('`').next().unwrap_or_default();
        let names_its_own = command.contains("--config") || command.starts_with("init");
        if !names_its_own {
            typed.push_str(added);
        }
        typed.push_str(piece);
    }
    match typed.len() == text.len() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(typed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_in_a_text_names_the_configuration_once() {
        let typed = |text| with(text, "--config '/srv/a b.toml' ").into_owned();
        assert_eq!(
            typed("`ingestd approve 2 --sheet '`x`'` sends it, `ingestd cancel 2` never (`fees`)"),
            "`ingestd --config '/srv/a b.toml' approve 2 --sheet '`x`'` sends it, \
             `ingestd --config '/srv/a b.toml' cancel 2` never (`fees`)"
        );
        for text in [
            "no command",
            "`ingestd run --config x` starts it",
            "`ingestd init` writes one",
        ] {
            assert_eq!(typed(text), text);
        }
    }
}
