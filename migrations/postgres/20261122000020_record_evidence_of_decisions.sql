-- A decision says on what evidence it was carried out, by which process, and how it was typed; and
-- it is found by the files that it is about. Safe: columns that may be missing are added, and what is
-- known of older decisions is taken from what was stored of them.
alter table decisions add column asked_from text;
alter table decisions add column command text;
alter table decisions add column done_by text;
alter table decisions add column evidence_json text;
create index decisions_account on decisions (account, decision_id);

create table decision_files (
    file_id bigint not null,
    decision_id bigint not null,
    primary key (file_id, decision_id)
);
insert into decision_files (file_id, decision_id)
    select (ask_json::json ->> 'file_id')::bigint, decision_id from decisions
    where ask_json::json ->> 'file_id' is not null
    union
    select c.file_id, d.decision_id from decisions d
    join chunks c on c.chunk_id = (d.ask_json::json ->> 'chunk_id')::bigint
    union
    select f.value::bigint, d.decision_id from decisions d,
        json_array_elements_text(d.answer_json::json -> 'files') as f (value)
    where d.kind <> 'reconcile';
