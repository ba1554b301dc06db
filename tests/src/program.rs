//! Finds the program that the tests run.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// The built `ingestd`, ready for arguments; nothing of the tester's own
/// environment tells it about a database.
///
/// It is what `INGESTD_BIN` names, else the one in the folder where cargo put
/// this test: `target/debug/ingestd` beside `target/debug/deps/`.
///
/// # Panics
/// If there is none. `cargo xtask test` builds it before the tests.
pub fn ingestd() -> Command {
    let path = path();
    assert!(
        path.is_file(),
        "{} is not there: run cargo build --bin ingestd, or cargo xtask test, which does",
        path.display(),
    );
    let mut command = Command::new(path);
    command
        .env_remove("INGESTD_DATABASE_URL")
        .env_remove("TEST_DATABASE_URL")
        // What makes it fail at a named place is obeyed only with this.
        .env("INGESTD_UNDER_TEST", "yes");
    command
}

fn path() -> PathBuf {
    if let Some(path) = env::var_os("INGESTD_BIN") {
        return path.into();
    }
    let test = env::current_exe().expect("a running test knows its own file");
    let built = test
        .ancestors()
        .find(|folder| folder.ends_with("deps"))
        .and_then(|deps| deps.parent())
        .expect("cargo builds tests into a folder named deps");
    built.join(format!("ingestd{}", env::consts::EXE_SUFFIX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_lies_beside_the_folder_of_the_tests() {
        let test = env::current_exe().expect("a running test knows its own file");
        let path = path();
        assert!(
            env::var_os("INGESTD_BIN").is_some()
                || test.starts_with(path.parent().expect("a file has a folder"))
        );
    }
}
