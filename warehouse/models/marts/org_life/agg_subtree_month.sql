-- Every record counts for its organisation and for each one above it, by today's tree.
select
    s.tenant_id as tenant_id,
    s.org_id as org_id,
    s.month as month,
    s.measure as measure,
    s.category as category,
    s.numerator as numerator,
    s.denominator as denominator,
    {{ org_columns('t') }},
    {{ scope_columns('t') }},
    {{ claim_columns(org_month_tables()) }}
from (
    select
        r.tenant_id as tenant_id,
        arrayJoin(arrayFilter(x -> x > 0, [{% for n in range(levels()) %}toInt32OrZero(l.l{{ n }}){{ ", " if not loop.last }}{% endfor %}])) as org_id,
        r.month as month,
        r.measure as measure,
        r.category as category,
        sum(r.numerator) as numerator,
        sum(r.denominator) as denominator
    from {{ ref('int_org_month') }} r
    inner join {{ ref('int_org_level') }} l on l.org_id = r.org_id and l.tenant_id = r.tenant_id
    group by tenant_id, org_id, month, measure, category
) s
inner join {{ ref('int_org_level') }} t on t.org_id = s.org_id and t.tenant_id = s.tenant_id
