#!/bin/sh
# Builds servers that tests run against, S3 stores and an authority, and keeps them, a file a version:
# a cold run takes minutes, a second one nothing. The versions are those that
# internal/servers asks for.
set -eu
cd "$(dirname "$0")/.."

bin="${XDG_CACHE_HOME:-$HOME/.cache}/freshet-servers/bin"
mkdir -p "$bin"

# version FILE CONSTANT
version() {
	sed -n "s/^const $2 = \"\(.*\)\"$/\1/p" "internal/servers/$1"
}

# build NAME VERSION PACKAGE
build() {
	test ! -x "$bin/$1-$2" || return 0
	echo "building $1 $2; this is done once" >&2
	temp=$(mktemp -d "$bin/.build-XXXXXX")
	# as its makers build it, and not by what this project's environment says
	if ! env -u GOEXPERIMENT CGO_ENABLED=0 GOFLAGS=-trimpath GOBIN="$temp" go install -ldflags='-s -w' "$3@$2"; then
		rm -rf "$temp"
		return 1
	fi
	mv "$temp/$1" "$bin/$1-$2" # whoever else is building it does the same
	rmdir "$temp"
}

build versitygw "$(version versitygw.go versitygwVersion)" github.com/versity/versitygw/cmd/versitygw
build minio "$(version minio.go minioVersion)" github.com/minio/minio
build pebble "$(version pebble.go pebbleVersion)" github.com/letsencrypt/pebble/v2/cmd/pebble
