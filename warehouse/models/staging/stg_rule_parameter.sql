-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    tenant_id,
    key,
    org_id,
    value,
    severity,
    document,
    article,
    valid_from,
    valid_to,
    created_at,
    updated_at
from {{ source('raw', 'rule_parameter') }} final
where _deleted = 0
