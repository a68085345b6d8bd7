select
    v.tenant_id as tenant_id,
    v.period_id as period_id,
    v.org_id as org_id,
    v.parent_id as parent_id,
    v.kind as kind,
    v.full_name as full_name,
    {{ scope_columns('l') }},
    {{ claim_columns('int_org_level') }}
from {{ ref('int_org_period') }} v
inner join {{ ref('int_org_level') }} l on l.org_id = v.org_id and l.tenant_id = v.tenant_id
