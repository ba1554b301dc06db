-- What a hub posted to us, as it came, and the requests that are asked about because of it. Safe:
-- the tables are new. What waits is unique by its bytes, so that a repeat takes no place; the index
-- names a column that changes once.
create table callbacks (
    callback_id integer primary key autoincrement,
    account text not null,
    kind text not null,
    body blob not null,
    size integer not null,
    sha256 blob not null,
    received_at text not null,
    processed_at text
) strict;
create unique index callbacks_waiting on callbacks (account, kind, sha256) where processed_at is null;
create index callbacks_processed on callbacks (account, callback_id) where processed_at is not null;

-- called_at: when a callback last had the request asked about, or will have. waiting: it was not
-- asked about since.
create table called_requests (
    chunk_id integer primary key references chunks (chunk_id),
    account text not null,
    called_at text not null,
    waiting integer not null
) strict;
create index called_requests_by_account on called_requests (account);
