-- Requests that the hub took and does not show any more: rows that meet a bill of theirs wait.
-- Safe: the table is new.
create table unseen_requests (
    chunk_id bigint primary key references chunks (chunk_id),
    account text not null,
    since timestamptz not null,
    why text not null
);
create index unseen_requests_by_account on unseen_requests (account);
