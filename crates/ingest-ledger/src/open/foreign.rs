//! Whose database is it? One that holds tables and was never a ledger is another program's, and is
//! left as it was found: nothing is migrated into it.

use crate::db::{Tx, args};
use crate::errors::{LedgerError, Result};
use sqlx::migrate::Migrator;

/// Where the migrations that ran are listed.
const MIGRATIONS: &str = "_sqlx_migrations";

/// Refuses a database that has tables and has not had the first of our migrations.
///
/// The tables are listed before the migrations: another process may be making the ledger this
/// moment, and what it commits between the two is then found in the second.
pub(super) async fn refuse_a_foreign_one(tx: &mut Tx, ours: &Migrator) -> Result<()> {
    let sql = tx.pick(
        // An extension's tables (PostGIS has one) are nobody's data.
        "select c.relname::text from pg_class c
         where c.relnamespace = (select n.oid from pg_namespace n where n.nspname = current_schema()) and c.relkind in ('r', 'p')
           and not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
         order by c.relname",
        "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name",
    );
    let mut tables = Vec::new();
    for line in tx.rows(sql, args![]).await? {
        tables.push(line.text(0)?);
    }
    if tables.is_empty() {
        return Ok(());
    }
    let listed = tables.iter().any(|table| table == MIGRATIONS);
    if listed {
        let first = ours.iter().map(|migration| migration.version).min();
        let mut ran = Vec::new();
        let sql = "select version from _sqlx_migrations";
        for line in tx.rows(sql, args![]).await? {
            ran.push(line.int(0)?);
        }
        let nothing_yet = ran.is_empty() && tables.len() == 1;
        if nothing_yet || ran.iter().any(|version| Some(*version) == first) {
            return Ok(());
        }
    }
    let named = tables.iter().find(|table| *table != MIGRATIONS);
    Err(LedgerError::Foreign(
        named.map_or(MIGRATIONS, String::as_str).to_owned(),
    ))
}
