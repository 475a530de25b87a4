package validate_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"freshet/internal/validate"
)

// TestHeadIsBounded: a segment inside one long record holds next to nothing of it.
func TestHeadIsBounded(t *testing.T) {
	p := planOf(t, "f.jsonl", []byte("{}\n"), `{"max_record_bytes":67108864}`, validate.Config{})
	piece := bytes.Repeat([]byte("x"), 1<<20)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := p.Segment(1<<30, false)
	for range 128 {
		mustWrite(t, s, piece)
	}
	sum := s.Summary()
	runtime.GC()
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 1<<20 {
		t.Errorf("it holds %d KiB", held>>10)
	}
	mustWrite(t, s, []byte("\n{}\n"))
	if sum.Bytes != 128<<20+4 {
		t.Errorf("%d bytes were seen", sum.Bytes)
	}
}

// longRecord is a record of 300 KB between two others, cut into parts of 64 KB or so.
func longRecord(t *testing.T, config validate.Config) (*validate.Plan, []byte, []*validate.Summary) {
	data := []byte("{\"a\":1}\n{\"b\":\"" + strings.Repeat("long ", 60_000) + "\"}\r\n{\"a\":1}\n")
	p := planOf(t, "f.jsonl", data, `{}`, config)
	var parts []*validate.Summary
	for from, to := 0, 0; from < len(data); from = to {
		to = min(len(data), from+70_000)
		s := p.Segment(int64(from), false)
		mustWrite(t, s, data[from:to])
		parts = append(parts, s.Summary())
	}
	return p, data, parts
}

// TestLongRecordIsReadAgain: once, by its place, when it is complete.
func TestLongRecordIsReadAgain(t *testing.T) {
	var data []byte
	reads, closed := 0, 0
	p, data, parts := longRecord(t, validate.Config{Reread: func(offset, n int64) (io.ReadCloser, error) {
		reads++
		if offset != 8 {
			t.Errorf("read again from %d", offset)
		}
		return &readAgain{bytes.NewReader(data[offset : offset+n]), &closed}, nil
	}})
	want := onePass(t, p, data)
	for len(parts) > 1 { // from the right, so that heads grow first
		k := len(parts) - 2
		m, err := p.Merge(parts[k], parts[k+1])
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts[:k], m)
	}
	if got := rendered(t, p, parts[0]); got != want {
		t.Errorf("merged:\n%s\none pass:\n%s", got, want)
	}
	if reads != 1 || closed != 1 {
		t.Errorf("read again %d times, closed %d times", reads, closed)
	}
}

type readAgain struct {
	io.Reader
	closed *int
}

func (r *readAgain) Close() error { *r.closed++; return nil }

// TestLongRecordCannotBeReadAgain: what is missing is told, not passed over.
func TestLongRecordCannotBeReadAgain(t *testing.T) {
	broken := errors.New("broken")
	for what, c := range map[string]struct {
		reread func(offset, n int64) (io.ReadCloser, error)
		want   error
	}{
		"nobody reads": {nil, validate.ErrReread},
		"an error":     {func(int64, int64) (io.ReadCloser, error) { return nil, broken }, broken},
		"too short":    {func(int64, int64) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("{")), nil }, io.ErrUnexpectedEOF},
	} {
		p, _, parts := longRecord(t, validate.Config{Reread: c.reread})
		var err error
		m := parts[0]
		for _, next := range parts[1:] {
			if m, err = p.Merge(m, next); err != nil {
				break
			}
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
}
