-- +goose Up
-- the node of the newest request that may append: who is asked to let go
ALTER TABLE uploads ADD COLUMN holder TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE uploads DROP COLUMN holder;
