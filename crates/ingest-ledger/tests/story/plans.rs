//! How each database would find the lines of the statements that run all day, by its own EXPLAIN: by
//! an index, from where a page begins. An index that is lost, or that a change of a statement leaves
//! unused, fails here, and not after a year at a customer's.
//!
//! The statements are the ledger's own, watched as they run. The tables are small, so PostgreSQL is told
//! to go through a whole table only where it has no other way, and to plan for any values.

use crate::both;
use crate::raw::Raw;
use crate::world::*;
use ingest_ledger::*;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use std::sync::{Arc, Mutex};

/// Tables that grow with every sheet.
const LARGE: [&str; 7] = [
    "rows",
    "row_state",
    "chunks",
    "changes",
    "attempts",
    "files",
    "archives",
];

/// Remembers the statements that run.
#[derive(Debug, Default)]
struct Watching(Mutex<Vec<String>>);

impl Surroundings for Watching {
    fn statement(&self, sql: &str) {
        self.0.lock().unwrap().push(sql.to_owned());
    }
}

/// What was watched, with the plan of each statement.
struct Plans(Vec<(String, Vec<String>)>);

impl Plans {
    /// Of the statements that `act` runs and whose text holds `part`.
    async fn of(world: &World, part: &str, act: impl AsyncFnOnce(Ledger)) -> Plans {
        let watching = Arc::new(Watching::default());
        act(world.ledger.surrounded_by(watching.clone())).await;
        let ran = std::mem::take(&mut *watching.0.lock().unwrap());
        let mut plans = Vec::new();
        for sql in ran.into_iter().filter(|sql| sql.contains(part)) {
            let plan = match &world.raw {
                Raw::Postgres(_) => plan_of_postgres(&world.url, &sql).await,
                Raw::Sqlite(pool) => plan_of_sqlite(pool, &sql).await,
            };
            plans.push((sql, plan));
        }
        assert!(!plans.is_empty(), "no statement held {part}");
        Plans(plans)
    }

    /// Every large table is entered by an index and a condition on it.
    fn go_through_no_table(&self) -> &Plans {
        for (sql, plan) in &self.0 {
            let whole: Vec<&String> = (0..plan.len())
                .filter(|at| goes_through_a_large_table(&plan[*at..]))
                .map(|at| &plan[at])
                .collect();
            assert!(whole.is_empty(), "{whole:#?}\nof {sql}\nin {plan:#?}");
        }
        self
    }

    /// One of them, at least, uses this index.
    fn use_index(&self, postgres: &str, sqlite: &str) -> &Plans {
        let lines: Vec<&String> = self.0.iter().flat_map(|(_, plan)| plan).collect();
        let used = |line: &&&String| line.contains(postgres) || line.contains(sqlite);
        assert!(
            lines.iter().any(|line| used(&line)),
            "{postgres} or {sqlite} in {lines:#?}"
        );
        self
    }
}

/// The first of these lines of a plan. PostgreSQL says below an index what is looked for in it, SQLite
/// says SEARCH instead of SCAN.
fn goes_through_a_large_table(plan: &[String]) -> bool {
    let line = plan[0].trim_start_matches([' ', '-', '>']);
    if let Some(scanned) = line.strip_prefix("SCAN ") {
        // Values of a list that was handed in, and what was put aside, are no tables of ours.
        let name = scanned.split_whitespace().next().unwrap_or_default();
        return !["x", "p", "v", "CONSTANT", "json_each"].contains(&name)
            && !name.starts_with('(')
            && !scanned.contains("VIRTUAL TABLE")
            && !scanned.ends_with("VALUES CLAUSE");
    }
    let Some((how, on)) = line.split_once(" on ") else {
        return false;
    };
    let table = on.split_whitespace().next().unwrap_or_default();
    if !LARGE.contains(&table) || !how.contains("Scan") {
        return false;
    }
    let below = plan[1..]
        .iter()
        .take_while(|line| !line.trim_start().starts_with("->"));
    let found = below.filter(|line| line.contains("Index Cond:") || line.contains("Recheck Cond:"));
    found.count() == 0
}

async fn plan_of_postgres(url: &str, sql: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let values = vec!["null"; values_in(sql)].join(", ");
    let execute = match values.as_str() {
        "" => "watched".to_owned(),
        values => format!("watched ({values})"),
    };
    let prepare = format!(
        "set enable_seqscan = off; set plan_cache_mode = force_generic_plan; prepare watched as {sql}"
    );
    sqlx::raw_sql(AssertSqlSafe(prepare))
        .execute(&mut connection)
        .await
        .unwrap();
    let explain = AssertSqlSafe(format!("explain execute {execute}"));
    let lines = sqlx::raw_sql(explain)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    lines.iter().map(|line| line.get(0)).collect()
}

