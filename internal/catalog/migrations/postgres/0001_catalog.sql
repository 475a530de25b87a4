-- +goose Up
-- Times are microseconds since 1970, UTC, by the clock of this server. Text is
-- compared byte by byte, as in SQLite, whatever the database's locale.
--
-- A later file must leave nodes of the version before it working: it adds tables,
-- columns with a default and indexes (CONCURRENTLY, with NO TRANSACTION), and
-- takes away only what no released version reads or writes.
CREATE TABLE files (
	id               TEXT COLLATE "C" PRIMARY KEY,
	name             TEXT COLLATE "C" NOT NULL,
	name_fold        TEXT COLLATE "C" NOT NULL,
	data_type        TEXT COLLATE "C" NOT NULL,
	status           TEXT COLLATE "C" NOT NULL,
	rechecking       INTEGER NOT NULL DEFAULT 0,
	failure_kind     TEXT COLLATE "C" NOT NULL DEFAULT '',
	verdict          TEXT COLLATE "C" NOT NULL DEFAULT 'none',
	object_key       TEXT COLLATE "C" NOT NULL,
	moving_to        TEXT COLLATE "C" NOT NULL DEFAULT '',
	size             BIGINT NOT NULL DEFAULT 0,
	hash             TEXT COLLATE "C" NOT NULL DEFAULT '',
	sha256           TEXT COLLATE "C" NOT NULL DEFAULT '',
	format           TEXT COLLATE "C" NOT NULL DEFAULT '',
	records          BIGINT NOT NULL DEFAULT 0,
	errors           BIGINT NOT NULL DEFAULT 0,
	warnings         BIGINT NOT NULL DEFAULT 0,
	used_count       BIGINT NOT NULL DEFAULT 0,
	last_used        BIGINT NOT NULL DEFAULT 0,
	training_jobs    TEXT NOT NULL DEFAULT '[]',
	metadata         TEXT NOT NULL DEFAULT '{}',
	rules            TEXT NOT NULL DEFAULT '',
	processing_error TEXT NOT NULL DEFAULT '',
	progress         DOUBLE PRECISION NOT NULL DEFAULT 0,
	chunk_count      BIGINT NOT NULL DEFAULT 0,
	created_by       TEXT NOT NULL DEFAULT '',
	upload_time      BIGINT NOT NULL,
	updated_time     BIGINT NOT NULL,
	version          BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX files_by_time ON files (upload_time, id);
CREATE INDEX files_by_status ON files (status, upload_time, id);
CREATE INDEX files_by_type ON files (data_type, upload_time, id);
CREATE INDEX files_by_type_status ON files (data_type, status, upload_time, id);
CREATE INDEX files_by_name ON files (name_fold, id, status, data_type);
CREATE INDEX files_by_size ON files (size, id);
CREATE INDEX files_by_change ON files (updated_time, id);
CREATE INDEX files_by_status_change ON files (status, updated_time, id);
-- the same content is held once
CREATE UNIQUE INDEX files_by_content ON files (hash, size)
	WHERE hash <> '' AND status IN ('uploaded', 'processing', 'fresh', 'used', 'archived');
-- moves that were begun and are not known to be done
CREATE INDEX files_moving ON files (moving_to) WHERE moving_to <> '';
CREATE INDEX files_by_hash ON files (hash, size);
CREATE INDEX files_by_sha256 ON files (sha256, size) WHERE sha256 <> '';
-- parts of names, three characters at a time
CREATE INDEX files_by_name_part ON files USING gin (name_fold gin_trgm_ops);

-- ids that clients know a file by besides its own
CREATE TABLE aliases (
	alias   TEXT COLLATE "C" PRIMARY KEY,
	file_id TEXT COLLATE "C" NOT NULL
);
CREATE INDEX aliases_of ON aliases (file_id);

CREATE TABLE parts (
	file_id   TEXT COLLATE "C" NOT NULL,
	number    BIGINT NOT NULL,
	size      BIGINT NOT NULL,
	crc64nvme TEXT NOT NULL,
	PRIMARY KEY (file_id, number)
);

CREATE TABLE history (
	id          BIGINT PRIMARY KEY,
	file_id     TEXT COLLATE "C" NOT NULL,
	at          BIGINT NOT NULL,
	actor       TEXT NOT NULL,
	action      TEXT NOT NULL,
	from_status TEXT NOT NULL,
	to_status   TEXT NOT NULL,
	detail      TEXT NOT NULL
);
CREATE INDEX history_of ON history (file_id, id);
CREATE SEQUENCE history_ids OWNED BY history.id;

-- Who follows events goes by their ids, so these have to rise in the order of
-- commits: an id is given under a lock that is held until the transaction ends.
-- NOTIFY is sent by the commit, and holds a lock of its own for it anyway.
-- +goose StatementBegin
CREATE FUNCTION history_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(28836227677971830);
	NEW.id := nextval('history_ids');
	PERFORM pg_notify('freshet_event', '');
	RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER history_in_order BEFORE INSERT ON history FOR EACH ROW EXECUTE FUNCTION history_in_order();

-- How many files of each status and type there are, kept by every step, in
-- several rows each so that not all writers wait for one.
CREATE TABLE counters (
	status    TEXT COLLATE "C" NOT NULL,
	data_type TEXT COLLATE "C" NOT NULL,
	slot      BIGINT NOT NULL,
	files     BIGINT NOT NULL,
	bytes     BIGINT NOT NULL,
	PRIMARY KEY (status, data_type, slot)
) WITH (fillfactor = 50);

CREATE TABLE reports (
	file_id      TEXT COLLATE "C" PRIMARY KEY,
	report       BYTEA NOT NULL,
	line_index   BYTEA NOT NULL,
	findings_key TEXT NOT NULL
);

-- apart from the reports, which are long: all of them are read to compare one file
CREATE TABLE record_samples (
	file_id TEXT COLLATE "C" PRIMARY KEY,
	sample  BYTEA NOT NULL
);

CREATE TABLE keys (
	id        TEXT COLLATE "C" PRIMARY KEY,
	name      TEXT NOT NULL,
	hash      TEXT COLLATE "C" NOT NULL UNIQUE,
	created   BIGINT NOT NULL,
	last_used BIGINT NOT NULL DEFAULT 0,
	revoked   BIGINT NOT NULL DEFAULT 0
);

-- An upload is how the bytes of one file come: what of them is committed, and
-- who may add to it. One without a file is a piece of a later upload.
CREATE TABLE uploads (
	id              TEXT COLLATE "C" PRIMARY KEY,
	file_id         TEXT COLLATE "C" NOT NULL DEFAULT '',
	protocol        TEXT NOT NULL,
	state           TEXT COLLATE "C" NOT NULL,
	object_key      TEXT NOT NULL,
	handle          TEXT NOT NULL,
	size            BIGINT NOT NULL,
	part_size       BIGINT NOT NULL,
	committed       BIGINT NOT NULL DEFAULT 0,
	epoch           BIGINT NOT NULL DEFAULT 0,
	plan            BYTEA NOT NULL DEFAULT '',
	sha256          TEXT NOT NULL DEFAULT '',
	metadata        TEXT NOT NULL DEFAULT '',
	pieces          TEXT COLLATE "C" NOT NULL DEFAULT '[]',
	concat          TEXT NOT NULL DEFAULT '',
	part_of         TEXT NOT NULL DEFAULT '',
	idempotency_key TEXT COLLATE "C" NOT NULL DEFAULT '',
	request_hash    TEXT NOT NULL DEFAULT '',
	actor           TEXT COLLATE "C" NOT NULL,
	records         BIGINT NOT NULL DEFAULT 0,
	errors          BIGINT NOT NULL DEFAULT 0,
	warnings        BIGINT NOT NULL DEFAULT 0,
	bad             BIGINT NOT NULL DEFAULT 0,
	why             TEXT NOT NULL DEFAULT '',
	created         BIGINT NOT NULL,
	updated         BIGINT NOT NULL,
	expires         BIGINT NOT NULL,
	holder          TEXT NOT NULL DEFAULT ''
) WITH (fillfactor = 70);
CREATE INDEX uploads_of ON uploads (file_id);
CREATE INDEX uploads_by_state ON uploads (state, updated, id);
CREATE UNIQUE INDEX uploads_by_key ON uploads (actor, idempotency_key) WHERE idempotency_key <> '';
-- a list of pieces is longer than an entry of an ordinary index may be
CREATE INDEX uploads_by_pieces ON uploads USING hash (pieces) WHERE pieces <> '[]';

-- what is committed of an upload that is open; parts of a file that is whole are in parts
CREATE TABLE upload_parts (
	upload_id TEXT COLLATE "C" NOT NULL,
	number    BIGINT NOT NULL,
	at        BIGINT NOT NULL,
	size      BIGINT NOT NULL,
	checked   BIGINT NOT NULL,
	crc64nvme BIGINT NOT NULL,
	tree      BYTEA NOT NULL,
	etag      TEXT NOT NULL DEFAULT '',
	plan_hash TEXT NOT NULL DEFAULT '',
	summary   BYTEA NOT NULL,
	bulk      BYTEA NOT NULL,
	bulk_key  TEXT NOT NULL DEFAULT '',
	records   BIGINT NOT NULL DEFAULT 0,
	errors    BIGINT NOT NULL DEFAULT 0,
	warnings  BIGINT NOT NULL DEFAULT 0,
	bad       BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (upload_id, number)
);

-- every version of a named rule set stays: files tell by which they were checked
CREATE TABLE rule_sets (
	name       TEXT COLLATE "C" NOT NULL,
	version    BIGINT NOT NULL,
	rules      TEXT NOT NULL,
	created    BIGINT NOT NULL,
	created_by TEXT NOT NULL,
	deleted    BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (name, version)
);

-- the processes that share these tables, and when they last said so
CREATE TABLE nodes (
	id      TEXT COLLATE "C" PRIMARY KEY,
	name    TEXT NOT NULL,
	started BIGINT NOT NULL,
	seen    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE nodes;
DROP TABLE rule_sets;
DROP TABLE upload_parts;
DROP TABLE uploads;
DROP TABLE keys;
DROP TABLE record_samples;
DROP TABLE reports;
DROP TABLE counters;
DROP TABLE history;
DROP FUNCTION history_in_order;
DROP TABLE parts;
DROP TABLE aliases;
DROP TABLE files;
