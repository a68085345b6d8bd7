-- An organisation deeper than the scope columns would be invisible to everybody.
select o.id
from {{ ref('stg_party_org') }} o
left anti join {{ ref('int_org_level') }} l on l.org_id = o.id and l.tenant_id = o.tenant_id
