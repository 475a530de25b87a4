package upload_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"freshet/internal/upload"
)

// FuzzName: any name becomes one plain element of a path, and stays what it is
// when it is made one again.
func FuzzName(f *testing.F) {
	for _, s := range []string{"a.jsonl", "../../etc/passwd", `..\..\x`, "a/", "", ".", "..", ".htaccess", "CON.jsonl", "a\x00b", "\xff\xfe", "a\r\nb", "a\u202eb", strings.Repeat("ä", 300) + ".jsonl", "x." + strings.Repeat("e", 200), "．．／"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		safe := upload.SafeName(name)
		if safe == "" || safe == "." || safe == ".." || strings.ContainsAny(safe, `/\:*?"<>|`) || strings.HasPrefix(safe, ".") || !utf8.ValidString(safe) || len(safe) > 200 ||
			strings.ContainsFunc(safe, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
			t.Errorf("%q is kept as %q", name, safe)
		}
		if again := upload.SafeName(safe); again != safe {
			t.Errorf("%q is kept as %q, that as %q", name, safe, again)
		}
		if o := upload.OriginalName(name); !utf8.ValidString(o) || strings.ContainsRune(o, 0) || len(o) > 1024 {
			t.Errorf("%q is shown as %q", name, o)
		}
	})
}
