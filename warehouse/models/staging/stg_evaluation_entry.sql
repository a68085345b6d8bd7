-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    tenant_id,
    period_id,
    person_id,
    indicator_id,
    value_bp,
    group_org_id,
    import_row_id,
    created_at,
    updated_at
from {{ source('raw', 'evaluation_entry') }} final
where _deleted = 0
