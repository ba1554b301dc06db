-- What other systems read: bill_results, bulk_requests, result_changes. Safe: they are new, and
-- hold nothing. Their columns keep names and order; new ones are appended.

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
        else (r.problems_json::jsonb || s.problems_json::jsonb)::text
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
join rows r on r.file_id = f.file_id
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
    round(amount::numeric / 100, 2) as amount,
    due_date,
    round(late::numeric / 100, 2) as amount_after_due_date,
    state,
    psid,
    case when state in ('unknown', 'accepted', 'rejected', 'billed', 'paid', 'discarded', 'errored')
        and request_id ~ '^[0-9]{1,18}$' then request_id::bigint end as bulk_payment_request_id,
    case when problems_json is null then coalesce(own_message, chunk_message)
        else coalesce(coalesce(own_message, chunk_message) || '; ', '') || (
            select string_agg(
                coalesce(p.value ->> 'cell' || ': ', '') || (p.value ->> 'problem'),
                '; ' order by p.value ->> 'severity', p.place
            )
            from jsonb_array_elements(problems_json::jsonb) with ordinality as p (value, place))
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
    round(total_amount::numeric / 100, 2) as total_amount,
    case when request_id ~ '^[0-9]{1,18}$' then request_id::bigint end as bulk_payment_request_id,
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
    c.last_id - c.n + 1 + (x.part ->> 2)::bigint + r.row_id - (c.file_id << 24) - (x.part ->> 0)::bigint as change_id,
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
cross join lateral jsonb_array_elements(c.rows::jsonb) as x (part)
join rows r
    on r.row_id >= (c.file_id << 24) + (x.part ->> 0)::bigint
    and r.row_id <= (c.file_id << 24) + (x.part ->> 1)::bigint;
