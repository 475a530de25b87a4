-- +goose Up
-- An upload is how the bytes of one file come: what of them is committed, and
-- who may add to it. One without a file is a piece of a later upload.
CREATE TABLE uploads (
	id              TEXT PRIMARY KEY,
	file_id         TEXT NOT NULL DEFAULT '',
	protocol        TEXT NOT NULL,
	state           TEXT NOT NULL,
	object_key      TEXT NOT NULL,
	handle          TEXT NOT NULL,
	size            BIGINT NOT NULL,
	part_size       BIGINT NOT NULL,
	committed       BIGINT NOT NULL DEFAULT 0,
	epoch           BIGINT NOT NULL DEFAULT 0,
	plan            BLOB NOT NULL DEFAULT x'',
	sha256          TEXT NOT NULL DEFAULT '',
	metadata        TEXT NOT NULL DEFAULT '',
	pieces          TEXT NOT NULL DEFAULT '[]',
	concat          TEXT NOT NULL DEFAULT '',
	part_of         TEXT NOT NULL DEFAULT '',
	idempotency_key TEXT NOT NULL DEFAULT '',
	request_hash    TEXT NOT NULL DEFAULT '',
	actor           TEXT NOT NULL,
	records         BIGINT NOT NULL DEFAULT 0,
	errors          BIGINT NOT NULL DEFAULT 0,
	warnings        BIGINT NOT NULL DEFAULT 0,
	bad             BIGINT NOT NULL DEFAULT 0,
	why             TEXT NOT NULL DEFAULT '',
	created         BIGINT NOT NULL,
	updated         BIGINT NOT NULL,
	expires         BIGINT NOT NULL
);
CREATE INDEX uploads_of ON uploads (file_id);
CREATE INDEX uploads_by_state ON uploads (state, updated, id);
CREATE UNIQUE INDEX uploads_by_key ON uploads (actor, idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX uploads_by_pieces ON uploads (pieces) WHERE pieces <> '[]';

-- what is committed of an upload that is open; parts of a file that is whole are in parts
CREATE TABLE upload_parts (
	upload_id TEXT NOT NULL,
	number    BIGINT NOT NULL,
	at        BIGINT NOT NULL,
	size      BIGINT NOT NULL,
	checked   BIGINT NOT NULL,
	crc64nvme BIGINT NOT NULL,
	tree      BLOB NOT NULL,
	etag      TEXT NOT NULL DEFAULT '',
	plan_hash TEXT NOT NULL DEFAULT '',
	summary   BLOB NOT NULL,
	bulk      BLOB NOT NULL,
	bulk_key  TEXT NOT NULL DEFAULT '',
	records   BIGINT NOT NULL DEFAULT 0,
	errors    BIGINT NOT NULL DEFAULT 0,
	warnings  BIGINT NOT NULL DEFAULT 0,
	bad       BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (upload_id, number)
);

-- the place of the bytes of an upload is a fact of the upload
ALTER TABLE files DROP COLUMN handle;
CREATE INDEX files_by_sha256 ON files (sha256, size) WHERE sha256 <> '';

-- +goose Down
DROP INDEX files_by_sha256;
ALTER TABLE files ADD COLUMN handle TEXT NOT NULL DEFAULT '';
DROP TABLE upload_parts;
DROP TABLE uploads;
