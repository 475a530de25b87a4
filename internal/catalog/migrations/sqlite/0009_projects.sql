-- +goose Up
-- A project owns files, uploads, rule sets and quotas. What was there before is
-- in the project default, and so is what no project is said of; that one needs no
-- row until it has settings.
CREATE TABLE projects (
	name       TEXT PRIMARY KEY,
	created    BIGINT NOT NULL,
	created_by TEXT NOT NULL DEFAULT '',
	settings   TEXT NOT NULL DEFAULT '{}',
	ended      BIGINT NOT NULL DEFAULT 0 -- a name is never used again: keys and records of before speak of it
);

ALTER TABLE files ADD COLUMN project TEXT NOT NULL DEFAULT 'default';
ALTER TABLE files ADD COLUMN hold TEXT NOT NULL DEFAULT ''; -- why it must not be deleted
ALTER TABLE uploads ADD COLUMN project TEXT NOT NULL DEFAULT 'default';
-- of an upload without a size: bytes from the front that its project has room for
ALTER TABLE uploads ADD COLUMN reserved BIGINT NOT NULL DEFAULT 0;
ALTER TABLE history ADD COLUMN project TEXT NOT NULL DEFAULT 'default';
ALTER TABLE history ADD COLUMN source TEXT NOT NULL DEFAULT ''; -- address that it came from
CREATE INDEX history_by_project ON history (project, id);

-- lists are of one project; files_by_change is for sweeps, which are of all
DROP INDEX files_by_time;
DROP INDEX files_by_status;
DROP INDEX files_by_type;
DROP INDEX files_by_type_status;
DROP INDEX files_by_name;
DROP INDEX files_by_size;
DROP INDEX files_by_verdict;
DROP INDEX files_by_content;
CREATE INDEX files_by_time ON files (project, upload_time, id);
CREATE INDEX files_by_status ON files (project, status, upload_time, id);
CREATE INDEX files_by_type ON files (project, data_type, upload_time, id);
CREATE INDEX files_by_type_status ON files (project, data_type, status, upload_time, id);
CREATE INDEX files_by_name ON files (project, name_fold, id, status, data_type);
CREATE INDEX files_by_size ON files (project, size, id);
CREATE INDEX files_by_project_change ON files (project, updated_time, id);
CREATE INDEX files_by_verdict ON files (project, verdict, status, data_type);
-- the same content is held once in a project
CREATE UNIQUE INDEX files_by_content ON files (project, hash, size)
	WHERE hash <> '' AND status IN ('uploaded', 'processing', 'fresh', 'used', 'archived');

DROP INDEX uploads_by_key;
CREATE UNIQUE INDEX uploads_by_key ON uploads (project, actor, idempotency_key) WHERE idempotency_key <> '';

CREATE TABLE counters_of (
	project   TEXT NOT NULL,
	status    TEXT NOT NULL,
	data_type TEXT NOT NULL,
	slot      BIGINT NOT NULL DEFAULT 0,
	files     BIGINT NOT NULL,
	bytes     BIGINT NOT NULL,
	PRIMARY KEY (project, status, data_type, slot)
);
INSERT INTO counters_of SELECT 'default', status, data_type, slot, files, bytes FROM counters;
DROP TABLE counters;
ALTER TABLE counters_of RENAME TO counters;

CREATE TABLE rule_sets_of (
	project    TEXT NOT NULL,
	name       TEXT NOT NULL,
	version    BIGINT NOT NULL,
	rules      TEXT NOT NULL,
	created    BIGINT NOT NULL,
	created_by TEXT NOT NULL,
	deleted    BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (project, name, version)
);
INSERT INTO rule_sets_of SELECT 'default', name, version, rules, created, created_by, deleted FROM rule_sets;
DROP TABLE rule_sets;
ALTER TABLE rule_sets_of RENAME TO rule_sets;

-- keys that were made before may do everything, as they could
ALTER TABLE keys ADD COLUMN expires BIGINT NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN grants TEXT NOT NULL DEFAULT '{"*":"admin"}';
ALTER TABLE keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE keys ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

-- a session that was begun by a token has no key, and keeps what the token said
ALTER TABLE sessions ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN grants TEXT NOT NULL DEFAULT '{}';
ALTER TABLE sessions ADD COLUMN ends BIGINT NOT NULL DEFAULT 0;

-- Who did what, when, from where, and what came of it. Numbers have no gaps; the
-- hash of a row covers that of the row before.
CREATE TABLE audit (
	number     INTEGER PRIMARY KEY,
	at         BIGINT NOT NULL,
	actor      TEXT NOT NULL,
	source     TEXT NOT NULL,
	request_id TEXT NOT NULL,
	project    TEXT NOT NULL,
	action     TEXT NOT NULL,
	object     TEXT NOT NULL,
	result     TEXT NOT NULL,
	detail     TEXT NOT NULL,
	hash       BLOB NOT NULL
);
CREATE INDEX audit_by_project ON audit (project, number);
CREATE INDEX audit_by_object ON audit (object, number);
CREATE INDEX audit_by_actor ON audit (actor, number);

-- The log's head at times: how many rows it had, the hash of the tree that they
-- make, and that tree's right edge, from which the next head is made.
CREATE TABLE audit_heads (
	size BIGINT PRIMARY KEY,
	at   BIGINT NOT NULL,
	last BLOB NOT NULL, -- hash of its last row
	edge BLOB NOT NULL,
	note TEXT NOT NULL
);

-- +goose Down
SELECT 1;
