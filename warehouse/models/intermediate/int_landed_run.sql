-- Runs that are not waiting or discarded, with the version of their row in the log.
select id as run_id, tenant_id, org_id, period_id, scheme_version_id, as_of_on, previous_run_id, state, _version
from {{ source('raw', 'evaluation_run') }} final
where _deleted = 0 and state in ('live', 'preview', 'sealed')
