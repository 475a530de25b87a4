package e2e_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestHostileNames sends names that no file system, header or terminal should
// meet as they are. The name is kept as data; the key and headers made of it
// are safe.
func TestHostileNames(t *testing.T) {
	s := start(t)
	printable := regexp.MustCompile(`^attachment; [\x20-\x7e]+$`)
	for i, c := range []struct {
		name string
		raw  string // the filename parameter as sent
		want string // original_name; empty: any valid text
	}{
		{"climbs", `filename="../../etc/passwd"`, "../../etc/passwd"},
		{"absolute", `filename="/abs.jsonl"`, "/abs.jsonl"},
		{"climbs on Windows", `filename="..\\..\\boot.ini"`, `..\..\boot.ini`},
		{"drive", `filename="C:\\data\\x.jsonl"`, `C:\data\x.jsonl`},
		{"only dots", `filename=".."`, ".."},
		{"one dot", `filename="."`, "."},
		{"slash", `filename="/"`, "/"},
		{"hidden", `filename=".bashrc"`, ".bashrc"},
		{"blank", `filename=" "`, " "},
		{"no name", `filename=""`, ""},
		{"encoded NUL", `filename*=UTF-8''a%00b.jsonl`, ""},
		{"CR and LF in percent", `filename="a%0D%0AX-Evil: 1.jsonl"`, "a%0D%0AX-Evil: 1.jsonl"},
		{"encoded CR and LF", `filename*=UTF-8''a%0D%0AX-Evil%3A%201.jsonl`, "a\r\nX-Evil: 1.jsonl"},
		{"bidi", "filename=\"a\u202elnosj.exe\"", "a\u202elnosj.exe"},
		{"quotes", `filename="a\"; filename=\"b.jsonl"`, `a"; filename="b.jsonl`},
		{"semicolon and percent", `filename="100%;x=y.jsonl"`, "100%;x=y.jsonl"},
		{"300 bytes", `filename="` + strings.Repeat("n", 294) + `.jsonl"`, strings.Repeat("n", 294) + ".jsonl"},
		{"300 bytes of umlauts", `filename="` + strings.Repeat("ü", 147) + `.jsonl"`, strings.Repeat("ü", 147) + ".jsonl"},
		{"5000 bytes", `filename="` + strings.Repeat("n", 5000) + `.jsonl"`, ""},
		{"emoji", `filename="🍀 data 🍀.jsonl"`, "🍀 data 🍀.jsonl"},
		{"not UTF-8", "filename=\"a\xff\xfeb.jsonl\"", ""},
		{"Windows device", `filename="CON"`, "CON"},
		{"trailing dots", `filename="x.jsonl... "`, "x.jsonl... "},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			// text is any file's content: no name can contradict it
			p := part{"Content-Disposition: form-data; name=\"file\"; " + c.raw + "\r\n", good(2, fmt.Sprint("name", i))}
			id := s.upload(p).ok(200).json().str("file_id")
			f := s.info(id)
			name, key := f.str("original_name"), f.str("object_key")
			if c.want != "" && name != c.want {
				t.Errorf("original_name %q, want %q", name, c.want)
			}
			if !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
				t.Errorf("original_name %q is not plain text", name)
			}
			wantSafeKey(t, id, key)
			if keys := s.files("training-data"); !contains(keys, key) {
				t.Errorf("the bytes are not at %q but somewhere in %v", key, keys)
			}
			h := s.get("/download-file/" + id).ok(200).header
			if got := h.Values("Content-Disposition"); len(got) != 1 || !printable.MatchString(got[0]) {
				t.Errorf("Content-Disposition %q is not one line of printable ASCII", got)
			}
			if h.Get("X-Evil") != "" || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers of the download: %v", h)
			}
		})
	}
	s.t = t
	s.get("/staged-files").ok(200)
}

// What no header can hold is refused as a form that cannot be read.
func TestNamesThatNoHeaderHolds(t *testing.T) {
	s := start(t)
	for _, raw := range []string{"a\x00b.jsonl", "a\rX-Evil: 1.jsonl", "a\x01b.jsonl"} {
		t.Run(fmt.Sprintf("%q", raw), func(t *testing.T) {
			s.t = t
			id := newID()
			s.uploadAs(id, part{"Content-Disposition: form-data; name=\"file\"; filename=\"" + raw + "\"\r\n", good(2, raw)}).problem(400, "not-a-form")
			s.wantNoBytes(id)
		})
	}
}

// wantSafeKey fails unless a key is prefix, status, id and one harmless element.
func wantSafeKey(t *testing.T, id, key string) {
	t.Helper()
	el := strings.Split(key, "/")
	if len(el) != 4 || el[0] != "training-data" || el[1] != "uploads" && el[1] != "fresh" || el[2] != id {
		t.Errorf("the key %q is not training-data/…/%s/NAME", key, id)
		return
	}
	name := el[3]
	if name == "" || strings.HasPrefix(name, ".") || len(name) > 255 || !utf8.ValidString(name) || strings.ContainsAny(name, `\:*?"<>|`) {
		t.Errorf("the name %q in the key is not safe", name)
	}
	for _, r := range name {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			t.Errorf("the name %q in the key holds %U", name, r)
		}
	}
	switch strings.ToUpper(name) {
	case "CON", "NUL", "AUX", "PRN":
		t.Errorf("the name %q in the key is a device on Windows", name)
	}
}

func contains(list []string, v string) bool {
	for _, l := range list {
		if l == v {
			return true
		}
	}
	return false
}
