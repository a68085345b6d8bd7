{{ config(
    materialized='kept',
    order_by='tenant_id, run_id, population_kind, indicator_code, group_org_id, subject_id',
    changes=[
        'evaluation_run', 'evaluation_period', 'evaluation_branch', 'evaluation_entry', 'evaluation_result', 'scheme_version', 'scheme_item',
        'indicator', 'org_succession', 'membership', 'person_status', 'person',
    ],
    follows='int_attendance',
    pieces={'column': 'run_org_id', 'by': 'person_id', 'from': 'int_evaluation_piece'},
) }}

{#-
  Everything about the runs that are still open, in one statement and one swap, so that a ranking and its drill-down never differ.
  A piece is a committee with all its open runs: they are compared with each other, and with nobody else's.
  A branch sits in the same pass as one row beside its members, because every further reading of this would compute it again.
-#}
with subjects as (
    select * from {{ ref('int_evaluation_subject') }}
    where tenant_id in {{ wanted_tenants() }} and (empty({{ wanted_pieces() }}) or has({{ wanted_pieces() }}, toString(org_id)))
),

-- One row for each subject, with its indicators as (code, weight, numerator, denominator).
gathered as (
    select
        s.run_id as run_id, s.subject_kind as subject_kind, s.subject_id as subject_id,
        any(s.group_org_id) as group_org_id, any(s.org_id) as org_id, any(s.top_share_bp) as top_share_bp,
        groupArray(tuple(i.code, i.weight, v.value_num, v.value_den)) as cells
    from subjects s
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
    group by run_id, subject_kind, subject_id
),

scored as (
    select
        run_id, subject_kind, subject_id, group_org_id, org_id, top_share_bp,
        cell.1 as indicator_code,
        cell.2 as score_num,
        cell.3 as score_den,
        isNotNull(score_den) as has_score,
        if(has_score, {{ sort_key('assumeNotNull(score_num)', 'greatest(assumeNotNull(score_den), 1)') }}, toInt256(0)) as sort_key
    from (
        select
            run_id, subject_kind, subject_id, group_org_id, org_id, top_share_bp,
            arrayJoin(arrayPushBack(arrayMap(x -> tuple(x.1, x.3, x.4), cells), tuple('overall', overall.1, overall.2))) as cell
        from {{ score_v1('gathered', 'cells.3', 'cells.4', 'cells.2') }}
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

-- What a subject is in each population that it stands in.
results as (
    select
        run_id, subject_kind, subject_id, group_org_id, indicator_code,
        if(subject_kind = 'person',
            [
                tuple('college', org_id, score_num, score_den, toNullable(toInt32(college_rank)), toInt32(college_n), toBool(in_college_top)),
                tuple('branch', group_org_id, score_num, score_den, toNullable(toInt32(branch_rank)), toInt32(branch_n), toBool(in_branch_top))
            ],
            [
                tuple('college', org_id,
                    if(is_ranked_branch, toNullable(members_in_top), null), if(is_ranked_branch, toNullable(members_ranked), null),
                    if(is_ranked_branch, toNullable(toInt32(rank_of_branch)), null), toInt32(branches_n), toBool(0))
            ]
        ) as places
    from ranked_branches
),

-- What the runs that others are compared with say, if they were sealed.
stored as (
    select run_id, subject_kind, subject_id, indicator_code, groupArray(tuple(population_kind, population_org_id, rank)) as ranks
    from {{ ref('stg_evaluation_result') }}
    where tenant_id in {{ wanted_tenants() }} and run_id in (select compared_run_id from subjects where compared_run_id is not null)
    group by run_id, subject_kind, subject_id, indicator_code
),

-- Beside each subject its ranks in all runs, to find those in the compared one.
compared as (
    select *, groupArray(tuple(run_id, ranks)) over (partition by subject_kind, subject_id, indicator_code) as ranks_by_run
    from (
        select 1 as is_shown, run_id, subject_kind, subject_id, group_org_id, indicator_code, places, arrayMap(x -> tuple(x.1, x.2, x.5), places) as ranks
        from results
        union all
        select 0, run_id, subject_kind, subject_id, 0, indicator_code, [], ranks
        from stored
    )
)

select
    {{ built_at() }},
    r.tenant_id as tenant_id, c.run_id as run_id, r.run_org_id as run_org_id, r.run_state as run_state, r.period_id as period_id,
    r.scheme_version_id as scheme_version_id, r.as_of_on as as_of_on,
    c.place.1 as population_kind, c.place.2 as population_org_id,
    c.subject_kind as subject_kind, c.subject_id as subject_id, c.group_org_id as group_org_id, c.indicator_code as indicator_code,
    c.place.3 as score_num, c.place.4 as score_den, c.place.5 as rank, c.place.6 as of_n, c.place.7 as is_top,
    arrayFirst(
        x -> x.1 = c.place.1 and x.2 = c.place.2, arrayFirst(x -> x.1 = ifNull(r.compared_run_id, ''), c.ranks_by_run).2
    ).3 as prev_rank
from (select * except (places), arrayJoin(places) as place from compared where is_shown) c
inner join (
    select distinct tenant_id, run_id, org_id as run_org_id, run_state, period_id, scheme_version_id, as_of_on, compared_run_id
    from subjects
) r on r.run_id = c.run_id
