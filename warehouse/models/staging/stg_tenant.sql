-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    code,
    root_org_id,
    tree_version,
    created_at,
    updated_at
from {{ source('raw', 'tenant') }} final
where _deleted = 0
