package catalog_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"freshet/internal/catalog"
)

// FuzzSafeText: whatever comes, what is kept is short, and prints as itself on
// one line; what is safe already stays as it is.
func FuzzSafeText(f *testing.F) {
	for _, s := range []string{"", "plain", "a\nb", "\u202e", "\xff", `\`, "fsh_0123456789abcdef", "https://u:p@h/x?y", "größe", strings.Repeat("ä", 50)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		const most = 64
		got := catalog.SafeText(s, most)
		if len(got) > most+len(`\…`)+20 || !utf8.ValidString(got) {
			t.Fatalf("%q is kept as %q", s, got)
		}
		for _, r := range got {
			if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) {
				t.Errorf("%q is kept as %q, with %q", s, got, r)
			}
		}
		if strings.IndexByte(got, '\\') < 0 && len(got) <= most && catalog.SafeText(got, most) != got {
			t.Errorf("%q is safe, and becomes %q", got, catalog.SafeText(got, most))
		}
	})
}
