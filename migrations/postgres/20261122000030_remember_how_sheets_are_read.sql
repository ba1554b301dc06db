-- How the sheets of an account were read: which heading served which field. A later sheet that departs
-- from it waits for a person. `known_at` is empty while the file that brought it waits. Safe: the table
-- is new; the next sheet of an account is the first one that is remembered.
create table sheet_mappings (
    file_id bigint not null,
    mapping_no bigint not null,
    account text not null,
    mapping text not null,
    known_at timestamptz,
    primary key (file_id, mapping_no)
);
create index sheet_mappings_account on sheet_mappings (account);
