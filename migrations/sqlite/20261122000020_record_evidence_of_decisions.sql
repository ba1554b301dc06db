-- A decision says on what evidence it was carried out, by which process, and how it was typed; and
-- it is found by the files that it is about. Safe: columns that may be missing are added, and what is
-- known of older decisions is taken from what was stored of them.
alter table decisions add column asked_from text;
alter table decisions add column command text;
alter table decisions add column done_by text;
alter table decisions add column evidence_json text;
create index decisions_account on decisions (account, decision_id);

create table decision_files (
    file_id integer not null,
    decision_id integer not null,
    primary key (file_id, decision_id)
) strict;
insert into decision_files (file_id, decision_id)
    select ask_json ->> 'file_id', decision_id from decisions
    where ask_json ->> 'file_id' is not null
    union
    select c.file_id, d.decision_id from decisions d
    join chunks c on c.chunk_id = d.ask_json ->> 'chunk_id'
    union
    select f.value, d.decision_id from decisions d, json_each(d.answer_json, '$.files') as f
    where d.kind <> 'reconcile';
