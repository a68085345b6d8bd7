{# Stops before anything is built when the stream has not made its landing tables yet. #}
{% macro require_landing() %}
    {% if execute %}
        {% set found = run_query("select count() from system.tables where database = 'raw' and name = '_applied'") %}
        {% if found.rows[0][0] | int == 0 %}
            {{ exceptions.raise_compiler_error("raw._applied is missing: start the stream first, it makes the landing tables") }}
        {% endif %}
    {% endif %}
{% endmacro %}

{# Drops what an earlier version of the project has left behind. Only after a whole run without an error. #}
{% macro drop_orphans(results) %}
    {% if execute and flags.WHICH in ("run", "build") and not invocation_args_dict.get("select") and not invocation_args_dict.get("exclude") %}
        {% set failed = results | selectattr("status", "in", ["error", "fail", "skipped"]) | list %}
        {% if not failed %}
            {% set known = ["marts._deployed"] %}
            {% for node in graph.nodes.values() if node.resource_type == "model" %}
                {% do known.append(node.schema ~ "." ~ node.alias) %}
                {% if node.config.materialized == "kept" %}
                    {% do known.append(node.schema ~ "." ~ node.alias ~ "__rows") %}
                {% endif %}
            {% endfor %}
            {% set present = run_query("select database || '.' || name, engine from system.tables where database in ('staging', 'intermediate', 'marts') and not startsWith(name, '.') order by engine in ('View', 'MaterializedView') desc") %}
            {% for row in present.rows if row[0] not in known %}
                {% do log("dropping " ~ row[0] ~ ", which no model makes any more", info=true) %}
                {% do run_query("drop table if exists " ~ row[0] ~ " sync") if row[1] not in ("View", "MaterializedView") else run_query("drop view if exists " ~ row[0] ~ " sync") %}
            {% endfor %}
        {% endif %}
    {% endif %}
{% endmacro %}
