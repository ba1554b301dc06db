//! A site as a customer has it: a configuration, an inbox, a database, a hub.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::ground::Ground;
use crate::hub::{Hub, PASSWORD, USERNAME};

/// As many calls as the configuration allows.
pub(crate) const NO_LIMIT: u32 = 60_000;

/// A folder with `ingestd.toml`; gone when it is dropped.
pub(crate) struct Site {
    folder: tempfile::TempDir,
    pub(crate) inbox: PathBuf,
}

impl Site {
    /// One account; `more` are further lines of its section.
    pub(crate) fn new(
        ground: &Ground,
        account: &str,
        url: &str,
        hub: &Hub,
        per_minute: u32,
        more: &str,
    ) -> Result<Site> {
        let folder = tempfile::tempdir_in(ground.scratch.path())?;
        let inbox = folder.path().join("inbox");
        fs::create_dir(&inbox)?;
        let password = folder.path().join("password");
        fs::write(&password, PASSWORD)?;
        private(&password)?;
        let text = format!(
            "[database]\nurl = \"{url}\"\n\n[accounts.{account}]\ngateway = \"asaanbill\"\nbase_url = \"{}\"\n\
             username = \"{USERNAME}\"\npassword_file = \"password\"\ninbox = \"inbox\"\n\
             requests_per_minute = {per_minute}\nreads_per_minute = {NO_LIMIT}\n{more}",
            hub.base_url
        );
        let config = folder.path().join("ingestd.toml");
        fs::write(&config, text)?;
        private(&config)?;
        Ok(Site { folder, inbox })
    }

    /// `ingestd` in the site's folder.
    pub(crate) fn ingestd(&self, ground: &Ground) -> Command {
        let mut command = ground.ingestd();
        command.current_dir(self.folder.path());
        command
    }

    /// A place for files of a run.
    pub(crate) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }
}

#[cfg(unix)]
fn private(path: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(())
}

#[cfg(not(unix))]
fn private(_: &std::path::Path) -> Result<()> {
    Ok(())
}
