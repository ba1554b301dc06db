//! How a command ends: the exit codes of the README, and the one sentence that goes with each.

use std::fmt;

/// The exit codes, the same for every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, and nothing is left for a person.
    Done = 0,
    /// Done, and rows are invalid, rejected, errored, held or unknown.
    Attention = 1,
    /// Wrong usage or configuration; a port in use is one.
    Usage = 2,
    /// A file can't be read.
    File = 3,
    /// The hub refused, or can't be reached.
    Hub = 4,
    /// The database.
    Database = 5,
    /// A defect of ours.
    Defect = 70,
}

/// Why a command could not do its work: an exit code, one sentence, and what to do about it.
#[derive(Debug)]
pub struct Failure {
    /// The code the process ends with.
    pub exit: Exit,
    /// One sentence: what is wrong.
    pub sentence: String,
    /// What to do, where the sentence does not say it already.
    pub help: Option<String>,
}

impl Failure {
    /// A failure without further advice.
    pub fn new(exit: Exit, sentence: impl Into<String>) -> Self {
        Failure {
            exit,
            sentence: sentence.into(),
            help: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Wrong usage or configuration (exit 2).
    pub fn usage(sentence: impl Into<String>) -> Self {
        Failure::new(Exit::Usage, sentence)
    }

    /// A file that can't be read (exit 3).
    pub fn file(sentence: impl Into<String>) -> Self {
        Failure::new(Exit::File, sentence)
    }

    /// The hub refused or can't be reached (exit 4).
    pub fn hub(sentence: impl Into<String>) -> Self {
        Failure::new(Exit::Hub, sentence)
    }

    /// A defect of ours (exit 70).
    pub fn defect(sentence: impl Into<String>) -> Self {
        Failure::new(Exit::Defect, sentence)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

impl From<ingest_ledger::LedgerError> for Failure {
    fn from(error: ingest_ledger::LedgerError) -> Self {
        use ingest_ledger::LedgerError;
        let exit = match &error {
            // It is the configuration that has to change, not the database.
            LedgerError::KnownAs { account, .. } => {
                return Failure::usage(format!("account {account}: {error}"));
            }
            LedgerError::OtherHub { account, .. } => {
                return Failure::usage(format!("account {account}: {error}")).help(format!(
                    "if it is another hub (a trial came before, say), give the account a name of its own in the configuration; if the hub only moved, or calls the user by another name: `ingestd resume {account} --moved`"
                ));
            }
            _ => Exit::Database,
        };
        let sentence = error.to_string();
        if sentence.starts_with("the database") {
            Failure::new(exit, sentence)
        } else {
            Failure::new(exit, format!("the database: {sentence}"))
        }
    }
}
