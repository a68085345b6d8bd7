-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    from_org_id,
    to_org_id,
    kind,
    on_date,
    tenant_id,
    created_at,
    updated_at
from {{ source('raw', 'org_succession') }} final
where _deleted = 0
