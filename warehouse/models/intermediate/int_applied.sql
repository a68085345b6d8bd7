{{ config(materialized='refreshable', order_by='tuple()', clock=true) }}

{#- Refreshed before everything else: what a mart claims (_as_of_lsn) must be read before the mart's rows, else it claims too much. -#}
{{ applied_now(ref('stg_applied')) }}
