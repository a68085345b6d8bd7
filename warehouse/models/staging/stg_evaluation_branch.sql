-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    period_id,
    org_id,
    tenant_id,
    created_at,
    updated_at
from {{ source('raw', 'evaluation_branch') }} final
where _deleted = 0