async fn plan_of_sqlite(pool: &sqlx::SqlitePool, sql: &str) -> Vec<String> {
    let mut explain = sqlx::query(AssertSqlSafe(format!("explain query plan {sql}")));
    for _ in 0..values_in(sql) {
        explain = explain.bind(None::<i64>);
    }
    let lines = explain.fetch_all(pool).await.unwrap();
    lines.iter().map(|line| line.get("detail")).collect()
}

/// The largest N of its `$N`.
fn values_in(sql: &str) -> usize {
    let numbers = sql.split('$').skip(1).map(|rest| {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..digits].parse().unwrap_or(0)
    });
    numbers.max().unwrap_or(0)
}

/// Two months of a school: the first is billed, the second is stored.
async fn two_months(world: &World) -> (i64, i64) {
    two_months_of(world, 200).await
}

async fn two_months_of(world: &World, n: u32) -> (i64, i64) {
    let first = world.drop_in("march.csv", &pupils(n)).await;
    world.send_and_bill_all(1).await;
    let mut next = pupils(n);
    next.iter_mut()
        .for_each(|bill| bill.due = day("2035-04-10"));
    let second = world.store("april.csv", &next, Vec::new()).await;
    (first, second)
}

both!(the_next_chunk_is_found_by_its_state, next_chunk);
async fn next_chunk(world: World) {
    let (_, second) = two_months(&world).await;
    world.plan(second).await;
    let next = async |ledger: Ledger| drop(ledger.next_ready(ACCOUNT).await.unwrap().unwrap());
    Plans::of(&world, "c.state = 'ready'", next)
        .await
        .go_through_no_table()
        .use_index("chunks_by_state", "chunks_by_state");
}

both!(
    an_intent_and_its_answer_touch_only_their_chunk,
    intent_and_answer
);
async fn intent_and_answer(world: World) {
    let (_, second) = two_months(&world).await;
    world.plan(second).await;
    let attempt = world.next_attempt().await;
    let settle = async |ledger: Ledger| ledger.settle(&attempt, &taken("2")).await.unwrap();
    Plans::of(&world, "chunk", settle)
        .await
        .go_through_no_table();
    let psids = async |ledger: Ledger| {
        let facts = ledger.open_rows(attempt.chunk_id).await.unwrap();
        let fact = |row: &OpenRow| Learned {
            row_no: row.row_no,
            state: RowState::Billed,
            psid: Some(format!("2002{}", row.identifier)),
            payment_id: None,
            message: None,
        };
        let reading = Reading {
            facts: facts.iter().map(fact).collect(),
            processed: true,
            ..Reading::default()
        };
        assert_eq!(
            ledger
                .learn(attempt.chunk_id, &reading)
                .await
                .unwrap()
                .changed,
            200
        );
    };
    Plans::of(&world, "row_state", psids)
        .await
        .go_through_no_table();
}

both!(a_page_of_a_list_begins_where_the_last_one_ended, lists);
async fn lists(world: World) {
    let (first, second) = two_months(&world).await;
    let files = async |ledger: Ledger| {
        let filter = FileFilter {
            account: Some(ACCOUNT.into()),
            before: Some(second),
            limit: 50,
            ..FileFilter::default()
        };
        assert_eq!(ledger.files(&filter).await.unwrap().len(), 1);
    };
    // An account's files may be found by the account, and sorted: there is one line a sheet.
    Plans::of(&world, "from files", files)
        .await
        .go_through_no_table();
    let chunks = async |ledger: Ledger| {
        let filter = ChunkFilter {
            file_id: Some(first),
            after: Some(0),
            limit: 50,
            ..ChunkFilter::default()
        };
        assert_eq!(ledger.chunks(&filter).await.unwrap().len(), 1);
    };
    Plans::of(&world, "from chunks", chunks)
        .await
        .go_through_no_table();
}

both!(
    a_page_of_bill_results_begins_where_the_last_one_ended,
    results
);
async fn results(world: World) {
    let (first, _) = two_months(&world).await;
    let rows = async |ledger: Ledger| {
        let filter = RowFilter {
            account: Some(ACCOUNT.into()),
            file_id: Some(first),
            after: Some(row_id(first, 100)),
            limit: 50,
            ..RowFilter::default()
        };
        assert_eq!(ledger.rows(&filter).await.unwrap().len(), 50);
        assert_eq!(
            ledger
                .result_rows(first, ResultRows::All, 100, 50)
                .await
                .unwrap()
                .len(),
            50
        );
    };
    Plans::of(&world, "from bill_results", rows)
        .await
        .go_through_no_table()
        .use_index(
            "rows_pkey",
            "SEARCH r USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
        )
        .use_index(
            "row_state_pkey",
            "SEARCH s USING INTEGER PRIMARY KEY (rowid=?)",
        )
        .use_index(
            "chunks_on_the_grid",
            "chunks_on_the_grid (file_id=? AND chunk_no=?)",
        );
}

