-- The newest time that a step of the account went by: a clock that shows less was set back. Safe: a
-- new column, empty until the account's next step.
alter table accounts add column clock_at text;
