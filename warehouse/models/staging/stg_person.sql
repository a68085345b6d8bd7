-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    tenant_id,
    birth_year,
    sex,
    ethnicity,
    education,
    joined_on,
    converted_on,
    merged_into_id,
    version,
    created_at,
    updated_at
from {{ source('raw', 'person') }} final
where _deleted = 0
