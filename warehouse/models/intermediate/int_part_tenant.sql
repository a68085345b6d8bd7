-- Parts of what is kept by tenant.
select id as tenant_id, '' as month from {{ ref('stg_tenant') }}
