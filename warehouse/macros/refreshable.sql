{#
  A table that ClickHouse itself keeps fresh: a refreshable materialized view `<name>__refresh` writes it anew and swaps it in whole,
  so that a reader sees the old or the new rows, never a mixture. Each waits for int_applied (DEPENDS ON), so what a table claims
  (_as_of_lsn) was read before its rows.

  The view of int_applied is the clock (macro start_clock, made after all others): it looks once a second and fails on purpose while
  there is nothing new, and then nothing behind it runs. Only planning these statements once a second for
  nothing would cost half a processor. A refresh that fails for another reason is tried again until it succeeds.

  A changed model is computed into a new table first and swapped, and nothing at all happens when it has not changed.

  Every table but int_applied (clock=true) has one row of defaults (tenant_id 0) beside its own, which carries the claim, so that an
  empty result, too, says how fresh it is. Config: order_by; clock.
#}
{% materialization refreshable, adapter="clickhouse" %}
    {%- set target = this.incorporate(type="table") -%}
    {%- set table_name = this.schema ~ "." ~ this.identifier -%}
    {%- set view_name = table_name ~ "__refresh" -%}
    {%- set next_name = table_name ~ "__next" -%}
    {%- set order_by = config.require("order_by") -%}
    {%- set is_clock = config.get("clock", false) -%}
    {%- set schedule -%}
        refresh every {{ var("refresh_every") }}
        depends on intermediate.int_applied__refresh
        settings refresh_retries = -1, refresh_retry_initial_backoff_ms = 1000, refresh_retry_max_backoff_ms = 10000
    {%- endset -%}
    {%- set fingerprint = local_md5(sql ~ schedule ~ order_by) -%}

    {{ run_hooks(pre_hooks) }}
    {%- set found = run_query("select name, comment from system.tables where database = '" ~ this.schema ~ "' and name in ('" ~ this.identifier ~ "', '" ~ this.identifier ~ "__refresh')") -%}
    {%- set comments = {} -%}
    {%- for row in found.rows -%}{%- do comments.update({row[0]: row[1]}) -%}{%- endfor -%}
    {%- set kept = comments.get(this.identifier) if is_clock else comments.get(this.identifier ~ "__refresh") -%}

    {% if this.identifier in comments and kept == fingerprint %}
        {% call statement("main") %} select 1 {% endcall %}
    {% else %}
        {% do run_query("drop view if exists " ~ view_name ~ " sync") %}
        {% do run_query("drop table if exists " ~ next_name ~ " sync") %}
        {% do run_query("create table " ~ next_name ~ " engine = " ~ ("ReplacingMergeTree(_built_at)" if is_clock else "MergeTree") ~ " order by (" ~ order_by ~ ") settings allow_nullable_key = 1 empty as " ~ sql ~ " comment '" ~ (fingerprint if is_clock else "") ~ "'") %}
        {%- set query = sql ~ ("" if is_clock else " union all " ~ marker_row(next_name)) ~ " settings join_use_nulls = 1" -%}
        {% call statement("main") %} insert into {{ next_name }} {{ query }} {% endcall %}
        {% if this.identifier in comments %}
            {% do run_query("exchange tables " ~ next_name ~ " and " ~ table_name) %}
            {% do run_query("drop table " ~ next_name ~ " sync") %}
        {% else %}
            {% do run_query("rename table " ~ next_name ~ " to " ~ table_name) %}
        {% endif %}
        {% if not is_clock %}
            {% do run_query("create materialized view " ~ view_name ~ " " ~ schedule ~ " to " ~ table_name ~ " as " ~ query ~ " comment '" ~ fingerprint ~ "'") %}
        {% endif %}
    {% endif %}
    {{ run_hooks(post_hooks) }}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}

