//! Opening a file of the inbox. Between the scan that found a plain file and the moment it is
//! opened, anybody who may write to the folder can put a link or a pipe in its place: a link may
//! lead out of the inbox, and opening a pipe waits for ever for its other end.

use std::fs::File;
use std::io;
use std::path::Path;

use super::Look;

/// Opens a plain file, and says how it looked when it was opened. A link is not followed, a pipe not
/// waited for.
///
/// # Errors
/// It can't be opened, or is no plain file (`InvalidInput`).
pub fn open_plain(path: &Path) -> io::Result<(File, Look)> {
    let file = open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(not_plain());
    }
    Ok((file, Look::of(&metadata)))
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};
    use rustix::io::Errno;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match open(path, flags, Mode::empty()) {
        Ok(opened) => Ok(File::from(opened)),
        // A link, or a socket or a device without its other end.
        Err(Errno::LOOP | Errno::MLINK | Errno::NXIO | Errno::NODEV) => Err(not_plain()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    if std::fs::symlink_metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(not_plain())
    }
}

fn not_plain() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not a plain file")
}

/// Whether a file has room in it that nobody wrote to yet: whoever copies a large file often
/// makes it as long as it will be first. No program leaves such holes in a sheet it has finished.
/// False where the system can't say.
pub(super) fn has_holes(path: &Path) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::{SeekFrom, seek};
        let Ok((file, _)) = open_plain(path) else {
            return false;
        };
        let Ok(size) = file.metadata().map(|metadata| metadata.len()) else {
            return false;
        };
        seek(&file, SeekFrom::Hole(0)).is_ok_and(|hole| hole < size)
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    {
        let _ = path;
        false
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::io::Read;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn a_plain_file_is_opened_and_looked_at_under_every_one_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fees.csv");
        fs::write(&file, "whole").unwrap();
        let second = folder.path().join("the same.csv");
        fs::hard_link(&file, &second).unwrap();
        for path in [&file, &second] {
            let (mut opened, look) = open_plain(path).unwrap();
            let mut text = String::new();
            opened.read_to_string(&mut text).unwrap();
            assert_eq!(text, "whole");
            assert_eq!(look, Look::at(path).unwrap());
        }
    }

    #[test]
    fn links_pipes_sockets_devices_and_folders_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("plain.csv"), "x").unwrap();
        std::os::unix::fs::symlink(at("plain.csv"), at("link.csv")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("zeroes.csv")).unwrap();
        std::os::unix::fs::symlink(at("nowhere"), at("dangling.csv")).unwrap();
        fs::create_dir(at("folder.csv")).unwrap();
        let mode = Mode::from_raw_mode(0o600);
        mknodat(CWD, at("pipe.csv"), FileType::Fifo, mode, 0).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket.csv")).unwrap();
        let mut names = vec![
            "link.csv",
            "zeroes.csv",
            "dangling.csv",
            "folder.csv",
            "pipe.csv",
            "socket.csv",
        ];
        // The superuser alone may make a device, and not in every container.
        let zero = rustix::fs::makedev(1, 5);
        if mknodat(CWD, at("device.csv"), FileType::CharacterDevice, mode, zero).is_ok() {
            names.push("device.csv");
        }
        for name in names {
            let error = open_plain(&at(name)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{name}: {error}");
        }
        assert_eq!(
            open_plain(&at("absent.csv")).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }

    #[test]
    fn a_file_that_is_as_long_as_it_will_be_and_not_written_yet_has_holes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fees.csv");
        fs::write(&file, vec![b'x'; 300_000]).unwrap();
        assert!(!has_holes(&file));
        let half = fs::File::create(folder.path().join("half.csv")).unwrap();
        half.set_len(300_000).unwrap();
        let can_tell =
            rustix::fs::seek(&half, rustix::fs::SeekFrom::Hole(0)).is_ok_and(|at| at == 0);
        assert_eq!(has_holes(&folder.path().join("half.csv")), can_tell);
        fs::write(folder.path().join("empty.csv"), "").unwrap();
        assert!(!has_holes(&folder.path().join("empty.csv")));
        assert!(!has_holes(&folder.path().join("absent.csv")));
    }
}
