-- +goose NO TRANSACTION
-- +goose Up
-- counts of the files with a verdict, which no counter has
CREATE INDEX CONCURRENTLY IF NOT EXISTS files_by_verdict ON files (verdict, status, data_type);

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS files_by_verdict;
