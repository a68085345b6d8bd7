-- Runs that are computed: live and preview ones.
with runs as (
    select
        r.run_id as run_id,
        r.tenant_id as tenant_id,
        r.org_id as org_id,
        r.period_id as period_id,
        r.scheme_version_id as scheme_version_id,
        r.as_of_on as as_of_on,
        r.previous_run_id as previous_run_id,
        -- A run is computed until all rows of the transaction that sealed it have landed.
        if(r.state = 'sealed', 'preview', r.state) as run_state
    from {{ applied() }} a
    cross join {{ ref('int_landed_run') }} r
    where r.state <> 'sealed' or not ({{ has_landed('r._version', 'a') }})
)

select
    r.tenant_id as tenant_id,
    r.run_id as run_id,
    r.run_state as run_state,
    r.org_id as org_id,
    r.period_id as period_id,
    p.starts_on as starts_on,
    p.ends_on as ends_on,
    r.as_of_on as as_of_on,
    r.scheme_version_id as scheme_version_id,
    s.top_share_bp as top_share_bp,
    -- A change of rank is only meant between two runs of the same committee and scheme version.
    if(b.scheme_version_id = r.scheme_version_id and b.org_id = r.org_id, b.run_id, null) as compared_run_id
from runs r
inner join {{ ref('stg_evaluation_period') }} p on p.id = r.period_id and p.tenant_id = r.tenant_id
inner join {{ ref('stg_scheme_version') }} s on s.id = r.scheme_version_id and s.tenant_id = r.tenant_id
left join (
    select tenant_id, toNullable(id) as run_id, toNullable(scheme_version_id) as scheme_version_id, toNullable(org_id) as org_id
    from {{ ref('stg_evaluation_run') }}
) b on b.run_id = r.previous_run_id and b.tenant_id = r.tenant_id