#[tokio::test]
async fn a_page_of_results_looks_up_each_state_even_where_merging_seems_cheaper() {
    let world = World::postgres().await;
    let (first, _) = two_months(&world).await;
    let mut connection = PgConnection::connect(&world.url).await.unwrap();
    // As it is with millions of rows: looking up seems to cost more than anything.
    let dear = "set enable_nestloop = off; set enable_seqscan = off";
    sqlx::raw_sql(dear).execute(&mut connection).await.unwrap();
    let page = format!(
        "explain select * from bill_results where row_id > {} order by row_id limit 50",
        row_id(first, 100)
    );
    let lines = sqlx::raw_sql(AssertSqlSafe(page))
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let plan: Vec<String> = lines.iter().map(|line| line.get(0)).collect();
    let of_states = plan.iter().position(|line| line.contains("on row_state s"));
    let of_states = &plan[of_states.unwrap()..];
    assert!(!goes_through_a_large_table(of_states), "{plan:#?}");
    crate::raw::postgres_dropped(&world.url).await;
}

both!(the_feed_is_read_on_from_its_number, feed);
async fn feed(world: World) {
    two_months(&world).await;
    let changes = async |ledger: Ledger| {
        assert_eq!(ledger.changes_after(100, 50).await.unwrap().len(), 50);
    };
    Plans::of(&world, "changes", changes)
        .await
        .go_through_no_table()
        .use_index("changes_pkey", "SEARCH c USING INTEGER PRIMARY KEY")
        .use_index("rows_pkey", "SEARCH r USING INTEGER PRIMARY KEY");
}

both!(what_a_payer_was_billed_before_is_found_by_the_payer, payers);
async fn payers(world: World) {
    // Of an account with short sheets alone PostgreSQL may as well look through those.
    let (_, second) = two_months_of(&world, 3_000).await;
    if let Raw::Postgres(_) = world.raw {
        world.raw.run("analyze rows").await;
    }
    let of_one = async |ledger: Ledger| {
        let filter = RowFilter {
            account: Some(ACCOUNT.into()),
            identifier: Some("P00007".into()),
            ..RowFilter::default()
        };
        assert_eq!(ledger.rows(&filter).await.unwrap().len(), 2);
    };
    Plans::of(&world, "payer_key", of_one)
        .await
        .go_through_no_table();
    let planned = async |ledger: Ledger| {
        let rules = PlanRules {
            rows_per_request: 5_000,
            ..rules()
        };
        let planned = ledger
            .plan_file(&world.lease, second, &rules)
            .await
            .unwrap();
        assert_eq!(planned.ready, 3_000);
    };
    Plans::of(&world, "payer_key", planned)
        .await
        .go_through_no_table()
        .use_index("rows_by_payer", "rows_by_payer (payer_key=?)");
}

both!(a_psid_is_found_by_its_index, psid);
async fn psid(world: World) {
    two_months(&world).await;
    let of_psid = async |ledger: Ledger| {
        let filter = RowFilter {
            psid: Some("1001P00007".into()),
            ..RowFilter::default()
        };
        assert_eq!(ledger.rows(&filter).await.unwrap().len(), 1);
    };
    Plans::of(&world, "psid = $1", of_psid)
        .await
        .go_through_no_table()
        .use_index("row_state_by_psid", "row_state_by_psid (psid=?)");
}

both!(rows_to_archive_are_found_in_their_range, to_archive);
async fn to_archive(world: World) {
    let (first, _) = two_months(&world).await;
    let chunk = world.ledger.chunks(&ChunkFilter::default()).await.unwrap();
    world.say_of_all(chunk[0].chunk_id, RowState::Paid).await;
    world.raw.run("delete from unstamped_rows").await;
    world.ledger.file_put_away(first).await.unwrap();
    let seen = world.file(first).await;
    world.ledger.report_written(&seen).await.unwrap();
    let written = async |ledger: Ledger| {
        let before = Before {
            day: day("2036-01-01"),
            began: "2036-01-01T00:00:00Z".parse().unwrap(),
        };
        assert_eq!(ledger.archivable(ACCOUNT, before).await.unwrap().len(), 1);
        let archive_id = ledger.archive_begin(first, before, "/tapes").await;
        let archive_id = archive_id.unwrap().unwrap();
        let lines = ledger.archive_lines(archive_id, 1).await.unwrap();
        assert_eq!(lines.unwrap().len(), 200);
    };
    Plans::of(&world, "unstamped_rows", written)
        .await
        .go_through_no_table();
}
