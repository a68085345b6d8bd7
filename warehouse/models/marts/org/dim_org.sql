select
    o.tenant_id as tenant_id,
    o.id as org_id,
    o.parent_id as parent_id,
    o.kind as kind,
    o.category as category,
    o.code as code,
    o.short_name as short_name,
    o.full_name as full_name,
    l.depth as depth,
    o.opened_on as opened_on,
    o.dissolved_on as dissolved_on,
    {{ scope_columns('l') }},
    {{ claim_columns('int_org_level') }}
from {{ ref('stg_party_org') }} o
inner join {{ ref('int_org_level') }} l on l.org_id = o.id and l.tenant_id = o.tenant_id
