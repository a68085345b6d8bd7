{{ config(materialized='refreshable', order_by='tuple()') }}

-- Refreshed before everything else: what a mart claims (_as_of_lsn) must be read before the mart's rows, else it claims too much.
select
    as_of as _as_of,
    as_of_lsn as _as_of_lsn,
    as_of_lsn_text,
    greatest(as_of_lsn, checked_lsn) as landed_lsn,
    epoch,
    now64(3, 'UTC') as _built_at
from {{ ref('stg_applied') }}
