-- Changes exactly when some mart may have changed: Cube asks for it before it answers from its cache.
select concat(
    toString((select argMax(_as_of_lsn, _built_at) from {{ ref('int_applied') }})), '-',
    toString((select max(_built_at) from {{ ref('int_claim') }}))
) as version
