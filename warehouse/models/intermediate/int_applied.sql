{{ config(materialized='incremental', incremental_strategy='append', engine='ReplacingMergeTree(_built_at)', order_by='tuple()') }}

select * from {{ ref('int_applied_now') }}
