#!/bin/sh
# Installs what building and testing web/ needs from npm. Does nothing where all
# is there.
set -eu
cd "$(dirname "$0")/../web"

# what is installed is told by a copy of the lock file beside it
if ! cmp -s package-lock.json node_modules/.installed; then
	npm ci --no-progress --no-audit --no-fund --loglevel=error
	cp package-lock.json node_modules/.installed
fi
