package record_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"freshet/internal/record"
)

// FuzzValidUTF8: we find valid what the standard library does.
func FuzzValidUTF8(f *testing.F) {
	for _, s := range []string{"", "a", "é", "plain text of some length", "größe naïve 東京 😀 данные", "\xff", "\xc0\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "é\x80", strings.Repeat("東", 9) + "\xe6"} {
		f.Add([]byte(s))
		f.Add([]byte("0123456" + s + "89abcdef"))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		record.Forms(func(form string) {
			if got, want := record.ValidUTF8(p), utf8.Valid(p); got != want {
				t.Fatalf("%s: %q: %v, want %v", form, p, got, want)
			}
		})
	})
}

// TestValidUTF8 tries every sequence of two bytes, and every third and fourth
// byte that matters, at each place of a stride.
func TestValidUTF8(t *testing.T) { record.Forms(func(string) { everySequence(t) }) }

func everySequence(t *testing.T) {
	thirds, fourths := []byte{'a', 0x7f, 0x80, 0xbf, 0xc0, 0xe3}, []byte{'a', 0x80, 0xbf, 0xc0}
	for _, at := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 29, 30, 31, 32, 60, 61, 62, 63, 64} {
		buf := bytes.Repeat([]byte("x"), 80)
		for a := 0x80; a < 0x100; a++ {
			for b := range 0x100 {
				for _, c := range thirds {
					for _, d := range fourths {
						copy(buf[at:], []byte{byte(a), byte(b), c, d})
						for _, p := range [][]byte{buf, buf[:at+4]} {
							if record.ValidUTF8(p) != utf8.Valid(p) {
								t.Fatalf("%q is valid: %v", p, utf8.Valid(p))
							}
						}
					}
				}
			}
		}
	}
}

func BenchmarkValidUTF8(b *testing.B) {
	for _, text := range []string{"plain words of English and nothing else ", "größe and naïve words, 東京 too, among those of the plain kind ", "東京は日本の首都である。"} {
		p := []byte(strings.Repeat(text, 32<<10/len(text)))
		for name, valid := range map[string]func([]byte) bool{"ours": record.ValidUTF8, "standard": utf8.Valid} {
			b.Run(fmt.Sprintf("%.6s/%s", text, name), func(b *testing.B) {
				b.SetBytes(int64(len(p)))
				for b.Loop() {
					valid(p)
				}
			})
		}
	}
}
