-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    tenant_id,
    org_id,
    group_id,
    kind,
    held_on,
    starts_at,
    ends_at,
    check_in_opens_at,
    late_after,
    check_out_required,
    audience,
    state,
    published_at,
    closed_at,
    voided_at,
    version,
    created_by,
    created_at,
    updated_at
from {{ source('raw', 'meeting') }} final
where _deleted = 0
