#!/bin/sh
# Puts a backup that backup.sh made into a new data directory:
#   restore.sh BACKUPS/latest DATA_DIR
# The server must not run there. Needs rsync.
set -eu
test $# = 2 || { echo "usage: $0 BACKUP DATA_DIR" >&2; exit 2; }
test -f "$1/catalog.db" || { echo "$1 has no catalog.db: it is not a backup" >&2; exit 1; }
test ! -e "$2/catalog.db" || { echo "$2 holds an installation; move it away first" >&2; exit 1; }
mkdir -p "$2"
# bytes first: should this break off, there is no catalog that misses them
rsync -a "$1/blobs" "$2/"
test ! -d "$1/audit" || rsync -a "$1/audit" "$2/"
cp "$1/catalog.db" "$2/catalog.db.unfinished"
sync -f "$2"
mv "$2/catalog.db.unfinished" "$2/catalog.db"
echo "restored; own it by the server's user, then start: freshet serve --data-dir $2"
