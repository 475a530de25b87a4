-- +goose Up
-- Times are microseconds since 1970, UTC.
CREATE TABLE files (
	seq              INTEGER PRIMARY KEY AUTOINCREMENT,
	id               TEXT NOT NULL UNIQUE,
	name             TEXT NOT NULL,
	name_fold        TEXT NOT NULL,
	data_type        TEXT NOT NULL,
	status           TEXT NOT NULL,
	rechecking       INTEGER NOT NULL DEFAULT 0,
	failure_kind     TEXT NOT NULL DEFAULT '',
	verdict          TEXT NOT NULL DEFAULT 'none',
	object_key       TEXT NOT NULL,
	handle           TEXT NOT NULL DEFAULT '',
	moving_to        TEXT NOT NULL DEFAULT '',
	size             BIGINT NOT NULL DEFAULT 0,
	hash             TEXT NOT NULL DEFAULT '',
	sha256           TEXT NOT NULL DEFAULT '',
	format           TEXT NOT NULL DEFAULT '',
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
-- the same content is held once
CREATE UNIQUE INDEX files_by_content ON files (hash, size)
	WHERE hash <> '' AND status IN ('uploaded', 'processing', 'fresh', 'used', 'archived');
-- moves that were begun and are not known to be done
CREATE INDEX files_moving ON files (moving_to) WHERE moving_to <> '';
CREATE INDEX files_by_hash ON files (hash, size);

-- parts of names, three characters at a time
CREATE VIRTUAL TABLE file_names USING fts5 (name_fold, content = 'files', content_rowid = 'seq', tokenize = 'trigram');
-- +goose StatementBegin
CREATE TRIGGER file_names_insert AFTER INSERT ON files BEGIN
	INSERT INTO file_names (rowid, name_fold) VALUES (new.seq, new.name_fold);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER file_names_delete AFTER DELETE ON files BEGIN
	INSERT INTO file_names (file_names, rowid, name_fold) VALUES ('delete', old.seq, old.name_fold);
END;
-- +goose StatementEnd

-- ids that clients know a file by besides its own
CREATE TABLE aliases (
	alias   TEXT PRIMARY KEY,
	file_id TEXT NOT NULL
);
CREATE INDEX aliases_of ON aliases (file_id);

CREATE TABLE parts (
	file_id   TEXT NOT NULL,
	number    BIGINT NOT NULL,
	size      BIGINT NOT NULL,
	crc64nvme TEXT NOT NULL,
	PRIMARY KEY (file_id, number)
);

CREATE TABLE history (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	file_id     TEXT NOT NULL,
	at          BIGINT NOT NULL,
	actor       TEXT NOT NULL,
	action      TEXT NOT NULL,
	from_status TEXT NOT NULL,
	to_status   TEXT NOT NULL,
	detail      TEXT NOT NULL
);
CREATE INDEX history_of ON history (file_id, id);

-- how many files of each status and type there are, kept by every step
CREATE TABLE counters (
	status    TEXT NOT NULL,
	data_type TEXT NOT NULL,
	files     BIGINT NOT NULL,
	bytes     BIGINT NOT NULL,
	PRIMARY KEY (status, data_type)
);

CREATE TABLE reports (
	file_id      TEXT PRIMARY KEY,
	report       BLOB NOT NULL,
	line_index   BLOB NOT NULL,
	findings_key TEXT NOT NULL
);

CREATE TABLE keys (
	id        TEXT PRIMARY KEY,
	name      TEXT NOT NULL,
	hash      TEXT NOT NULL UNIQUE,
	created   BIGINT NOT NULL,
	last_used BIGINT NOT NULL DEFAULT 0,
	revoked   BIGINT NOT NULL DEFAULT 0
);

-- +goose Down
DROP TABLE keys;
DROP TABLE reports;
DROP TABLE counters;
DROP TABLE history;
DROP TABLE parts;
DROP TABLE aliases;
DROP TABLE file_names;
DROP TABLE files;
