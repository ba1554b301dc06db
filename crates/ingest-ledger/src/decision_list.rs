//! Decisions for people: what was asked and what came of it, the newest first.

use crate::db::{Val, args, sql};
use crate::decisions::{Decision, SELECT, read};
use crate::errors::Result;
use crate::open::Ledger;

/// Which decisions.
#[derive(Debug, Clone, Default)]
pub struct DecisionFilter {
    /// Only this account's.
    pub account: Option<String>,
    /// Only those about this file.
    pub file_id: Option<i64>,
    /// Only older than this one (paging; the newest come first).
    pub before: Option<i64>,
    /// At most so many; 0: all.
    pub limit: u32,
}

impl Ledger {
    /// The decisions that fit, the newest first.
    pub async fn decisions(&self, filter: &DecisionFilter) -> Result<Vec<Decision>> {
        let mut text = SELECT.to_owned();
        let mut values: Vec<Val> = Vec::new();
        let mut clauses: Vec<String> = Vec::new();
        if let Some(file_id) = filter.file_id {
            values.extend(args![file_id]);
            text.push_str(" join decision_files f on f.decision_id = d.decision_id");
            clauses.push(format!("f.file_id = ${}", values.len()));
        }
        if let Some(account) = &filter.account {
            values.extend(args![account]);
            clauses.push(format!("d.account = ${}", values.len()));
        }
        if let Some(before) = filter.before {
            values.extend(args![before]);
            clauses.push(format!("d.decision_id < ${}", values.len()));
        }
        if !clauses.is_empty() {
            text.push_str(" where ");
            text.push_str(&clauses.join(" and "));
        }
        text.push_str(" order by d.decision_id desc");
        if filter.limit > 0 {
            text.push_str(&format!(" limit {}", filter.limit));
        }
        let lines = self.db.read().await?.rows(sql(text), values).await?;
        lines.iter().map(read).collect()
    }
}
