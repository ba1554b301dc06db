//! Runners that are ours, each a process of its own, so that its memory is its own. The last line of
//! each is a JSON object of what it measured.

mod calamine_loops;
mod crude;
mod csv_loop;
mod history;
mod pages;
mod settling;
mod storing;

use anyhow::{Result, bail};

pub(crate) use storing::copy_file;

/// Runs one part.
pub(crate) fn run(name: &str, arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let said = match (name, words.as_slice()) {
        ("hub", []) => return crate::hub::serve(),
        ("bare-csv", [path]) => csv_loop::bare(path.as_ref())?,
        ("calamine-streaming", [path]) => calamine_loops::streaming(path.as_ref())?,
        ("calamine-range", [path]) => calamine_loops::range(path.as_ref())?,
        ("store-rows", [url, rows]) => runtime()?.block_on(storing::store(url, rows.parse()?))?,
        ("settle", [url, rows]) => runtime()?.block_on(settling::settle(url, rows.parse()?))?,
        ("update-unnest", [url, rows]) => {
            runtime()?.block_on(settling::update_from_unnest(url, rows.parse()?))?
        }
        ("fill-history", [url, seed, rows, per_sheet]) => {
            let (seed, rows, per_sheet) = (seed.parse()?, rows.parse()?, per_sheet.parse()?);
            runtime()?.block_on(history::fill(url, seed, rows, per_sheet))?
        }
        ("crude-append", words) => {
            runtime()?.block_on(crude::whole_job(words, crude::Stored::Appended))?
        }
        ("crude-update", words) => {
            runtime()?.block_on(crude::whole_job(words, crude::Stored::Updated))?
        }
        ("pages", [url, asked]) => runtime()?.block_on(pages::pages(url, asked.parse()?))?,
        _ => bail!("there is no part {name} of {} arguments", words.len()),
    };
    println!("{said}");
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Runtime::new()?)
}

/// Microseconds since then.
fn micros(since: std::time::Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
