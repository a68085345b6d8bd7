-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    tenant_id,
    person_id,
    identity,
    valid_from,
    valid_to,
    recorded_at,
    superseded_at,
    created_at,
    updated_at
from {{ source('raw', 'person_status') }} final
where _deleted = 0
