{{ config(materialized='kept', order_by='tenant_id, org_id', changes=['party_org', 'tenant']) }}

with tree as (
    select
        tenant_id, id as org_id, toNullable(parent_id) as parent_id, toNullable(id) as parent_key,
        code, short_name, full_name, kind, category
    from {{ ref('stg_party_org') }}
    where tenant_id in {{ wanted_tenants() }}
),

climbed as (
    select
        o.tenant_id as tenant_id,
        o.org_id as org_id,
        o.code as code, o.short_name as short_name, o.full_name as full_name, o.kind as kind, o.category as category,
        reverse(arrayMap(x -> toString(assumeNotNull(x)), arrayFilter(x -> isNotNull(x), [
            toNullable(o.org_id), o.parent_id{% for n in range(1, levels()) %}, p{{ n }}.parent_id{% endfor %}
        ]))) as path
    from tree o
    {% for n in range(1, levels()) %}
    left join tree p{{ n }} on p{{ n }}.parent_key = {{ 'o' if n == 1 else 'p' ~ (n - 1) }}.parent_id
    {% endfor %}
)

select
    {{ built_at() }},
    c.tenant_id as tenant_id,
    c.org_id as org_id,
    c.code as code,
    c.short_name as short_name,
    c.full_name as full_name,
    c.kind as kind,
    c.category as category,
    toUInt8(length(c.path) - 1) as depth,
    {% for n in range(levels()) %}
    c.path[{{ n + 1 }}] as l{{ n }},
    {% endfor %}
    -- The tenant's row lands before the rows of the tree that belong to it. Until all have landed no version is claimed, and the
    -- readers' row security matches nothing: a former superior would otherwise still see the branch that has left.
    if({{ has_landed('t._version', 'a') }}, toString(t.tree_version), '') as tree_version
from {{ applied() }} a
cross join climbed c
inner join {{ ref('int_landed_tenant') }} t on t.tenant_id = c.tenant_id
-- Deeper trees than the scope columns can say are left out rather than shown to the wrong people.
where length(c.path) <= {{ levels() }}
