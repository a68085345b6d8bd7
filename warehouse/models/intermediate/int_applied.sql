{{ config(
    materialized='table',
    engine='ReplacingMergeTree(_built_at)',
    order_by='tuple()',
    pre_hook="drop view if exists intermediate.int_applied__refresh sync",
) }}

select * from {{ ref('int_applied_now') }}
