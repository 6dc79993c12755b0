#!/bin/sh
# Runs once, when the database is made: the role by which the portal serves. What it may do, `onestop migrate` grants.
set -eu
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set=password="$PORTAL_PASSWORD" <<'SQL'
CREATE ROLE onestop_app LOGIN PASSWORD :'password';
SQL
