-- Own figures by month for walls, with the small ones moved up: where one to four people stand behind a figure, it is counted at the
-- superior, together with that of the smallest other subordinate when they would still be fewer than five; what is small there, too, is
-- counted at the root in the same way. So totals stay exact and nothing is left to subtract.
with cells as (
    select
        r.tenant_id as tenant_id, r.org_id as org_id, r.month as month, r.measure as measure, r.category as category,
        r.numerator as numerator, r.denominator as denominator,
        -- Who stands behind a figure: members themselves, or those expected at meetings. Meetings and duties are not people.
        multiIf(r.measure = 'members', r.numerator, r.measure = 'attendance', ifNull(r.denominator, 0), toInt64(0)) as people,
        toInt32OrZero(l.l0) as root_id,
        if(l.depth = 0, r.org_id, {{ parent_id('l') }}) as superior_id
    from {{ ref('int_org_month') }} r
    inner join {{ ref('int_org_level') }} l on l.org_id = r.org_id and l.tenant_id = r.tenant_id
),

{% for before, target, step in [('cells', 'superior_id', 'at_superior'), ('at_superior', 'root_id', 'at_root')] %}
{{ step }} as (
    select
        s.tenant_id as tenant_id, s.place as org_id, s.month as month, s.measure as measure, s.category as category,
        sum(s.numerator) as numerator, sum(s.denominator) as denominator, sum(s.people) as people,
        any(s.root_id) as root_id
    from (
        select
            tenant_id, month, measure, category, numerator, denominator, people, root_id,
            if(is_small or (moved > 0 and moved < 5 and is_other and next_other = 1), {{ target }}, org_id) as place
        from (
            select
                *,
                people between 1 and 4 and org_id <> {{ target }} as is_small,
                people > 4 and org_id <> {{ target }} as is_other,
                sumIf(people, is_small) over (partition by tenant_id, {{ target }}, month, measure, category) as moved,
                row_number() over (partition by tenant_id, {{ target }}, month, measure, category order by not is_other, people, org_id)
                    as next_other
            from {{ before }}
        )
    ) s
    group by s.tenant_id, s.place, s.month, s.measure, s.category
){{ "," if not loop.last }}
{% endfor %}

select
    r.tenant_id as tenant_id,
    r.org_id as org_id,
    r.month as month,
    r.measure as measure,
    r.category as category,
    -- The last resort of a tenant with fewer than five people in all.
    r.people between 1 and 4 as is_hidden,
    if(is_hidden, null, toNullable(r.numerator)) as numerator,
    if(is_hidden, null, r.denominator) as denominator,
    {{ org_columns('l') }},
    {{ scope_columns('l') }},
    {{ claim_columns(org_month_tables()) }}
from at_root r
inner join {{ ref('int_org_level') }} l on l.org_id = r.org_id and l.tenant_id = r.tenant_id
