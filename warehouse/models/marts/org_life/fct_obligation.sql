select
    o.tenant_id as tenant_id,
    o.id as obligation_id,
    o.duty_key as duty_key,
    o.subject_kind as subject_kind,
    o.subject_id as subject_id,
    o.org_id as org_id,
    o.period_key as period_key,
    o.due_on as due_on,
    toInt32(toYear(o.due_on) * 10000 + toMonth(o.due_on) * 100 + toDayOfMonth(o.due_on)) as due_day,
    concat(toString(toYear(o.due_on)), '-', leftPad(toString(toMonth(o.due_on)), 2, '0')) as month,
    o.state as state,
    o.fulfilled_on as fulfilled_on,
    o.fulfilled_by_kind as fulfilled_by_kind,
    o.fulfilled_by_id as fulfilled_by_id,
    o.state <> 'waived' as is_due,
    o.state = 'fulfilled' and ifNull(o.fulfilled_on <= o.due_on, 0) as is_in_time,
    {{ org_columns('l') }},
    {{ scope_columns('l') }},
    {{ claim_columns() }}
from {{ ref('stg_obligation') }} o
inner join {{ ref('int_org_level') }} l on l.org_id = o.org_id and l.tenant_id = o.tenant_id
