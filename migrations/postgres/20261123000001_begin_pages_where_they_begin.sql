-- A page of results costs the same wherever it begins. Joined by plain equality, PostgreSQL may merge rows
-- with their states, and then reads every state from the table's first on to find a page that begins
-- among the last. Joined like this it can only look each one up, from either side: a sum over everything takes
-- up to four times as long, and a page never grows. Safe: the columns are the same, and nothing is stored.

-- The ledger's own view of a row: what was read, what became of it, and its chunk. A row's own
-- state comes first, then `invalid` if it was read so, then its chunk's.
create or replace view row_facts as
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
left join row_state s on s.row_id = any (array[r.row_id]) and r.row_id = any (array[s.row_id])
left join chunks g on g.file_id = f.file_id and g.chunk_no = r.chunk_no
left join chunks o on o.chunk_id = s.chunk_id
where f.stored_at is not null;
