{# Databases are called exactly staging, intermediate and marts, without the prefix that dbt would put before them. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
