-- Figures for walls: organisation including everything below it, with the cells of one to four people hidden.
-- Where a total is shown, one hidden part would follow from it; so a second part of the same superior goes with it: the smallest above 0.
with cells as (
    select
        s.*,
        -- Figures about people are small when few people stand behind them: members themselves, or those expected at a meeting.
        if(measure = 'members', numerator, if(measure = 'attendance', ifNull(denominator, 0), null)) as people
    from (
        select
            tenant_id, org_id, month, measure,
            sum(numerator) as numerator,
            sum(denominator) as denominator,
            {% for column in ['org_code', 'org_short_name', 'org_full_name', 'org_kind', 'org_category', 'parent_org_id', 'tree_version', '_as_of', '_as_of_lsn'] %}
            any({{ column }}) as {{ column }},
            {% endfor %}
            {% for n in range(levels()) %}
            any(scope_l{{ n }}) as scope_l{{ n }}{{ "," if not loop.last }}
            {% endfor %}
        from {{ ref('agg_subtree_month') }}
        group by tenant_id, org_id, month, measure
    ) s
),

-- What a superior's figure holds beside those of its subordinates is one more part of it: records of its own.
parts as (
    select
        *,
        people between 1 and 4 as is_small,
        sum(people between 1 and 4) over (partition by tenant_id, parent_org_id, month, measure) as small_parts,
        sum(if(people between 1 and 4, people, 0)) over (partition by tenant_id, parent_org_id, month, measure) as small_sum,
        row_number() over (
            partition by tenant_id, parent_org_id, month, measure
            order by people between 1 and 4, ifNull(people, 0) = 0, people, org_id
        ) as partner_order
    from cells
)

select
    tenant_id, org_id, month, measure,
    is_small or (people is not null and small_parts > 0 and parent_org_id > 0 and (small_parts = 1 or small_sum < 5) and partner_order = 1) as is_hidden,
    if(is_hidden, null, numerator) as numerator,
    if(is_hidden, null, denominator) as denominator,
    org_code, org_short_name, org_full_name, org_kind, org_category, parent_org_id,
    {% for n in range(levels()) %}scope_l{{ n }}, {% endfor %}
    tree_version, _as_of, _as_of_lsn
from parts
