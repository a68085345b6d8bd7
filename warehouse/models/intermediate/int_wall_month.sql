{{ config(materialized='refreshable', order_by='tenant_id, org_id, month, measure, category') }}

{#-
  Own figures by month for walls, with the small ones moved up: where one to four people stand behind a figure, it is counted at the
  superior, together with that of the smallest other subordinate when they would still be fewer than five. So totals stay exact and
  nothing is left to subtract. Bottom up, one pass for each level of the tree.
-#}
with cells_{{ levels() }} as (
    select
        r.tenant_id as tenant_id,
        arrayFilter(x -> x <> '', [{% for n in range(levels()) %}l.l{{ n }}{{ ", " if not loop.last }}{% endfor %}]) as path,
        r.month as month, r.measure as measure, r.category as category, r.numerator as numerator, r.denominator as denominator,
        -- Who stands behind a figure: members themselves, or those expected at meetings. Meetings and duties are not people.
        multiIf(r.measure = 'members', r.numerator, r.measure = 'attendance', ifNull(r.denominator, 0), toInt64(0)) as people
    from {{ ref('int_org_month') }} r
    inner join {{ ref('int_org_level') }} l on l.org_id = r.org_id and l.tenant_id = r.tenant_id
    where r.tenant_id > 0
)

{% for n in range(levels() - 1, 0, -1) %}
, cells_{{ n }} as (
    select
        s.tenant_id as tenant_id, s.place as path, s.month as month, s.measure as measure, s.category as category,
        sum(s.numerator) as numerator,
        sum(s.denominator) as denominator,
        sum(s.people) as people
    from (
        select
            tenant_id, month, measure, category, numerator, denominator, people,
            if(is_small or (moved > 0 and moved < 5 and is_other and next_other = 1), superior, path) as place
        from (
            select
                *,
                length(path) = {{ n + 1 }} and people between 1 and 4 as is_small,
                length(path) = {{ n + 1 }} and people > 4 as is_other,
                sumIf(people, is_small) over (partition by tenant_id, superior, month, measure, category) as moved,
                row_number() over (partition by tenant_id, superior, month, measure, category order by not is_other, people, path) as next_other
            from (select *, if(length(path) = {{ n + 1 }}, arrayPopBack(path), path) as superior from cells_{{ n + 1 }})
        )
    ) s
    group by s.tenant_id, s.place, s.month, s.measure, s.category
)
{% endfor %}

select
    a._as_of as _as_of,
    a._as_of_lsn as _as_of_lsn,
    now64(3, 'UTC') as _built_at,
    c.tenant_id as tenant_id,
    toInt32OrZero(c.path[-1]) as org_id,
    c.month as month,
    c.measure as measure,
    c.category as category,
    -- The last resort of a tenant with fewer than five people in all.
    if(c.people between 1 and 4, null, toNullable(c.numerator)) as numerator,
    if(c.people between 1 and 4, null, c.denominator) as denominator,
    c.people between 1 and 4 as is_hidden
from {{ applied() }} a
cross join cells_1 c
