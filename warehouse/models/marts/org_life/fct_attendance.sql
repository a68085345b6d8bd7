select
    t.tenant_id as tenant_id,
    t.id as attendance_id,
    t.meeting_id as meeting_id,
    p.survivor_id as person_id,
    m.org_id as org_id,
    t.org_id_then as org_id_then,
    t.identity_then as identity_then,
    m.kind as kind,
    m.held_on as held_on,
    toInt32(toYear(m.held_on) * 10000 + toMonth(m.held_on) * 100 + toDayOfMonth(m.held_on)) as held_day,
    concat(toString(toYear(m.held_on)), '-', leftPad(toString(toMonth(m.held_on)), 2, '0')) as month,
    t.state as state,
    t.should_attend as should_attend,
    -- Counts for a rate: expected at a meeting that took place and was not voided.
    t.should_attend and m.state = 'closed' and m.voided_at is null as is_expected,
    is_expected and t.state in ('on_time', 'late') as is_present,
    {{ org_columns('l') }},
    {{ scope_columns('l') }},
    {{ claim_columns() }}
from {{ ref('stg_attendance') }} t
inner join {{ ref('stg_meeting') }} m on m.id = t.meeting_id and m.tenant_id = t.tenant_id
inner join {{ ref('int_person_resolved') }} p on p.person_id = t.person_id and p.tenant_id = t.tenant_id
inner join {{ ref('int_org_level') }} l on l.org_id = m.org_id and l.tenant_id = m.tenant_id
