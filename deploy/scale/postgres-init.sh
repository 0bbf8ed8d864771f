#!/bin/sh
# Runs once, when PostgreSQL makes its data directory: an account that owns its database and nothing else.
set -eu
psql --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname postgres \
    --set ON_ERROR_STOP=1 --set password="$(cat /run/secrets/database_password)" <<'EOT'
create role batiyoun login password :'password';
create database batiyoun owner batiyoun;
revoke all on database batiyoun from public;
EOT
