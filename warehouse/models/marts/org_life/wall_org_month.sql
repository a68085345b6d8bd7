select
    r.tenant_id as tenant_id,
    r.org_id as org_id,
    r.month as month,
    r.measure as measure,
    r.category as category,
    r.numerator as numerator,
    r.denominator as denominator,
    r.is_hidden as is_hidden,
    {{ org_columns('l') }},
    {{ scope_columns('l') }},
    r._as_of as _as_of,
    r._as_of_lsn as _as_of_lsn
from {{ ref('int_wall_month') }} r
inner join {{ ref('int_org_level') }} l on l.org_id = r.org_id and l.tenant_id = r.tenant_id
where r.tenant_id > 0
