package catalog_test

import (
	"path/filepath"
	"testing"

	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/catalog/catalogtest"
)

func TestSQLite(t *testing.T) {
	catalogtest.Run(t, catalogtest.Engine{Open: func(t *testing.T, _ int) []*catalog.Store {
		return []*catalog.Store{open(t, "sqlite://"+filepath.Join(t.TempDir(), "a dir?&%", "catalog.db"))}
	}})
}

func open(t *testing.T, url string) *catalog.Store {
	t.Helper()
	s, err := catalog.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestReopen: a catalog that is there already opens with what it holds.
func TestReopen(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "catalog.db")
	for range 2 {
		s, err := catalog.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.NewKey(t.Context(), catalog.Key{Name: "k", Grants: map[string]access.Role{"*": "admin"}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s, err := catalog.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if k, err := s.Keys(t.Context()); err != nil || len(k) != 2 {
		t.Errorf("Keys = %v, %v", k, err)
	}
}
