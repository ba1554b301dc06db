-- The ledger's tables. Safe: they are all new.
--
-- Amounts are paisa. Times are UTC as text of one width
-- (2026-01-02T03:04:05.678Z), so that their order is the order of time; dates are yyyy-MM-dd. A row is named by one number everywhere: row_id =
-- file_id * 2^24 + row_no. Rows are inserted and never updated; a chunk's line carries the state
-- of all its rows; row_state has a line only for a row with a fact of its own.
-- No index names a column that changes often, so that updates stay within their page.

create table ledger (
    one integer primary key check (one = 1),
    ledger_id text not null,
    created_at text not null
) strict;

-- One line an account: its lease, its pace, its pause. Every step that changes anything of an
-- account locks this line first, so steps of one account never meet in the middle.
create table accounts (
    account text primary key,
    login text not null,
    lease_holder text,
    lease_epoch integer not null default 0,
    lease_until text,
    paused_kind text,
    paused_reason text,
    paused_at text,
    pause_retry_at text,
    read_needed integer not null default 0,
    next_write_at text,
    next_read_at text,
    refusals_in_a_row integer not null default 0,
    sign_ins_in_a_row integer not null default 0
) strict;

create table files (
    file_id integer primary key autoincrement,
    account text not null references accounts (account),
    file_name text not null,
    sha256 blob not null,
    size integer not null,
    spool_name text not null,
    state text not null,
    -- The lease under which its rows are being stored.
    epoch integer not null,
    rows_n integer not null default 0,
    valid_n integer not null default 0,
    -- Paisa of the rows that were valid when read.
    valid_amount integer not null default 0,
    rows_per_request integer not null,
    sheets_json text,
    message text,
    hold_kind text,
    hold_reason text,
    -- Holds of the whole file that a person has lifted: `approval,file`.
    waived text,
    duplicate_of integer,
    taken_at text not null,
    stored_at text,
    planned_at text,
    settled_at text,
    cancelled_at text,
    changed_at text,
    results_written_at text,
    -- The change it shows: later ones are still to be shown.
    results_seen_at text,
    -- The state that the last result sheet showed.
    results_state text,
    put_away_at text,
    by_hand integer not null default 0
) strict;
create index files_by_content on files (account, sha256);

-- What was read, once. chunk_no is the place in the file's grid (the ordinal among its valid rows
-- divided by rows_per_request); null says that the row was invalid when it was read.
create table rows (
    row_id integer primary key,
    file_id integer not null,
    row_number integer not null,
    chunk_no integer,
    amount integer,
    amount_after_due_date integer,
    payer_key integer,
    corrects integer,
    due_date text,
    sheet text not null,
    title text not null,
    identifier text not null,
    raw_json text,
    problems_json text
) strict;
create index rows_by_payer on rows (payer_key) where payer_key is not null;

-- members and live are ranges of row_no as JSON: [[1,4800],[4802,5000]]. members never changes;
-- live are the rows that still follow the chunk.
create table chunks (
    chunk_id integer primary key autoincrement,
    file_id integer not null references files (file_id),
    account text not null,
    chunk_no integer,
    state text not null,
    row_count integer not null,
    total_amount integer not null,
    -- The earliest due date of its rows: later than today, no row of it is past due.
    first_due text not null,
    members text not null,
    live text not null,
    request_id text,
    login text not null,
    attempts integer not null default 0,
    message text,
    hold_kind text,
    planned_at text not null,
    changed_at text not null,
    sent_at text,
    answered_at text,
    not_before text,
    next_look_at text,
    looks integer not null default 0,
    next_ask_at text,
    asks integer not null default 0
) strict;
create unique index chunks_on_the_grid on chunks (file_id, chunk_no);
create unique index chunks_by_request on chunks (login, request_id) where request_id is not null;
create index chunks_by_state on chunks (account, state);

-- One line a call. Written before the call, answered once.
create table attempts (
    attempt_id integer primary key autoincrement,
    chunk_id integer not null references chunks (chunk_id),
    account text not null,
    epoch integer not null,
    holder text not null,
    body_sha256 blob not null,
    row_count integer not null,
    total_amount integer not null,
    members text not null,
    intended_at text not null,
    deadline_at text not null,
    answered_at text,
    outcome text,
    message text,
    -- The rate that was allowed when it was made.
    per_minute integer not null,
    -- Rows of it that are known to have made no bill that lives: they may go again.
    cleared text not null default '[]'
) strict;
create index attempts_of_chunk on attempts (chunk_id);
create index attempts_in_time on attempts (account, intended_at);

-- A row's own facts. state null: it follows its chunk (chunk_id, or the one on the grid).
create table row_state (
    row_id integer primary key,
    chunk_id integer,
    waits_for integer,
    -- The unpaid bill (row id) that the hub discards for this one.
    replaces integer,
    absent integer not null default 0,
    updated_at text not null,
    sent_at text,
    paid_at text,
    state text,
    psid text,
    payment_id text,
    message text,
    problems_json text,
    hold_kind text,
    -- Holds of this row that a person has lifted: `changed,later`.
    waived text
) strict;
create index row_state_by_psid on row_state (psid) where psid is not null;

-- Lines that exist only while something is so: short lists for people, never scans.
create table held_rows (
    row_id integer primary key,
    account text not null,
    kind text not null
) strict;
create index held_rows_by_kind on held_rows (account, kind);

create table failed_rows (
    row_id integer primary key,
    account text not null,
    state text not null
) strict;
create index failed_rows_by_account on failed_rows (account, row_id);

create table unstamped_rows (
    row_id integer primary key,
    account text not null
) strict;
create index unstamped_rows_by_account on unstamped_rows (account, row_id);

create table file_counts (
    file_id integer not null references files (file_id),
    state text not null,
    n integer not null,
    primary key (file_id, state)
) strict;

-- The feed: n changes of one file to one state, numbered last_id - n + 1 … last_id. rows are
-- ranges with the place of their first row: [[1,4800,0],[4802,5000,4800]]. The numbers come from
-- feed_head, taken last in a transaction, so that they become visible in their order.
create table feed_head (
    one integer primary key check (one = 1),
    last_id integer not null
) strict;

create table changes (
    last_id integer primary key,
    n integer not null,
    changed_at text not null,
    file_id integer not null,
    state text not null,
    rows text not null
) strict;

create table decisions (
    decision_id integer primary key autoincrement,
    account text not null,
    kind text not null,
    ask_json text not null,
    asked_by text not null,
    asked_at text not null,
    state text not null,
    answer_json text,
    done_at text
) strict;
create index decisions_open on decisions (account, decision_id) where done_at is null;
