package config_test

import (
	"strings"
	"testing"

	"freshet/internal/config"
)

func TestCatalog(t *testing.T) {
	for url, want := range map[string]string{
		"":                             "",
		"sqlite:///tmp/x.db":           "",
		"postgres://u@h/d":             "",
		"postgresql://u:secret@h:1/d":  "",
		"postgres:///?dbname=d&host=h": "",
		"sqlite://":                    "lacks the path",
		"mysql://u:secret@h/d":         "must be sqlite://PATH or postgres://",
		"/tmp/x.db":                    "must be sqlite://PATH or postgres://",
		"postgres://u:secret@h":        "lacks the database",
		"postgres://u:sec/ret%@h/d":    "is not a URL",
	} {
		c := config.Config{DataDir: t.TempDir(), Catalog: url, Listen: "127.0.0.1:1", MemoryBudget: 1 << 30, StallTimeout: 1, SweepEvery: 1, AbandonedAfter: 1 << 40, MaxOpenUploads: 1}
		err := c.Complete()
		switch {
		case want == "" && err != nil:
			t.Errorf("%q = %v", url, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "ret%")):
			t.Errorf("%q = %v, want %q", url, err, want)
		}
	}
}
