-- Requests that the hub listed before the first call of a login: none of them can hold a row of ours,
-- and none of them has to be read when an answer was lost. Safe: the table is new.
create table older_requests (
    login text not null,
    request_id text not null,
    listed_at timestamptz not null,
    primary key (login, request_id)
);
