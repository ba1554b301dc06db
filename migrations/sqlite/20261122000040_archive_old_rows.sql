-- What was moved out of the ledger into archives: a line an archive, which holds rows of one file. What
-- they come to stays here, so that the invariants of the whole ledger can still be checked. `before`:
-- no bill in it is due on that day or later. parts: the SHA-256 of each part that was moved, by its
-- number. Safe: the table is new.
create table archives (
    archive_id integer primary key autoincrement,
    file_id integer not null references files (file_id),
    account text not null,
    folder text not null,
    before text not null,
    archived_at text not null,
    rows_n integer not null default 0,
    sums text not null,
    parts text not null
) strict;
create index archives_by_file on archives (file_id);
create index archives_by_account on archives (account, before);
