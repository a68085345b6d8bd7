-- (on time + late) ÷ should attend, at closed meetings inside the period, at whichever branch they were held (MEET-12).
-- Computed once for each pair of dates: the periods of many committees share them.
select
    w.tenant_id as tenant_id,
    {{ dates_key('w.starts_on', 'w.ends_on') }} as period_key,
    'person' as subject_kind,
    p.survivor_id as subject_id,
    'attendance_rate' as indicator_code,
    toInt64(countIf(a.state in ('on_time', 'late'))) as value_num,
    toInt64(count()) as value_den
from {{ ref('stg_attendance') }} a
inner join {{ ref('stg_meeting') }} m on m.id = a.meeting_id and m.tenant_id = a.tenant_id
inner join (select distinct tenant_id, starts_on, ends_on from {{ ref('stg_evaluation_period') }}) w on w.tenant_id = a.tenant_id
inner join {{ ref('int_person_resolved') }} p on p.person_id = a.person_id and p.tenant_id = a.tenant_id
where a.should_attend
    and m.state = 'closed' and m.voided_at is null
    and m.kind in ('member_meeting', 'branch_committee_meeting', 'group_meeting', 'party_lesson', 'theme_day')
    and m.held_on between w.starts_on and w.ends_on
group by tenant_id, period_key, subject_id
