#!/bin/sh
# Runs the server and Vite together: the console at 127.0.0.1:5173 shows a change
# at once, and hands the API on to the server. Ctrl-C ends both.
set -eu
cd "$(dirname "$0")/.."
./scripts/web-deps.sh
bin/freshet serve &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null' EXIT
trap 'exit 130' INT TERM
cd web/console
npx vite
