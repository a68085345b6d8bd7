{{ config(
    materialized='kept',
    order_by='run_id, subject_kind, subject_id',
    changes=[
        'evaluation_run', 'evaluation_period', 'evaluation_branch', 'scheme_version', 'org_succession', 'membership', 'person_status', 'person',
    ],
) }}

-- Who is compared in the open runs: the evaluated branches, and the full and probationary members with a direct membership on the as-of day.
{% set run_columns = [
    'tenant_id', 'run_id', 'run_state', 'org_id', 'period_id', 'starts_on', 'ends_on', 'as_of_on', 'scheme_version_id', 'top_share_bp',
    'compared_run_id'
] %}
-- Each evaluated branch with the organisations whose members count for it: itself, unless it was merged, and those merged into it.
with branches as (
    select
        {% for column in run_columns %}r.{{ column }} as {{ column }}, {% endfor %}
        b.org_id as group_org_id,
        arrayConcat(if(h.heir_id is null, [b.org_id], []), ifNull(f.from_org_ids, [])) as member_org_ids
    from (select * from {{ ref('int_evaluation_run') }} where tenant_id in {{ wanted_tenants() }}) r
    inner join {{ ref('stg_evaluation_branch') }} b on b.period_id = r.period_id and b.tenant_id = r.tenant_id
    left join (select tenant_id, as_of_on, org_id, toNullable(heir_id) as heir_id from {{ ref('int_org_heir') }}) h
        on h.tenant_id = r.tenant_id and h.as_of_on = r.as_of_on and h.org_id = b.org_id
    left join (
        select tenant_id, as_of_on, heir_id, groupArray(org_id) as from_org_ids
        from {{ ref('int_org_heir') }}
        group by tenant_id, as_of_on, heir_id
    ) f on f.tenant_id = r.tenant_id and f.as_of_on = r.as_of_on and f.heir_id = b.org_id
),

-- The branch itself is one more candidate beside its members, so that one without any still has its row.
candidates as (
    select
        {{ run_columns | join(', ') }}, group_org_id,
        arrayJoin(arrayConcat([tuple('branch', 0)], arrayMap(o -> tuple('person', o), member_org_ids))) as candidate,
        candidate.1 as subject_kind,
        candidate.2 as member_org_id
    from branches
),

subjects as (
    select
        {% for column in run_columns %}c.{{ column }} as {{ column }}, {% endfor %}
        c.group_org_id as group_org_id, c.subject_kind as subject_kind,
        if(c.subject_kind = 'branch', toString(c.group_org_id), m.person_id) as subject_id,
        m.from_day as from_day,
        m.membership_id as membership_id
    from candidates c
    left join {{ membership_days() }} m on m.tenant_id = c.tenant_id and m.org_id = c.member_org_id
    where c.subject_kind = 'branch' or (m.from_day <= c.as_of_on and m.to_day > c.as_of_on)
)

select
    {{ built_at() }}, {{ run_columns | join(', ') }}, subject_kind, subject_id,
    -- At most one direct membership holds on a day; while the rows of a move are still landing two may, then the newer counts.
    argMax(group_org_id, tuple(from_day, membership_id)) as group_org_id
from subjects
group by {{ run_columns | join(', ') }}, subject_kind, subject_id
