select
    m.tenant_id as tenant_id,
    m.id as meeting_id,
    m.org_id as org_id,
    m.group_id as group_id,
    m.kind as kind,
    m.audience as audience,
    m.state as state,
    m.held_on as held_on,
    toInt32(toYear(m.held_on) * 10000 + toMonth(m.held_on) * 100 + toDayOfMonth(m.held_on)) as held_day,
    concat(toString(toYear(m.held_on)), '-', leftPad(toString(toMonth(m.held_on)), 2, '0')) as month,
    m.voided_at is not null as is_void,
    m.state = 'closed' and m.voided_at is null as is_held,
    {{ org_columns('l') }},
    {{ scope_columns('l') }},
    {{ claim_columns() }}
from {{ ref('stg_meeting') }} m
inner join {{ ref('int_org_level') }} l on l.org_id = m.org_id and l.tenant_id = m.tenant_id
