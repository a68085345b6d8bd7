select
    p.tenant_id as tenant_id,
    p.id as period_id,
    p.org_id as org_id,
    p.year as year,
    p.ordinal as ordinal,
    p.starts_on as starts_on,
    p.ends_on as ends_on,
    {{ scope_columns('l') }},
    {{ claim_columns('int_org_level') }}
from {{ ref('stg_evaluation_period') }} p
inner join {{ ref('int_org_level') }} l on l.org_id = p.org_id and l.tenant_id = p.tenant_id
