select
    t.tenant_id as tenant_id,
    toString(t.attendance_id) as attendance_id,
    toString(t.meeting_id) as meeting_id,
    toString(t.person_id) as person_id,
    t.org_id as org_id,
    t.org_id_then as org_id_then,
    t.identity_then as identity_then,
    t.kind as kind,
    t.held_on as held_on,
    toInt32(toYYYYMMDD(t.held_on)) as held_day,
    t.month as month,
    t.state as state,
    t.should_attend as should_attend,
    t.is_expected as is_expected,
    t.is_present as is_present,
    {{ org_columns('l') }},
    {{ scope_columns('l') }},
    {{ claim_columns('int_attendance') }}
from {{ ref('int_attendance') }} t
inner join {{ ref('int_org_level') }} l on l.org_id = t.org_id and l.tenant_id = t.tenant_id
