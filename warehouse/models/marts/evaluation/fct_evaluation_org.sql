-- Read from the same rows as the drill-down, so the parts always add up to the whole.
select
    r.tenant_id as tenant_id,
    r.run_id as run_id,
    any(r.run_state) as run_state,
    any(r.period_id) as period_id,
    any(r.scheme_version_id) as scheme_version_id,
    any(r.as_of_on) as as_of_on,
    r.population_kind as population_kind,
    r.population_org_id as population_org_id,
    r.group_org_id as org_id,
    r.indicator_code as indicator_code,
    toInt32(countIf(r.subject_kind = 'person')) as members_evaluated,
    toInt32(countIf(r.subject_kind = 'person' and r.rank is not null)) as members_ranked,
    toInt32(countIf(r.subject_kind = 'person' and r.rank is null)) as members_missing,
    toInt32(countIf(r.subject_kind = 'person' and r.is_top)) as members_in_top,
    anyIf(r.score_num, r.subject_kind = 'branch') as share_num,
    anyIf(r.score_den, r.subject_kind = 'branch') as share_den,
    anyIf(r.rank, r.subject_kind = 'branch') as rank,
    maxIf(r.of_n, r.subject_kind = 'branch') as of_n,
    anyIf(r.prev_rank, r.subject_kind = 'branch') as prev_rank,
    {% for column in ['org_code', 'org_short_name', 'org_full_name', 'org_kind', 'org_category', 'parent_org_id'] %}
    any(r.{{ column }}) as {{ column }},
    {% endfor %}
    {% for n in range(levels()) %}
    any(r.scope_l{{ n }}) as scope_l{{ n }},
    {% endfor %}
    any(r.tree_version) as tree_version,
    {{ claim_columns('int_evaluation_open') }}
from {{ ref('fct_evaluation_rank') }} r
where r.population_kind = 'college'
group by r.tenant_id, r.run_id, r.population_kind, r.population_org_id, r.group_org_id, r.indicator_code
