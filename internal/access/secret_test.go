package access

import (
	"strings"
	"testing"
)

func TestSecrets(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		s, err := NewSecret()
		if err != nil {
			t.Fatal(err)
		}
		id, ok := KeyID(s)
		if !ok || len(id) != idDigits || Mistyped(s) || seen[id] || seen[s] {
			t.Fatalf("NewSecret = %q, with the id %q, %v", s, id, ok)
		}
		seen[id], seen[s] = true, true
		if front, ok := KeyFront(s); !ok || front != id {
			t.Errorf("KeyFront(%q) = %q", s, front)
		}
		for i := range s { // whatever digit is another is noticed
			if i < len(secretFront) {
				continue
			}
			bad := s[:i] + map[bool]string{true: "1", false: "0"}[s[i] == '0'] + s[i+1:]
			if _, ok := KeyID(bad); ok || !Mistyped(bad) {
				t.Fatalf("%q passes for %q", bad, s)
			}
		}
		if _, ok := KeyID(s[:len(s)-1]); ok || !Mistyped(s[:len(s)-1]) {
			t.Error("a key that was cut off passes")
		}
	}
	old := "fsh_0123456789ab_" + strings.Repeat("A_-", 14) + "A" // of before there was a checksum
	if _, ok := KeyID(old); ok || Mistyped(old) {
		t.Errorf("a key of before: %v, %v", ok, Mistyped(old))
	}
	if Mistyped("a bootstrap key that somebody chose") {
		t.Error("a key of another form counts as mistyped")
	}
}

// FuzzKey: whatever comes as a key, one that is whole is what NewSecret makes.
func FuzzKey(f *testing.F) {
	s, err := NewSecret()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{s, "", "fsh_", "fsh_0123456789ab_x_y", strings.ToUpper(s), s + s} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, whole := KeyID(s)
		front, has := KeyFront(s)
		if whole && (len(s) != 90 || !has || front != id || Mistyped(s) || s != strings.ToLower(s)) {
			t.Errorf("%q counts as whole: id %q, front %q", s, id, front)
		}
	})
}
