-- Bills that a newer one replaced and that were paid all the same. Safe: the table is new, and the
-- index names a column that is written before a row is sent and not afterwards.
create table paid_replaced (
    row_id bigint primary key,
    paid_row_id bigint not null
);
create index row_state_by_replaces on row_state (replaces) where replaces is not null;
