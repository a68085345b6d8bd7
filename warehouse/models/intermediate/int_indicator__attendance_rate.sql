-- (on time + late) ÷ should attend, at closed meetings inside the period, at whichever branch they were held (MEET-12).
-- A meeting counts once for a person, however many merged records were expected there; attended when any of them was (int_attendance).
-- Computed once for each pair of dates: the periods of many committees share them.
with windows as (
    select
        tenant_id,
        groupArray(tuple(starts_on, ends_on)) as windows,
        groupUniqArrayArray(arrayMap(
            n -> formatDateTime(addMonths(toStartOfMonth(starts_on), n), '%Y-%m'), range(toUInt32(dateDiff('month', starts_on, ends_on) + 1))
        )) as months
    from (select distinct tenant_id, starts_on, ends_on from {{ ref('int_evaluation_subject') }})
    group by tenant_id
)

select
    tenant_id,
    {{ dates_key('dates.1', 'dates.2') }} as period_key,
    'person' as subject_kind,
    toString(person_id) as subject_id,
    'attendance_rate' as indicator_code,
    present as value_num,
    expected as value_den
from (
    select
        a.tenant_id as tenant_id,
        a.person_id as person_id,
        -- Not by a join on dates: that takes ten times as long.
        arrayJoin(arrayFilter(x -> a.held_on between x.1 and x.2, w.windows)) as dates,
        toInt64(countIf(a.is_present)) as present,
        toInt64(count()) as expected
    from {{ ref('int_attendance') }} a
    inner join windows w on w.tenant_id = a.tenant_id
    where a.is_counted
        and a.kind in ('member_meeting', 'branch_committee_meeting', 'group_meeting', 'party_lesson', 'theme_day')
        and (a.tenant_id, a.month) in (select tenant_id, arrayJoin(months) from windows)
    group by tenant_id, person_id, dates
)
