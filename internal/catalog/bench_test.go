package catalog_test

import (
	"path/filepath"
	"testing"

	"freshet/internal/access"
	"freshet/internal/catalog"
)

// BenchmarkAuthenticate is what each request pays to be told from others.
func BenchmarkAuthenticate(b *testing.B) {
	s, err := catalog.Open(b.Context(), "sqlite://"+filepath.Join(b.TempDir(), "catalog.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var secret string
	for range 1000 {
		if _, secret, err = s.NewKey(b.Context(), catalog.Key{Name: "k", Grants: access.Grants{access.Everywhere: access.Administrator}}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if has, err := s.HasKeys(b.Context()); !has || err != nil {
			b.Fatal(err)
		}
		if _, err := s.Authenticate(b.Context(), secret); err != nil {
			b.Fatal(err)
		}
	}
}
