//! What is measured: each measure is one file, one or more contests, with the goals of the project.

mod check;
mod first_call;
mod growth;
mod histories;
mod limited;
mod settling;
mod storing;
mod whole_job;

use anyhow::Result;

use crate::contest::Outcome;
use crate::ground::Ground;

/// A measure by its name.
pub(crate) struct Measure {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Ground) -> Result<Vec<Outcome>>,
}

/// In the order in which they run.
pub(crate) fn all() -> Vec<Measure> {
    let measure = |name, run| Measure { name, run };
    vec![
        measure("check-csv", check::csv),
        measure("check-xlsx", check::xlsx),
        measure("store-rows", storing::run),
        measure("outcomes", settling::run),
        measure("whole-job", whole_job::run),
        measure("limited-hub", limited::run),
        measure("first-call", first_call::run),
        measure("growth", growth::whole_jobs),
        measure("pages", growth::pages),
        measure("verify", growth::verify),
    ]
}
