-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    scheme_version_id,
    indicator_id,
    tenant_id,
    weight,
    direction,
    missing,
    created_at,
    updated_at
from {{ source('raw', 'scheme_item') }} final
where _deleted = 0
