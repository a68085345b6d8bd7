-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    tenant_id,
    parent_id,
    kind,
    code,
    short_name,
    full_name,
    category,
    opened_on,
    dissolved_on,
    created_at,
    updated_at
from {{ source('raw', 'party_org') }} final
where _deleted = 0
