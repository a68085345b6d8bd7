-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    tenant_id,
    code,
    formula_key,
    tie,
    top_share_bp,
    frozen_at,
    created_at,
    updated_at
from {{ source('raw', 'scheme_version') }} final
where _deleted = 0
