{{ config(
    materialized='kept',
    by='month',
    order_by='org_id, held_on, meeting_id, attendance_id',
    asks='int_attendance_touched',
    pieces={'column': 'meeting_id'},
) }}

{#- Attendance with its meeting and the person whose record it is, ready to be added up. A piece is a meeting: nothing of a row depends on another one, and a row stays at its meeting (trigger `meeting_is_fixed`). -#}
with candidates as (
    -- Named by their keys, and not yet by their newest versions: those are sorted out for these alone, not for all of history.
    select id from {{ source('raw', 'meeting') }}
    where (empty({{ wanted_pieces() }}) or id in (select arrayJoin({{ wanted_pieces() }})))
        and tenant_id in {{ wanted_tenants() }} and has({{ wanted_parts() }}, (toInt32(tenant_id), formatDateTime(held_on, '%Y-%m')))
),

meetings as (
    select
        id, tenant_id, org_id, kind, held_on, formatDateTime(held_on, '%Y-%m') as month, state = 'closed' and voided_at is null as took_place
    from {{ ref('stg_meeting') }}
    where id in (select id from candidates) and has({{ wanted_parts() }}, (toInt32(tenant_id), formatDateTime(held_on, '%Y-%m')))
),

wanted as (
    select id from {{ source('raw', 'attendance') }} where meeting_id in (select id from candidates)
),

people as (
    select person_id, survivor_id from {{ ref('int_person_resolved') }} where tenant_id in {{ wanted_tenants() }}
)

select
    {{ built_at() }},
    r.tenant_id as tenant_id,
    r.month as month,
    r.attendance_id as attendance_id,
    r.meeting_id as meeting_id,
    r.org_id as org_id,
    r.kind as kind,
    r.held_on as held_on,
    r.listed_person_id as listed_person_id,
    r.person_id as person_id,
    r.org_id_then as org_id_then,
    r.identity_then as identity_then,
    r.state as state,
    r.should_attend as should_attend,
    r.is_expected as is_expected,
    r.is_present as is_present,
    r.is_expected and row_number() over (
        partition by r.tenant_id, r.meeting_id, r.person_id, r.is_expected order by r.is_present desc, r.attendance_id
    ) = 1 as is_counted
from (
    select
        t.tenant_id as tenant_id,
        m.month as month,
        toUUID(t.id) as attendance_id,
        toUUID(m.id) as meeting_id,
        m.org_id as org_id,
        toLowCardinality(m.kind) as kind,
        m.held_on as held_on,
        toUUID(t.person_id) as listed_person_id,
        toUUID(p.survivor_id) as person_id,
        t.org_id_then as org_id_then,
        toLowCardinality(t.identity_then) as identity_then,
        toLowCardinality(t.state) as state,
        t.should_attend as should_attend,
        -- Counts for a rate: expected at a meeting that took place and was not voided.
        toBool(t.should_attend and m.took_place) as is_expected,
        toBool(is_expected and t.state in ('on_time', 'late')) as is_present
    from {{ ref('stg_attendance') }} t
    -- By their ids alone: given the tenant as well, ClickHouse takes ten times as long, or first pairs every meeting with every person.
    inner join meetings m on m.id = t.meeting_id
    inner join people p on p.person_id = t.person_id
    where t.id in (select id from wanted)
) r
