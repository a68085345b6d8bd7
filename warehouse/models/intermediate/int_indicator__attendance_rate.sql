-- (on time + late) ÷ should attend, at closed meetings inside the period, at whichever branch they were held (MEET-12).
-- A meeting counts once for a person, however many merged records were expected there; attended when any of them was.
-- Computed once for each pair of dates: the periods of many committees share them.
with expected as (
    select
        a.tenant_id as tenant_id,
        p.survivor_id as subject_id,
        a.meeting_id as meeting_id,
        any(m.held_on) as held_on,
        max(a.state in ('on_time', 'late')) as has_attended
    from {{ ref('stg_attendance') }} a
    inner join {{ ref('stg_meeting') }} m on m.id = a.meeting_id and m.tenant_id = a.tenant_id
    inner join {{ ref('int_person_resolved') }} p on p.person_id = a.person_id and p.tenant_id = a.tenant_id
    where a.should_attend
        and m.state = 'closed' and m.voided_at is null
        and m.kind in ('member_meeting', 'branch_committee_meeting', 'group_meeting', 'party_lesson', 'theme_day')
    group by tenant_id, subject_id, meeting_id
)

select
    e.tenant_id as tenant_id,
    {{ dates_key('w.starts_on', 'w.ends_on') }} as period_key,
    'person' as subject_kind,
    e.subject_id as subject_id,
    'attendance_rate' as indicator_code,
    toInt64(sum(e.has_attended)) as value_num,
    toInt64(count()) as value_den
from expected e
inner join (select distinct tenant_id, starts_on, ends_on from {{ ref('stg_evaluation_period') }}) w on w.tenant_id = e.tenant_id
where e.held_on between w.starts_on and w.ends_on
group by tenant_id, period_key, subject_id
