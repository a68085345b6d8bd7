-- Tenants with the version of their row in the log.
select id as tenant_id, tree_version, _version
from {{ source('raw', 'tenant') }} final
where _deleted = 0
