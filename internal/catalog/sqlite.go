package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"freshet/internal/durable"

	"github.com/pressly/goose/v3"
	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteDialect: one process and one writer, so that nothing else has to be locked.
var sqliteDialect = dialect{
	slots: 1,
	// nobody else writes while a transaction does
	lastAudit: `SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1`,
	elements:  func(n int) string { return fmt.Sprintf("(SELECT value FROM json_each($%d))", n) },
	find:      findSQLite,
	class:     classSQLite,
}

func (s *Store) openSQLite(ctx context.Context, path string) error {
	s.dialect = sqliteDialect
	if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
		return fmt.Errorf("open catalog: %w", err)
	}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_time_format=sqlite" +
		"&_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=cache_size(-8000)&_pragma=secure_delete(on)"
	var err error
	if s.write, err = sql.Open("sqlite", dsn+"&_txlock=immediate"); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1) // SQLite has one writer, and waiting here is fair
	if err := migrate(ctx, goose.DialectSQLite3, s.write, "migrations/sqlite"); err != nil {
		return fmt.Errorf("open catalog: %w", s.down(err))
	}
	if s.read, err = sql.Open("sqlite", dsn+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(4)
	return nil
}

func classSQLite(err error) class {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return other
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return unique
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return gone
	case sqlite3.SQLITE_FULL:
		return full
	}
	return other
}

// findSQLite looks in the index of names, which is a table of its own, made of
// three characters at a time. The join is ordered (CROSS) because the planner
// cannot know that they are few. What is wanted also is found by itself.
func findSQLite(w *where, search, also string, indexed bool) {
	if !indexed || utf8.RuneCountInString(search) < 3 {
		return
	}
	w.args = append(w.args, `"`+strings.ReplaceAll(search, `"`, `""`)+`"`)
	found := fmt.Sprintf("SELECT rowid AS seq FROM file_names WHERE file_names MATCH $%d", len(w.args))
	if also != "" {
		found = fmt.Sprintf("SELECT seq FROM (%s) UNION SELECT seq FROM files WHERE %s", found, also)
	}
	w.from = fmt.Sprintf("(SELECT files.* FROM (%s) found CROSS JOIN files ON files.seq = found.seq) files", found)
}

// Scrub has what was deleted leave the engine's own files as well, as far as
// nobody reads meanwhile: pages are overwritten when rows are deleted
// (secure_delete), and here the log that still has them is emptied. Postgres does
// both by itself, when it vacuums and recycles its log.
func (s *Store) Scrub(ctx context.Context) error {
	if s.shared {
		return nil
	}
	var busy, log, moved int
	return s.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &moved)
}
