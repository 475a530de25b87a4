-- +goose Up
-- Every version of a named rule set stays: files tell by which they were checked.
CREATE TABLE rule_sets (
	name       TEXT NOT NULL,
	version    BIGINT NOT NULL,
	rules      TEXT NOT NULL,
	created    BIGINT NOT NULL,
	created_by TEXT NOT NULL,
	deleted    BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (name, version)
);

-- +goose Down
DROP TABLE rule_sets;
