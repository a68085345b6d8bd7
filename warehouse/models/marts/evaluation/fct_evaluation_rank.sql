-- Open runs as computed, sealed runs as stored. Which is which is decided once for the whole statement, so that no run is there twice.
with (select groupArray(run_id) from {{ ref('int_run_sealed') }}) as sealed_runs
select
    f.tenant_id as tenant_id,
    f.run_id as run_id,
    f.run_state as run_state,
    f.period_id as period_id,
    f.scheme_version_id as scheme_version_id,
    f.as_of_on as as_of_on,
    f.population_kind as population_kind,
    f.population_org_id as population_org_id,
    f.subject_kind as subject_kind,
    f.subject_id as subject_id,
    f.group_org_id as group_org_id,
    f.indicator_code as indicator_code,
    f.score_num as score_num,
    f.score_den as score_den,
    f.rank as rank,
    f.of_n as of_n,
    f.is_top as is_top,
    f.prev_rank as prev_rank,
    {{ org_columns('l') }},
    {{ scope_columns('l') }},
    {{ claim_columns('int_evaluation_open') }}
from (
    select
        tenant_id, run_id, run_state, period_id, scheme_version_id, as_of_on, population_kind, population_org_id,
        subject_kind, subject_id, group_org_id, indicator_code, score_num, score_den, rank, of_n, is_top, prev_rank
    from {{ ref('int_evaluation_open') }}
    where not has(sealed_runs, run_id)
    union all
    select
        e.tenant_id, e.run_id, 'sealed', r.period_id, r.scheme_version_id, r.as_of_on, e.population_kind, e.population_org_id,
        e.subject_kind, e.subject_id, e.group_org_id, e.indicator_code, e.score_num, e.score_den, e.rank, e.of_n, e.is_top, e.prev_rank
    from {{ ref('stg_evaluation_result') }} e
    inner join {{ ref('int_run_sealed') }} r on r.run_id = e.run_id and r.tenant_id = e.tenant_id
    where has(sealed_runs, e.run_id)
) f
inner join {{ ref('int_org_level') }} l on l.org_id = f.group_org_id and l.tenant_id = f.tenant_id
