package e2e_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"
)

// TestCatalogLocked: while another process holds the catalog, what needs to
// write is told to try again, what only reads works, and nothing is left behind.
func TestCatalogLocked(t *testing.T) {
	t.Parallel()
	onDisk(t)
	s := start(t)
	id := s.upload(file("a.jsonl", good(3, "before"))).ok(200).json().str("file_id")
	db, err := sql.Open("sqlite", filepath.Join(s.dir, "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	a := s.upload(file("b.jsonl", good(3, "while")))
	a.problem(503, "catalog-down")
	if a.header.Get("Retry-After") == "" {
		t.Error("the 503 does not say when to try again")
	}
	if got := s.info(id).str("status"); got != "fresh" {
		t.Errorf("the other file is %q, want fresh", got)
	}
	if left := s.files(".parts"); len(left) > 0 {
		t.Errorf("the refused upload left %v", left)
	}
	if _, err := db.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if got := s.upload(file("b.jsonl", good(3, "while"))).ok(200).json().str("file_status"); got != "fresh" {
		t.Errorf("sent again the file is %q, want fresh", got)
	}
}
