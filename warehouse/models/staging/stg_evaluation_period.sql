-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    tenant_id,
    org_id,
    year,
    ordinal,
    starts_on,
    ends_on,
    created_at,
    updated_at
from {{ source('raw', 'evaluation_period') }} final
where _deleted = 0
