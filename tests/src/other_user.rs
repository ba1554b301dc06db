//! The program run by somebody who is not the superuser: what nobody may read, root reads all the
//! same, so a test that runs as root has to step down for it.

use std::path::Path;

use crate::running::Ran;
use crate::world::World;

/// `nobody`, on every system that matters here.
#[cfg(unix)]
const NOBODY: u32 = 65_534;

impl World {
    /// Runs a command as somebody who is bound by the permissions of files: as this user, unless
    /// that is the superuser; else as `nobody`, to whom the world's folder is given.
    ///
    /// # Panics
    /// If the folder can't be given away.
    pub async fn command_of_a_plain_user(&self, arguments: &[&str]) -> Ran {
        #[cfg(unix)]
        if is_superuser(self.folder()) {
            give_away(self.folder());
            if let Some(file) = self.database_url().strip_prefix("sqlite:") {
                give_away(Path::new(file).parent().unwrap_or(Path::new(file)));
            }
            return self.command_of(arguments, NOBODY).await;
        }
        self.command(arguments).await
    }
}

/// Whether this process may read what nobody may.
#[cfg(unix)]
fn is_superuser(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let file = folder.join(".may-nobody-read-this");
    std::fs::write(&file, "x").expect("a temporary folder can be written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000))
        .expect("a file's permissions can be set");
    let read = std::fs::read(&file).is_ok();
    std::fs::remove_file(&file).expect("a file can be removed");
    read
}

/// Gives a folder and all that is in it to `nobody`. Links are not followed.
#[cfg(unix)]
fn give_away(folder: &Path) {
    std::os::unix::fs::lchown(folder, Some(NOBODY), Some(NOBODY))
        .expect("the superuser can give a folder away");
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.map(|entry| entry.expect("a folder can be read")) {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            give_away(&path);
        } else {
            std::os::unix::fs::lchown(&path, Some(NOBODY), Some(NOBODY))
                .expect("the superuser can give a file away");
        }
    }
}
