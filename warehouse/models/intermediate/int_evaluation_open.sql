{{ config(
    materialized='kept',
    order_by='tenant_id, run_id, population_kind, indicator_code, group_org_id, subject_id',
    changes=[
        'evaluation_run', 'evaluation_period', 'evaluation_branch', 'evaluation_entry', 'evaluation_result', 'scheme_version', 'scheme_item',
        'indicator', 'org_succession', 'membership', 'person_status', 'person',
    ],
    follows='int_attendance',
) }}

{#-
  Everything about the runs that are still open, in one statement and one swap, so that a ranking and its drill-down never differ.
  A branch sits in the same pass as one row beside its members, because every further reading of this would compute it again.
-#}
-- One row for each subject, its values side by side.
with gathered as (
    select
        s.tenant_id as tenant_id, s.run_id as run_id, s.subject_kind as subject_kind, s.subject_id as subject_id,
        s.group_org_id as group_org_id, s.org_id as org_id, s.run_state as run_state, s.period_id as period_id,
        s.as_of_on as as_of_on, s.scheme_version_id as scheme_version_id, s.top_share_bp as top_share_bp,
        s.compared_run_id as compared_run_id,
        groupArray(i.code) as codes,
        groupArray(i.weight) as weights,
        groupArray(tuple(v.value_num)) as nums,
        groupArray(tuple(v.value_den)) as dens
    from (select * from {{ ref('int_evaluation_subject') }} where tenant_id in {{ wanted_tenants() }}) s
    inner join (
        select
            w.tenant_id as tenant_id, w.scheme_version_id as scheme_version_id, x.code as code, x.source as source, w.weight as weight
        from {{ ref('stg_scheme_item') }} w
        inner join {{ ref('stg_indicator') }} x on x.id = w.indicator_id and x.tenant_id = w.tenant_id
    ) i on i.scheme_version_id = s.scheme_version_id and i.tenant_id = s.tenant_id
    left join (
        select
            tenant_id, period_key, subject_kind, subject_id, indicator_code,
            toNullable(value_num) as value_num, toNullable(value_den) as value_den
        from {{ ref('int_indicator_value') }}
        where tenant_id in {{ wanted_tenants() }}
    ) v on v.tenant_id = s.tenant_id
        and v.period_key = if(i.source = 'derived', {{ dates_key('s.starts_on', 's.ends_on') }}, s.period_id)
        and v.subject_kind = s.subject_kind and v.subject_id = s.subject_id and v.indicator_code = i.code
    group by
        tenant_id, run_id, subject_kind, subject_id, group_org_id, org_id, run_state, period_id, as_of_on, scheme_version_id,
        top_share_bp, compared_run_id
),

scored as (
    select
        tenant_id, run_id, subject_kind, subject_id, group_org_id,
        org_id, run_state, period_id, as_of_on, scheme_version_id, top_share_bp, compared_run_id,
        cell.1 as indicator_code,
        cell.2 as score_num,
        cell.3 as score_den,
        isNotNull(score_den) as has_score,
        if(has_score, {{ sort_key('assumeNotNull(score_num)', 'greatest(assumeNotNull(score_den), 1)') }}, toInt256(0)) as sort_key
    from (
        select
            tenant_id, run_id, subject_kind, subject_id, group_org_id,
            org_id, run_state, period_id, as_of_on, scheme_version_id, top_share_bp, compared_run_id,
            {{ score_v1('arrayMap(x -> x.1, nums)', 'arrayMap(x -> x.1, dens)', 'weights') }} as overall,
            arrayJoin(arrayPushBack(
                arrayMap((c, n, d) -> tuple(c, n.1, d.1), codes, nums, dens),
                tuple('overall', overall.1, overall.2)
            )) as cell
        from gathered
    )
),

ranked_people as (
    select
        *,
        sum(has_score) over (partition by run_id, indicator_code) as college_n,
        sum(has_score) over (partition by run_id, indicator_code, group_org_id) as branch_n,
        if(has_score, toNullable(rank() over (partition by run_id, indicator_code, has_score order by sort_key desc)), null) as college_rank,
        if(has_score, toNullable(rank() over (partition by run_id, indicator_code, group_org_id, has_score order by sort_key desc)), null) as branch_rank,
        ifNull(college_rank <= {{ top_edge('college_n', 'top_share_bp') }}, 0) as in_college_top,
        ifNull(branch_rank <= {{ top_edge('branch_n', 'top_share_bp') }}, 0) as in_branch_top
    from scored
),

counted_branches as (
    select
        *,
        toInt64(sum(in_college_top) over (partition by run_id, indicator_code, group_org_id)) as members_in_top,
        toInt64(branch_n) as members_ranked,
        subject_kind = 'branch' and members_ranked > 0 as is_ranked_branch,
        if(is_ranked_branch, {{ sort_key('members_in_top', 'greatest(members_ranked, 1)') }}, toInt256(0)) as branch_key
    from ranked_people
),

ranked_branches as (
    select
        *,
        sum(is_ranked_branch) over (partition by run_id, indicator_code) as branches_n,
        rank() over (partition by run_id, indicator_code, is_ranked_branch order by branch_key desc) as rank_of_branch
    from counted_branches
),

-- One row for each population that the subject stands in.
results as (
    select
        tenant_id, run_id, run_state, period_id, scheme_version_id, as_of_on, compared_run_id,
        subject_kind, subject_id, group_org_id, indicator_code,
        place.1 as population_kind,
        place.2 as population_org_id,
        place.3 as score_num,
        place.4 as score_den,
        place.5 as rank,
        place.6 as of_n,
        place.7 as is_top,
        1 as is_shown
    from (
        select
            tenant_id, run_id, run_state, period_id, scheme_version_id, as_of_on, compared_run_id,
            subject_kind, subject_id, group_org_id, indicator_code,
            arrayJoin(if(subject_kind = 'person',
                [
                    tuple('college', org_id, score_num, score_den, toNullable(toInt32(college_rank)), toInt32(college_n), toBool(in_college_top)),
                    tuple('branch', group_org_id, score_num, score_den, toNullable(toInt32(branch_rank)), toInt32(branch_n), toBool(in_branch_top))
                ],
                [
                    tuple('college', org_id,
                        if(is_ranked_branch, toNullable(members_in_top), null), if(is_ranked_branch, toNullable(members_ranked), null),
                        if(is_ranked_branch, toNullable(toInt32(rank_of_branch)), null), toInt32(branches_n), toBool(0))
                ]
            )) as place
        from ranked_branches
    )
),

-- What the runs that others are compared with say, if they were sealed.
stored as (
    select
        e.tenant_id as tenant_id, e.run_id as run_id, e.population_kind as population_kind, e.population_org_id as population_org_id,
        e.subject_kind as subject_kind, e.subject_id as subject_id, e.indicator_code as indicator_code, e.rank as rank
    from {{ ref('stg_evaluation_result') }} e
    where e.tenant_id in {{ wanted_tenants() }} and e.run_id in (
        select compared_run_id from {{ ref('int_evaluation_subject') }} where tenant_id in {{ wanted_tenants() }} and compared_run_id is not null
    )
),

compared as (
    select
        *,
        arrayFirst(
            x -> x.1 = ifNull(compared_run_id, ''),
            groupArray(tuple(run_id, rank)) over (
                partition by tenant_id, population_kind, population_org_id, subject_kind, subject_id, indicator_code
            )
        ).2 as prev_rank
    from (
        select
            tenant_id, run_id, run_state, period_id, scheme_version_id, as_of_on, compared_run_id, population_kind, population_org_id,
            subject_kind, subject_id, group_org_id, indicator_code, score_num, score_den, rank, of_n, is_top, is_shown
        from results
        union all
        select
            tenant_id, run_id, '', '', '', toDate32('1970-01-01'), null, population_kind, population_org_id,
            subject_kind, subject_id, 0, indicator_code, null, null, rank, 0, false, 0
        from stored
    )
)

select
    {{ built_at() }},
    c.tenant_id as tenant_id, c.run_id as run_id, c.run_state as run_state, c.period_id as period_id,
    c.scheme_version_id as scheme_version_id, c.as_of_on as as_of_on,
    c.population_kind as population_kind, c.population_org_id as population_org_id,
    c.subject_kind as subject_kind, c.subject_id as subject_id, c.group_org_id as group_org_id, c.indicator_code as indicator_code,
    c.score_num as score_num, c.score_den as score_den, c.rank as rank, c.of_n as of_n, c.is_top as is_top, c.prev_rank as prev_rank
from compared c
where c.is_shown
