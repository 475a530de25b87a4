-- +goose Up
-- Apart from the reports, which are long: all of them are read to compare one file.
CREATE TABLE record_samples (
	file_id TEXT PRIMARY KEY,
	sample  BLOB NOT NULL
);

-- +goose Down
DROP TABLE record_samples;
