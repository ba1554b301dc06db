-- The newest time that a step of the account went by: a clock that shows less was set back. Safe: a
-- new column, empty until the account's next step.
alter table accounts add column clock_at timestamptz;

-- The newest call that the account had made when the hub listed what is older than a login's first:
-- what the hub listed then says nothing of that call and of those before. Safe: a new column.
alter table older_requests add column after_attempt bigint not null default 0;
update older_requests set after_attempt = coalesce(
    (select max(a.attempt_id) from attempts a where a.intended_at <= older_requests.listed_at), 0
);

-- Logins that an account had before its hub moved: they stay the account's. Safe: the table is new.
create table former_logins (
    login text primary key,
    account text not null
);