{# A row of defaults with the newest claim; columns as in the table that was just made. #}
{% macro marker_row(table_name) %}
    {%- set found = run_query("select name, type from system.columns where database || '.' || table = '" ~ table_name ~ "' order by position") -%}
    {%- set columns = [] -%}
    {%- for row in found.rows -%}
        {%- if row[0] in ("_as_of", "_as_of_lsn") -%}
            {%- do columns.append("max(" ~ row[0] ~ ") as " ~ row[0]) -%}
        {%- elif row[0] == "_built_at" -%}
            {%- do columns.append("now64(3, 'UTC') as _built_at") -%}
        {%- else -%}
            {%- do columns.append("defaultValueOfTypeName('" ~ row[1] | replace("'", "\\'") ~ "') as " ~ row[0]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return("select " ~ columns | join(", ") ~ " from (select * from intermediate.int_applied order by _built_at desc limit 1)") }}
{% endmacro %}

{# A row of int_applied: how far the stream has come. #}
{% macro applied_now(relation) %}
    select
        s.as_of as _as_of,
        s.as_of_lsn as _as_of_lsn,
        s.as_of_lsn_text as as_of_lsn_text,
        greatest(s.as_of_lsn, s.checked_lsn) as landed_lsn,
        s.epoch as epoch,
        now64(3, 'UTC') as _built_at
    from {{ relation }} s
{% endmacro %}

{# The newest row of int_applied. Read it as a table and the data through views: a table is fixed before any view is opened. #}
{% macro applied() -%}
    (select * from {{ ref('int_applied') }} order by _built_at desc limit 1)
{%- endmacro %}

{# The claim of a mart that is a view, as columns. Constants are computed before the data is read. #}
{% macro claim_columns() -%}
    (select argMax(_as_of, _built_at) from {{ ref('int_applied') }}) as _as_of,
    (select argMax(_as_of_lsn, _built_at) from {{ ref('int_applied') }}) as _as_of_lsn
{%- endmacro %}

{#
  The view behind int_applied. It passes when the stream has brought something new, and again when a table behind it has not caught up
  within five seconds (its refresh overlapped, failed or was cut); else it fails with code 395 and is tried again: only a view that is still
  trying holds back those that depend on it, one that has given up does not. It appends, because making a table anew for each look costs
  more than the look.
#}
{% macro start_clock() %}
    {% if execute and flags.WHICH in ("run", "build") %}
        {%- set claims = [] -%}
        {%- for other in graph.nodes.values() if other.config.materialized == "refreshable" and not other.config.get("clock") -%}
            {%- do claims.append("(select max(_as_of_lsn) from intermediate." ~ other.name ~ " where tenant_id = 0)") -%}
        {%- endfor -%}
        {%- set query -%}
            with
                (select tuple(max(as_of_lsn), max(epoch)) from staging.stg_applied) as newest,
                [{{ claims | sort | join(", ") }}] as claims
            select n.* from ({{ applied_now('staging.stg_applied') }}) n
            where throwIf(
                exists(
                    select 1 from intermediate.int_applied i
                    where i._as_of_lsn = newest.1 and i.epoch = newest.2
                        and (i._built_at > now64(3, 'UTC') - interval 5 second or arrayAll(c -> c = newest.1, claims))
                ),
                'nothing new'
            ) = 0
        {%- endset -%}
        {#- The engine keeps these times in whole seconds: a pause of less than one would be none at all. -#}
        {%- set schedule -%}
            refresh every {{ var("refresh_every") }}
            settings refresh_retries = -1, refresh_retry_initial_backoff_ms = 1000, refresh_retry_max_backoff_ms = 1000
            append
        {%- endset -%}
        {%- set fingerprint = local_md5(query ~ schedule) -%}
        {%- set found = run_query("select comment from system.tables where database = 'intermediate' and name = 'int_applied__refresh'") -%}
        {%- if not (found.rows and found.rows[0][0] == fingerprint) -%}
            {% do run_query("drop view if exists intermediate.int_applied__refresh sync") %}
            {% do run_query("create materialized view intermediate.int_applied__refresh " ~ schedule ~ " to intermediate.int_applied as " ~ query ~ " comment '" ~ fingerprint ~ "'") %}
        {%- endif -%}
    {% endif %}
{% endmacro %}
