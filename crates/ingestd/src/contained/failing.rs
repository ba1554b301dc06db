//! Children that die, hang, lie, or eat memory on purpose. In debug builds, which the tests run,
//! `INGESTD_READER_FAILS=NAME=how,NAME=how` makes the children that read the files of these names do
//! so; it is obeyed only where `INGESTD_UNDER_TEST` is set too. In release builds nothing is left of
//! this.

#[cfg(not(debug_assertions))]
pub(super) use honest::{faithful_or_not, patience, variables};
#[cfg(debug_assertions)]
pub(super) use on_purpose::{faithful_or_not, patience, variables};

/// Which file's reader fails, and how.
#[cfg(debug_assertions)]
pub(crate) const READER_FAILS: &str = "INGESTD_READER_FAILS";

#[cfg(not(debug_assertions))]
mod honest {
    use std::fs::File;
    use std::time::Duration;

    pub(crate) fn patience(_: &str) -> Option<Duration> {
        None
    }

    pub(crate) fn variables() -> [(&'static str, &'static str); 0] {
        []
    }

    pub(crate) fn faithful_or_not(out: File, _: &str) -> File {
        out
    }
}

#[cfg(debug_assertions)]
mod on_purpose {
    use std::ffi::OsString;
    use std::fs::File;
    use std::hint::black_box;
    use std::io::{self, Write};
    use std::net::UdpSocket;
    use std::process::Command;
    use std::thread;
    use std::time::Duration;

    use super::READER_FAILS;
    use crate::moments::UNDER_TEST;

    /// How long a child that never ends is waited for.
    const PATIENCE: Duration = Duration::from_secs(1);
    /// A frame of lines, by its first byte.
    const LINES: u8 = 5;

    /// How long the child that reads this file is waited for, if not as long as any other.
    pub(crate) fn patience(file_name: &str) -> Option<Duration> {
        let how = asked_of(file_name)?;
        ["hang", "spin"].contains(&how.as_str()).then_some(PATIENCE)
    }

    /// What the child is told of it: it has nothing else of our surroundings.
    pub(crate) fn variables() -> Vec<(&'static str, OsString)> {
        [UNDER_TEST, READER_FAILS]
            .into_iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)))
            .collect()
    }

    /// The way out of the child, which does what the test asked for.
    pub(crate) fn faithful_or_not(out: File, file_name: &str) -> Out {
        let how = match asked_of(file_name) {
            Some(how) => how,
            None => return Out::Faithful(out),
        };
        match how.as_str() {
            "abort" => std::process::abort(),
            "exit" => std::process::exit(0),
            "panic" => panic!("a test's"),
            "hang" | "hang on" => loop {
                thread::park();
            },
            "spin" => loop {
                black_box(0);
            },
            "memory" => {
                let mut eaten: Vec<Vec<u8>> = Vec::new();
                loop {
                    eaten.push(black_box(vec![1; 1 << 20]));
                }
            }
            "deep" => {
                black_box(deep(1));
                Out::Faithful(out)
            }
            "walls" => {
                outside();
                Out::Faithful(out)
            }
            "miscount" => Out::WithoutLines(out),
            "cut" => Out::Cut(out),
            "noise" => Out::Noise(out),
            _ => Out::Faithful(out),
        }
    }

    fn asked_of(file_name: &str) -> Option<String> {
        std::env::var_os(UNDER_TEST)?;
        let asked = std::env::var(READER_FAILS).ok()?;
        let mut asked = asked.split(',').filter_map(|one| one.rsplit_once('='));
        let (_, how) = asked.find(|(name, _)| *name == file_name)?;
        Some(how.to_owned())
    }

    /// Deeper than any stack.
    fn deep(level: u64) -> u64 {
        let here = black_box([level; 64]);
        if black_box(true) {
            deep(level + 1) + here[63]
        } else {
            level
        }
    }

    /// Dies if there is a way out: the network, another program, or a file that can be written.
    fn outside() {
        let file = std::env::temp_dir().join(format!("ingestd-{}", std::process::id()));
        let ways = [
            UdpSocket::bind("127.0.0.1:0").is_ok(),
            Command::new("/bin/true").spawn().is_ok(),
            std::fs::write(&file, "out").is_ok(),
            std::env::vars_os().any(|(name, _)| {
                let name = name.to_string_lossy();
                !name.starts_with("INGESTD_") && !name.starts_with("MIMALLOC_")
            }),
        ];
        if ways.contains(&true) {
            eprintln!("out by the network, a program, a file, a variable: {ways:?}");
            std::process::abort();
        }
    }

    /// The way out.
    pub(crate) enum Out {
        Faithful(File),
        /// Frames of lines are lost on it.
        WithoutLines(File),
        /// It ends in the middle of the second frame, and says that all went well.
        Cut(File),
        /// It carries anything.
        Noise(File),
    }

    impl Write for Out {
        // A frame comes in one piece.
        fn write(&mut self, frame: &[u8]) -> io::Result<usize> {
            match self {
                Out::WithoutLines(_) if frame.first() == Some(&LINES) => {}
                Out::Faithful(out) | Out::WithoutLines(out) => out.write_all(frame)?,
                Out::Cut(out) => {
                    out.write_all(frame)?;
                    out.write_all(&frame[..frame.len() / 2])?;
                    std::process::exit(0);
                }
                Out::Noise(out) => out.write_all(&[0xa5; 1 << 16])?,
            }
            Ok(frame.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
