-- The inboxes that were marked as ours, account by account: one of them that is found without its mark
-- is a share that is not mounted, and nothing is made in its place. Safe: the table is new.
create table marked_inboxes (
    account text not null,
    inbox text not null,
    primary key (account, inbox)
) strict;
