-- What other systems read: bill_results, bulk_requests, result_changes. Safe: they are new, and
-- hold nothing. Their columns keep names and order; new ones are appended. They use nothing that
-- SQLite 3.37 lacks, because those who read them bring a SQLite of their own.

-- The ledger's own view of a row: what was read, what became of it, and its chunk. A row's own
-- state comes first, then `invalid` if it was read so, then its chunk's.
create view row_facts as
select
    r.row_id,
    f.file_id,
    r.row_id & 16777215 as row_no,
    f.file_name,
    f.account,
    r.sheet,
    r.row_number,
    r.title,
    r.identifier,
    r.amount,
    r.due_date,
    case when r.chunk_no is null then r.amount_after_due_date
        else coalesce(r.amount_after_due_date, r.amount) end as late,
    r.amount_after_due_date as late_as_read,
    r.payer_key,
    r.chunk_no,
    r.corrects,
    r.raw_json,
    -- What was wrong when it was read, and what was found later (an identifier that stands twice).
    case when s.problems_json is null then r.problems_json
        when r.problems_json is null then s.problems_json
        else (select json_group_array(json(x.value)) from (
            select value from json_each(r.problems_json) union all select value from json_each(s.problems_json)
        ) as x)
    end as problems_json,
    coalesce(s.chunk_id, g.chunk_id) as chunk_id,
    coalesce(
        s.state,
        case when r.chunk_no is null then 'invalid' end,
        case when s.chunk_id is null then g.state else o.state end,
        'ready'
    ) as state,
    s.state as own_state,
    s.psid,
    s.payment_id,
    s.hold_kind,
    s.waits_for,
    s.waived,
    case when s.chunk_id is null then g.hold_kind else o.hold_kind end as chunk_hold_kind,
    case when s.chunk_id is null then g.request_id else o.request_id end as request_id,
    s.message as own_message,
    -- What was said of a call that was taken is the call's, not each row's.
    case when s.chunk_id is null then case when g.state <> 'accepted' then g.message end
        when o.state <> 'accepted' then o.message
    end as chunk_message,
    coalesce(case when s.chunk_id is null then g.sent_at else o.sent_at end, s.sent_at) as sent_at,
    case when s.state is not null then s.updated_at
        else coalesce(case when s.chunk_id is null then g.changed_at else o.changed_at end, s.updated_at, f.stored_at)
    end as updated_at,
    s.paid_at
from files f
-- By the range of row ids, so that no second index of the rows is needed.
join rows r
    on r.row_id >= (f.file_id << 24) and r.row_id < ((f.file_id + 1) << 24)
    and f.file_id = (r.row_id >> 24)
left join row_state s on s.row_id = r.row_id
left join chunks g on g.file_id = f.file_id and g.chunk_no = r.chunk_no
left join chunks o on o.chunk_id = s.chunk_id
where f.stored_at is not null;

create view bill_results as
select
    row_id,
    file_id,
    file_name,
    account,
    sheet,
    row_number,
    title,
    identifier,
    case when amount is not null then
        case when amount < 0 then '-' else '' end || printf('%d.%02d', abs(amount) / 100, abs(amount) % 100)
    end as amount,
    due_date,
    case when late is not null then
        case when late < 0 then '-' else '' end || printf('%d.%02d', abs(late) / 100, abs(late) % 100)
    end as amount_after_due_date,
    state,
    psid,
    case when state in ('unknown', 'accepted', 'rejected', 'billed', 'paid', 'discarded', 'errored')
        and request_id not glob '*[^0-9]*' and length(request_id) between 1 and 18 then cast(request_id as integer) end as bulk_payment_request_id,
    case when problems_json is null then coalesce(own_message, chunk_message)
        else coalesce(coalesce(own_message, chunk_message) || '; ', '') || (
            select group_concat(problem, '; ') from (
                select coalesce(json_extract(p.value, '$.cell') || ': ', '') || json_extract(p.value, '$.problem') as problem
                from json_each(problems_json) as p
                order by json_extract(p.value, '$.severity'), p.key
            ))
    end as message,
    sent_at,
    updated_at,
    paid_at,
    row_no,
    chunk_id,
    payment_id,
    case when state in ('unknown', 'accepted', 'rejected', 'billed', 'paid', 'discarded', 'errored')
        then request_id end as request_id,
    problems_json
from row_facts;

create view bulk_requests as
select
    chunk_id,
    file_id,
    account,
    row_count,
    case when total_amount is not null then
        case when total_amount < 0 then '-' else '' end || printf('%d.%02d', abs(total_amount) / 100, abs(total_amount) % 100)
    end as total_amount,
    case when request_id not glob '*[^0-9]*' and length(request_id) between 1 and 18 then cast(request_id as integer) end as bulk_payment_request_id,
    state,
    attempts,
    sent_at,
    answered_at,
    message,
    request_id
from chunks;

-- Read on from change N with `where batch_last_id > N and change_id > N order by change_id`: the
-- first condition uses an index, the second cuts inside a batch.
create view result_changes as
select
    c.last_id - c.n + 1 + json_extract(x.value, '$[2]') + r.row_id - (c.file_id << 24) - json_extract(x.value, '$[0]') as change_id,
    c.changed_at,
    r.row_id,
    c.file_id,
    r.sheet,
    r.row_number,
    c.state,
    case when c.state in ('billed', 'paid', 'discarded')
        then (select s.psid from row_state s where s.row_id = r.row_id) end as psid,
    c.last_id as batch_last_id
from changes c
cross join json_each(c.rows) as x
join rows r
    on r.row_id >= (c.file_id << 24) + json_extract(x.value, '$[0]')
    and r.row_id <= (c.file_id << 24) + json_extract(x.value, '$[1]');
