-- The inputs of a run: a person's value is what the person is ranked by in the college.
with (select groupArray(run_id) from {{ ref('int_run_sealed') }}) as sealed_runs
select
    f.tenant_id as tenant_id,
    f.run_id as run_id,
    f.run_state as run_state,
    f.period_id as period_id,
    f.subject_kind as subject_kind,
    f.subject_id as subject_id,
    f.group_org_id as group_org_id,
    f.indicator_code as indicator_code,
    f.value_num as value_num,
    f.value_den as value_den,
    {{ scope_columns('l') }},
    {{ claim_columns('int_evaluation_open') }}
from (
    select
        tenant_id, run_id, run_state, period_id, subject_kind, subject_id, group_org_id, indicator_code,
        score_num as value_num, score_den as value_den
    from {{ ref('int_evaluation_open') }}
    where subject_kind = 'person' and population_kind = 'college' and indicator_code <> 'overall' and not has(sealed_runs, run_id)
    union all
    select
        e.tenant_id, e.run_id, 'sealed', r.period_id, e.subject_kind, e.subject_id, e.group_org_id, e.indicator_code,
        e.value_num, e.value_den
    from {{ ref('stg_evaluation_value') }} e
    inner join {{ ref('int_run_sealed') }} r on r.run_id = e.run_id and r.tenant_id = e.tenant_id
    where has(sealed_runs, e.run_id)
) f
inner join {{ ref('int_org_level') }} l on l.org_id = f.group_org_id and l.tenant_id = f.tenant_id
