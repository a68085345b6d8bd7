-- No figure of one to four people is left, and the sums are those of the figures themselves.
with walls as (
    select tenant_id, month, measure, category, sum(numerator) as numerator, sum(denominator) as denominator, max(is_hidden) as has_hidden
    from {{ ref('wall_org_month') }}
    group by tenant_id, month, measure, category
),

figures as (
    select tenant_id, month, measure, category, sum(numerator) as numerator, sum(denominator) as denominator
    from {{ ref('agg_org_month') }}
    group by tenant_id, month, measure, category
)

select tenant_id, month, measure, category
from {{ ref('wall_org_month') }}
where (measure = 'members' and numerator between 1 and 4) or (measure = 'attendance' and denominator between 1 and 4)
union all
select f.tenant_id, f.month, f.measure, f.category
from figures f
left join walls w on w.tenant_id = f.tenant_id and w.month = f.month and w.measure = f.measure and w.category = f.category
where ifNull(w.has_hidden, 0) = 0 and (ifNull(w.numerator, -1) <> f.numerator or ifNull(w.denominator, -1) <> ifNull(f.denominator, -1))
