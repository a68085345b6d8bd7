-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    run_id,
    subject_kind,
    subject_id,
    indicator_code,
    tenant_id,
    group_org_id,
    value_num,
    value_den,
    created_at,
    updated_at
from {{ source('raw', 'evaluation_value') }} final
where _deleted = 0
