-- Parts of what is kept by tenant and month.
select distinct tenant_id, formatDateTime(held_on, '%Y-%m') as month from {{ ref('stg_meeting') }}
