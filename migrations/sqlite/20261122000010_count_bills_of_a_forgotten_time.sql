-- When the marker beside an account's spool was first written: one that is gone after that is told
-- from one that was never there. Safe: a new column, empty until the account's next call.
alter table accounts add column marked_at text;

-- Requests at the hub that a restored database does not own, and their bills: made after the backup,
-- or by somebody else. They count as billed before for the rows that are judged from then on.
-- after_row: they are older than rows with a higher row_id. Values are null where the hub's own can't
-- be read. Safe: the tables are new.
create table foreign_requests (
    login text not null,
    request_id text not null,
    account text not null,
    read_at text not null,
    asks integer not null default 0,
    next_ask_at text,
    primary key (login, request_id)
) strict;
create index foreign_requests_by_account on foreign_requests (account);

create table foreign_bills (
    foreign_id integer primary key autoincrement,
    account text not null,
    login text not null,
    request_id text not null,
    payment_id text,
    payer_key integer not null,
    identifier text not null,
    amount integer,
    amount_after_due_date integer,
    due_date text,
    state text not null,
    psid text,
    after_row integer not null,
    stored_at text not null,
    updated_at text not null
) strict;
create index foreign_bills_by_payer on foreign_bills (payer_key);
create index foreign_bills_by_request on foreign_bills (login, request_id);
