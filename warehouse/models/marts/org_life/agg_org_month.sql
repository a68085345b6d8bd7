select
    r.tenant_id as tenant_id,
    r.org_id as org_id,
    r.month as month,
    r.measure as measure,
    r.category as category,
    r.numerator as numerator,
    r.denominator as denominator,
    {{ org_columns('l') }},
    {{ scope_columns('l') }},
    {{ claim_columns(org_month_tables()) }}
from {{ ref('int_org_month') }} r
inner join {{ ref('int_org_level') }} l on l.org_id = r.org_id and l.tenant_id = r.tenant_id
