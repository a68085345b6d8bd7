-- Changes exactly when some mart may have changed: Cube asks for it before it answers from its cache.
select concat(
    toString((select argMax(_as_of_lsn, _built_at) from {{ ref('int_applied') }})), '-',
    toString((select max(_built_at) from {{ ref('int_attendance') }} where tenant_id = 0)), '-',
    toString((select max(_built_at) from {{ ref('int_org_level') }} where tenant_id = 0)), '-',
    toString((select max(_built_at) from {{ ref('int_org_month') }} where tenant_id = 0)), '-',
    toString((select max(_built_at) from {{ ref('int_evaluation_open') }} where tenant_id = 0))
) as version
