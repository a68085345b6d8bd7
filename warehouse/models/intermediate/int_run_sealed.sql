-- Runs that were sealed: those whose sealing transaction has landed whole. Until then a run is shown as it was computed.
select r.run_id as run_id, r.tenant_id as tenant_id, r.period_id as period_id, r.scheme_version_id as scheme_version_id, r.as_of_on as as_of_on
from {{ applied() }} a
cross join {{ ref('int_landed_run') }} r
where r.state = 'sealed' and {{ has_landed('r._version', 'a') }}
