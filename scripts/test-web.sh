#!/bin/sh
# The tests of web/: types, units, browser tests against the built binary, and
# that the pages in web/console/dist are those that its source gives.
set -eu
cd "$(dirname "$0")/../web"

npm run --silent typecheck
npm run --silent test

built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
(cd console && npx vite build --logLevel warn --emptyOutDir --outDir "$built")
if ! diff -r "$built" console/dist >&2; then
	echo "web/console/dist is not what its source gives: make web builds it" >&2
	exit 1
fi
