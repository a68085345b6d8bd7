{{ config(materialized='incremental', engine='ReplacingMergeTree(_built_at)', order_by='name') }}

-- The refresher writes it, and who makes a kept table anew; dbt only makes it.
select
    '' as name,
    toDateTime64(0, 3, 'UTC') as _as_of,
    toUInt64(0) as _as_of_lsn,
    toUInt128(0) as _landed,
    toUInt64(0) as _sources,
    toDateTime64(0, 3, 'UTC') as _built_at
from numbers(0)
