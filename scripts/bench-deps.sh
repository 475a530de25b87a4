#!/bin/sh
# Installs the readers of other people that `go run ./bench/run -only engine`
# measures beside the engine. Does nothing where all is there; what cannot be had
# is named, and the bench names it again.
set -eu
cd "$(dirname "$0")/../bench/peers"

missing=
for c in node:nodejs npm:npm jq:jq python3:python3 g++:g++; do
	command -v "${c%:*}" >/dev/null || missing="$missing ${c#*:}"
done
test -e /usr/include/simdjson.h || missing="$missing libsimdjson-dev"

if test -n "$missing"; then
	if command -v apt-get >/dev/null; then
		sudo=
		test "$(id -u)" = 0 || sudo=sudo
		$sudo apt-get update -qq
		# shellcheck disable=SC2086 # a list
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing ||
			echo "not to be had:$missing" >&2
	else
		echo "not to be had without apt-get:$missing" >&2
	fi
fi

# what is installed is told by a copy of the lock file beside it
if ! cmp -s package-lock.json node_modules/.installed; then
	if npm ci --no-progress --loglevel=error; then
		cp package-lock.json node_modules/.installed
	else
		echo "not to be had: DuckDB and polars, from npm" >&2
	fi
fi

if ! PYTHONPATH=python python3 -c 'import orjson' 2>/dev/null; then
	python3 -m pip install -q --disable-pip-version-check --retries 0 --target python orjson==3.10.18 2>/dev/null ||
		echo "not to be had: orjson, from pip" >&2
fi
