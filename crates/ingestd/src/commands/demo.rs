//! `demo`: the whole road on one machine, with a simulated hub.

use serde_json::json;

use super::files::counts;
use super::terminal::Terminal;
use crate::cli::{DemoArgs, Format};
use crate::exit::{Exit, Failure};
use crate::service::{self, DemoOptions};

const COLUMNS: &[&str] = &["file_id", "file_name", "state", "rows", "counts"];

pub(super) async fn command(terminal: &Terminal, args: DemoArgs) -> Result<Exit, Failure> {
    let end = service::demo(&DemoOptions {
        dir: args.dir,
        rows: args.rows,
        quiet: terminal.quiet(),
    })
    .await?;
    let mut paper = terminal.paper();
    match paper.format() {
        Format::Json => paper.json(&json!({
            "dir": end.dir.display().to_string(),
            "results": end.results.display().to_string(),
            "files": end.files,
        }))?,
        format => {
            let mut list = paper.list(COLUMNS)?;
            for file in &end.files {
                list.push(file, || {
                    let (id, rows) = (file.file_id.to_string(), file.rows.to_string());
                    vec![
                        id,
                        file.file_name.clone(),
                        file.state.to_string(),
                        rows,
                        counts(file),
                    ]
                })?;
            }
            list.finish()?;
            if format == Format::Table {
                let config = end.dir.join("ingestd.toml");
                paper.line(&format!(
                    "The result sheets are in {}",
                    end.results.display()
                ))?;
                paper.line(&format!(
                    "Look around: ingestd rows --config {}",
                    config.display()
                ))?;
            }
        }
    }
    paper.finish()?;
    Ok(end.exit)
}
