{{ config(materialized='question') }}

{#-
  Months of int_attendance that what has landed after version `since` may have changed, and which meetings of them: where the records stand now,
  and where they stood.
-#}
with changed_meetings as (
    select id, tenant_id, _deleted from {{ source('raw', 'meeting') }} where _version > {since:UInt128}
),

changed_attendance as (
    select id, meeting_id, _deleted from {{ source('raw', 'attendance') }} where _version > {since:UInt128}
),

changed_people as (
    select id, tenant_id, _deleted from {{ source('raw', 'person') }} where _version > {since:UInt128}
),

-- Whose records may have become somebody else's: everybody who ends at the same survivor.
resolved_people as (
    select toUUID(p.person_id) as listed_person_id, toUUID(p.survivor_id) as present_person_id
    from {{ ref('int_person_resolved') }} p
    where p.survivor_id in (
        select survivor_id from {{ ref('int_person_resolved') }} where person_id in (select id from changed_people)
    )
)

select distinct tenant_id, month, piece
from (
    select tenant_id, formatDateTime(held_on, '%Y-%m') as month, id as piece
    from {{ ref('stg_meeting') }}
    where id in (select id from changed_meetings) or id in (select meeting_id from changed_attendance)
    union all
    select tenant_id, month, toString(meeting_id) as piece
    from {{ ref('int_attendance') }}
    where (select count() from changed_meetings) > 0
        -- Where nothing was deleted, only the partitions of their tenants need to be looked through.
        and ((select countIf(_deleted = 1) from changed_meetings) > 0 or tenant_id in (select tenant_id from changed_meetings))
        and meeting_id in (select toUUID(id) from changed_meetings)
    union all
    -- A deleted row carries nothing but its key.
    select tenant_id, month, toString(meeting_id) as piece
    from {{ ref('int_attendance') }}
    where (select countIf(_deleted = 1) from changed_attendance) > 0
        and attendance_id in (select toUUID(id) from changed_attendance where _deleted = 1)
    union all
    select a.tenant_id as tenant_id, a.month as month, toString(a.meeting_id) as piece
    from {{ ref('int_attendance') }} a
    inner join resolved_people r on r.listed_person_id = a.listed_person_id
    where (select count() from changed_people) > 0
        and ((select countIf(_deleted = 1) from changed_people) > 0 or a.tenant_id in (select tenant_id from changed_people))
        and a.listed_person_id in (select listed_person_id from resolved_people)
        and a.person_id <> r.present_person_id
)
