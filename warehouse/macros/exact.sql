{#
  Exact arithmetic on quotients of whole numbers. No floats: sums of floats differ in the last bit from run to run and break ties.
#}

{# Sorts quotients exactly: two different quotients of 64-bit numbers are at least 10^-38 apart, equal ones give the same number. #}
{% macro sort_key(numerator, denominator) -%}
    intDiv(toInt256({{ numerator }}) * toInt256('100000000000000000000000000000000000000'), toInt256({{ denominator }}))
{%- endmacro %}

{# Highest rank that is still in the top share: ⌈share × ranked⌉, the share in ten-thousandths. #}
{% macro top_edge(ranked, top_share_bp) -%}
    intDiv(toInt64({{ ranked }}) * toInt64({{ top_share_bp }}) + 9999, 10000)
{%- endmacro %}

{#
  score_v1: mean of quotients weighted by whole numbers, in lowest terms, as a tuple (numerator, denominator); both NULL when one value
  is missing or there is none. A formula that a sealed run has used never changes; a new idea is score_v2.
  Arguments: a relation and its columns, arrays of equal length; numerators and denominators Nullable(Int64), weights Int32.
  Gives the relation with one more column, `overall`. In steps, because ClickHouse plans an expression again wherever it is repeated.
#}
{% macro score_v1(relation, numerators, denominators, weights) -%}
    (
        select
            * except (common, total, whole, divisor),
            if(empty({{ denominators }}) or arrayExists(d -> isNull(d), {{ denominators }}),
                tuple(cast(null, 'Nullable(Int64)'), cast(null, 'Nullable(Int64)')),
                tuple(
                    toNullable(accurateCast(intDiv(total, divisor), 'Int64')),
                    toNullable(accurateCast(intDiv(whole, divisor), 'Int64')))) as overall
        from (
            -- gcd of wide integers refuses 0, so a mean of 0 is reduced by its denominator. Both branches of `if` may be computed for every row.
            select *, toInt256(gcd(if(total = 0, greatest(whole, 1), total), greatest(whole, 1))) as divisor
            from (
                select
                    *,
                    arrayFold((acc, n, d, w) -> acc + toInt256(ifNull(n, 0)) * toInt256(w) * intDiv(common, toInt256(ifNull(d, 1))),
                        {{ numerators }}, {{ denominators }}, {{ weights }}, toInt256(0)) as total,
                    common * arrayFold((acc, w) -> acc + toInt256(w), {{ weights }}, toInt256(0)) as whole
                from (
                    select *, arrayFold((acc, d) -> toInt256(lcm(acc, toInt256(ifNull(d, 1)))), {{ denominators }}, toInt256(1)) as common
                    from {{ relation }}
                )
            )
        )
    )
{%- endmacro %}
