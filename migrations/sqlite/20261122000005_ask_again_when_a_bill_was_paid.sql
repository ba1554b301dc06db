-- The hub does not always know at once when a bill was paid: it is asked a few times more. Safe:
-- new columns, with a default for the lines that are there.
alter table unstamped_rows add column tries integer not null default 0;
alter table unstamped_rows add column next_at text;
