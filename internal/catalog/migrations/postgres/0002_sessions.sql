-- +goose Up
-- A page that is signed in by a key. The hash is of the secret in its cookie.
CREATE TABLE sessions (
	hash    TEXT COLLATE "C" PRIMARY KEY,
	key_id  TEXT COLLATE "C" NOT NULL,
	created BIGINT NOT NULL,
	seen    BIGINT NOT NULL
);
CREATE INDEX sessions_of ON sessions (key_id);

-- +goose Down
DROP TABLE sessions;
