//! The child: it puts its walls up, takes one file apart, sends what is in it, and ends.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use super::{Request, failing, walls};
use crate::exit::{Exit, Failure};
use crate::gateway;

/// What begins a line that says what this system lacks.
pub(super) const LACKS: &str = "lacks: ";
/// A request is smaller than this.
const REQUEST_BYTES_MAX: u64 = 1 << 20;
/// The thread that listens does next to nothing.
const LISTENER_STACK: usize = 128 << 10;

/// Reads the file at `path` for the process that started this one: its request comes on standard
/// input, and its answer goes to standard output.
///
/// # Errors
/// There is no request, or nobody listens.
pub fn read_sheet(path: &Path) -> Result<Exit, Failure> {
    let not_asked = || {
        Failure::usage("`ingestd read-sheet` is how the program reads a sheet by itself")
            .help("`ingestd check FILE` reads and judges one")
    };
    let mut line = String::new();
    io::stdin()
        .lock()
        .take(REQUEST_BYTES_MAX)
        .read_line(&mut line)
        .map_err(|_| not_asked())?;
    let request: Request = serde_json::from_str(&line).map_err(|_| not_asked())?;
    for lacking in walls::raise(request.allowed) {
        eprintln!("{LACKS}{lacking}");
    }
    let nobody_listens = |_| Failure::new(Exit::Defect, "");
    let skip = Arc::new(AtomicU32::new(0));
    let told = Arc::clone(&skip);
    thread::Builder::new()
        .stack_size(LISTENER_STACK)
        .spawn(move || listen(&told))
        .map_err(nobody_listens)?;
    let mut options = request.options;
    options.fields = gateway::fields(request.gateway);
    // Not by way of `Stdout`, which looks for line ends.
    let out = io::stdout().as_fd().try_clone_to_owned();
    let mut out =
        failing::faithful_or_not(File::from(out.map_err(nobody_listens)?), &request.file_name);
    fee_sheet::send_lines(path, &request.file_name, &options, &skip, &mut out)
        .map_err(nobody_listens)?;
    Ok(Exit::Done)
}

/// Listens for how many sheets are no longer wanted. At the end of standard input nobody wants
/// anything any more: whoever asked is gone.
fn listen(skip: &AtomicU32) {
    let mut sheets = [0; 4];
    let mut from = io::stdin();
    while from.read_exact(&mut sheets).is_ok() {
        skip.store(u32::from_le_bytes(sheets), Ordering::Relaxed);
    }
    std::process::exit(i32::from(Exit::Done as u8));
}
