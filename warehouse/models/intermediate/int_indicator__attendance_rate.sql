-- (on time + late) ÷ should attend, at closed meetings inside the period, at whichever branch they were held (MEET-12).
-- A meeting counts once for a person, however many merged records were expected there; attended when any of them was (int_attendance).
-- Computed once for each pair of dates: the periods of many committees share them.
with windows as (
    select distinct
        tenant_id, starts_on, ends_on,
        arrayMap(
            n -> formatDateTime(addMonths(toStartOfMonth(starts_on), n), '%Y-%m'), range(toUInt32(dateDiff('month', starts_on, ends_on) + 1))
        ) as months
    from {{ ref('int_evaluation_subject') }}
)

select
    a.tenant_id as tenant_id,
    {{ dates_key('w.starts_on', 'w.ends_on') }} as period_key,
    'person' as subject_kind,
    toString(a.person_id) as subject_id,
    'attendance_rate' as indicator_code,
    toInt64(countIf(a.is_present)) as value_num,
    toInt64(count()) as value_den
from {{ ref('int_attendance') }} a
inner join windows w on w.tenant_id = a.tenant_id
where a.is_counted
    and a.kind in ('member_meeting', 'branch_committee_meeting', 'group_meeting', 'party_lesson', 'theme_day')
    and (a.tenant_id, a.month) in (select tenant_id, arrayJoin(months) from windows)
    and a.held_on between w.starts_on and w.ends_on
group by tenant_id, period_key, a.person_id
