//! Both engines go through the same migrations: one of the same name each.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};

const ENGINES: [&str; 2] = ["postgres", "sqlite"];

/// Every migration that one engine has and the other lacks.
pub(super) fn unmirrored(root: &Path) -> Result<Vec<String>> {
    let [postgres, sqlite] = ENGINES.map(|engine| {
        let folder = root.join("migrations").join(engine);
        names(&folder).with_context(|| format!("{} can't be read", folder.display()))
    });
    let [postgres, sqlite] = [postgres?, sqlite?];
    Ok(postgres
        .symmetric_difference(&sqlite)
        .map(|name| {
            let [has, lacks] = if postgres.contains(name) {
                ENGINES
            } else {
                [ENGINES[1], ENGINES[0]]
            };
            format!("migrations/{has}/{name} has no twin in migrations/{lacks}")
        })
        .collect())
}

fn names(folder: &Path) -> io::Result<BTreeSet<String>> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .filter(|name| name.as_ref().map_or(true, |name| !name.starts_with('.')))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_migration_of_one_engine_alone_is_named() {
        let root = tempfile::tempdir().unwrap();
        for engine in ENGINES {
            fs::create_dir_all(root.path().join("migrations").join(engine)).unwrap();
            fs::write(
                root.path()
                    .join("migrations")
                    .join(engine)
                    .join("1_begin.sql"),
                "",
            )
            .unwrap();
        }
        assert_eq!(unmirrored(root.path()).unwrap(), Vec::<String>::new());

        fs::write(root.path().join("migrations/sqlite/2_go_on.sql"), "").unwrap();
        assert_eq!(
            unmirrored(root.path()).unwrap(),
            ["migrations/sqlite/2_go_on.sql has no twin in migrations/postgres"],
        );
    }
}
