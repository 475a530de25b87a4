package catalog_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// FuzzCursor: a cursor is taken or refused; what is taken is fit for a question
// to either engine, and is made again from what it says.
func FuzzCursor(f *testing.F) {
	for _, s := range []string{catalog.MakeCursor("-upload_time", int64(7), "file_1"), catalog.MakeCursor("original_name", "a", "file_1"), "", "!!", "WyJhIl0", "W10", "bnVsbA"} {
		for _, sort := range []string{"-upload_time", "original_name", "file_size"} {
			f.Add(s, sort)
		}
	}
	f.Fuzz(func(t *testing.T, in, sort string) {
		v, id, err := catalog.ParseCursor(in, sort)
		if err != nil {
			var e *errs.Error
			if !errors.As(err, &e) || e.Kind != errs.Invalid {
				t.Errorf("%q: %v", in, err)
			}
			return
		}
		s, _ := v.(string)
		for _, s := range []string{s, id} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("%q holds %q", in, s)
			}
		}
		if w, same, err := catalog.ParseCursor(catalog.MakeCursor(sort, v, id), sort); err != nil || w != v || same != id {
			t.Errorf("%q is %v %q, made again %v %q, %v", in, v, id, w, same, err)
		}
	})
}
