//! `init`: a commented configuration, and the folders it names.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::terminal::Terminal;
use crate::config::{Config, DEFAULT_TOML, PasswordSource};
use crate::exit::{Exit, Failure};
use crate::folder;

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// The configuration.
    pub config: PathBuf,
    /// Empty files for passwords, readable by their owner alone.
    pub passwords: Vec<PathBuf>,
    /// The inboxes.
    pub inboxes: Vec<PathBuf>,
}

/// Writes the configuration and makes its folders. Nothing that exists is written over.
///
/// # Errors
/// Exit 2: there is a configuration already, or the folder can't be written.
pub fn init(dir: &Path) -> Result<Made, Failure> {
    let unwritten = |path: &Path, error: &std::io::Error| {
        Failure::usage(format!("{} can't be written: {error}", path.display()))
    };
    std::fs::create_dir_all(dir).map_err(|error| unwritten(dir, &error))?;
    let path = dir.join("ingestd.toml");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Failure::usage(format!(
                "{} exists already: it was left as it is",
                path.display()
            ))
            .help("name another folder, or move it away first"),
            _ => unwritten(&path, &error),
        })?;
    file.write_all(DEFAULT_TOML.as_bytes())
        .map_err(|error| unwritten(&path, &error))?;

    let config = Config::load(&path)?;
    let mut made = Made {
        config: path,
        passwords: Vec::new(),
        inboxes: Vec::new(),
    };
    for account in config.accounts.values() {
        folder::make_folders(&account.inbox).map_err(|error| unwritten(&account.inbox, &error))?;
        made.inboxes.push(account.inbox.clone());
        if let PasswordSource::File(file) = &account.password {
            match empty_secret(file) {
                Ok(()) => made.passwords.push(file.clone()),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(unwritten(file, &error)),
            }
        }
    }
    Ok(made)
}

/// An empty file that its owner alone can read.
fn empty_secret(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

pub(super) fn command(terminal: &Terminal, dir: &Path) -> Result<Exit, Failure> {
    let made = init(dir)?;
    let mut lines = vec![format!(
        "{} is written. What is left to do:",
        made.config.display()
    )];
    lines.push("  1. in it, give base_url and username of your account at the hub".to_owned());
    for password in &made.passwords {
        lines.push(format!(
            "  2. write the hub's password into {} (nothing else)",
            password.display()
        ));
    }
    let named = match dir {
        dir if dir == Path::new(".") => String::new(),
        _ => format!(" --config {}", made.config.display()),
    };
    lines.push(format!("  3. `ingestd doctor{named}` says whether everything works; `ingestd run{named}` starts the service"));
    for inbox in &made.inboxes {
        lines.push(format!("  4. drop a fee sheet into {}", inbox.display()));
    }
    terminal.say(&lines.join("\n"))?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_fresh_folder_gets_a_configuration_that_loads_and_its_folders() {
        let dir = tempfile::tempdir().unwrap();
        let made = init(&dir.path().join("new")).unwrap();
        assert!(
            made.inboxes
                .iter()
                .all(|inbox| inbox.join("results").is_dir())
        );
        assert_eq!(made.passwords.len(), 1);
        assert_eq!(Config::load(&made.config).unwrap().accounts.len(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&made.passwords[0])
                    .unwrap()
                    .permissions()
                    .mode()
                    & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn nothing_that_exists_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ingestd.toml"), "# mine\n").unwrap();
        let failure = init(dir.path()).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.sentence.contains("exists already"), "{failure}");
        assert_eq!(
            std::fs::read_to_string(dir.path().join("ingestd.toml")).unwrap(),
            "# mine\n"
        );
    }
}
