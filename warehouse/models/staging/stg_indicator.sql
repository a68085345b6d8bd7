-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    tenant_id,
    code,
    title,
    source,
    created_at,
    updated_at
from {{ source('raw', 'indicator') }} final
where _deleted = 0
