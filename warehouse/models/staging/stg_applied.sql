-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    as_of,
    as_of_lsn,
    as_of_lsn_text,
    checked_at,
    checked_lsn,
    epoch
from {{ source('raw', '_applied') }} final
