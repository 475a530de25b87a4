-- +goose Up
-- counts of the files with a verdict, which no counter has
CREATE INDEX files_by_verdict ON files (verdict, status, data_type);

-- +goose Down
DROP INDEX files_by_verdict;
