package upload_test

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/rule"
	"freshet/internal/upload"
)

const quota = 10_000_000

// limited is a house whose project may have quota bytes.
func limited(t *testing.T) *house {
	h := build(t)
	if _, _, err := h.catalog.PutProject(t.Context(), "default", catalog.ProjectSettings{MaxBytes: quota}, "test", nil); err != nil {
		t.Fatal(err)
	}
	return h
}

// slow gives its bytes, counting them, and its end only once all others have been
// refused or are as far.
type slow struct {
	r     *bytes.Reader
	taken *atomic.Int64
	here  func()
	over  chan struct{}
}

func (s *slow) Fill(p []byte, progress func(int)) (int, error) {
	n, err := s.r.Read(p)
	progress(n)
	s.taken.Add(int64(n))
	if err == io.EOF {
		s.here()
		<-s.over
	}
	return n, err
}

// rush sends n times size bytes at once, and tells how many were taken before
// the first was over, and how many got through.
func rush(n, size int, send func(i int, src upload.Source) error) (taken int64, through int, failures []error) {
	var sum atomic.Int64
	var mu sync.Mutex
	var there, all sync.WaitGroup
	there.Add(n)
	over := make(chan struct{})
	for i := range n {
		all.Go(func() {
			here := sync.OnceFunc(there.Done)
			err := send(i, &slow{bytes.NewReader(lines(size)[:size]), &sum, here, over})
			here()
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				through++
			case !errs.HasCode(err, "quota-exceeded"):
				failures = append(failures, err)
			}
		})
	}
	there.Wait()
	taken = sum.Load()
	close(over)
	all.Wait()
	return taken, through, failures
}

// Of what comes at once without a length no more is taken than the project may have,
// but for the byte of each that tells that it is not over.
func TestQuotaWithoutLength(t *testing.T) {
	const n = 20
	h := limited(t)
	forms := make([]*upload.Upload, n)
	ways := map[string]func(int, upload.Source) error{
		"forms": func(i int, src upload.Source) (err error) {
			forms[i], err = h.uploads.Begin(t.Context(), upload.New{Name: "f.jsonl", DataType: "custom", Rules: rule.Defaults(), Size: -1, Actor: "test"})
			if err != nil {
				return err
			}
			return forms[i].Receive(t.Context(), src)
		},
		"appends": func(_ int, src upload.Source) error {
			u := h.create(upload.New{Protocol: catalog.Append, Size: -1})
			_, err := h.uploads.Append(t.Context(), u.ID, upload.Appending{Incoming: upload.Incoming{Source: src, Length: -1}})
			return err
		},
		"parts": func(_ int, src upload.Source) error {
			u := h.create(upload.New{Protocol: catalog.Parts, Size: -1, PartSize: 16 << 20})
			_, err := h.uploads.WritePart(t.Context(), u.ID, 1, upload.Incoming{Source: src, Length: -1})
			return err
		},
	}
	for way, send := range ways {
		h = limited(t)
		taken, through, failures := rush(n, 9_000_000, send)
		if taken > quota+n || taken < quota/2 || through > 1 || len(failures) > 0 {
			t.Errorf("%s: %d bytes were taken, %d got through, %v", way, taken, through, failures)
		}
		if u, err := h.catalog.Usage(t.Context(), "default"); err != nil || u.Bytes > quota {
			t.Errorf("%s: in use are %+v, %v", way, u, err)
		}
	}
	// what fits to the byte is taken
	h = limited(t)
	for way, send := range ways {
		if _, through, failures := rush(1, quota, send); through != 1 {
			t.Errorf("%s of all there is: %v", way, failures)
		}
		if forms[0] != nil && way == "forms" {
			if _, err := forms[0].Finish(t.Context(), late()); err != nil {
				t.Errorf("a form of all there is: %v", err)
			}
		}
		h = limited(t)
	}
}

// Parts with a length have room before their bytes are taken, once however often they come.
func TestQuotaOfPartsWithoutSize(t *testing.T) {
	h := limited(t)
	got := 0
	var mu sync.Mutex
	var all sync.WaitGroup
	u := h.create(upload.New{Protocol: catalog.Parts, Size: -1})
	for n := range 20 {
		all.Go(func() {
			err := h.put(u.ID, n+1, lines(testPart)[:testPart])
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				got++
			} else if !errs.HasCode(err, "quota-exceeded") {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got != quota/testPart {
		t.Errorf("%d parts were taken, of %d that fit", got, quota/testPart)
	}
	other := h.create(upload.New{Protocol: catalog.Parts, Size: -1})
	if err := h.put(other.ID, 1, lines(testPart)[:testPart]); !errs.HasCode(err, "quota-exceeded") {
		t.Errorf("a part of another upload = %v", err)
	}
	if err := h.put(u.ID, 9, lines(testPart)[:testPart]); err != nil {
		t.Errorf("a part again = %v", err)
	}
	if err := h.uploads.Abort(t.Context(), u.ID, "test"); err != nil {
		t.Fatal(err)
	}
	for range 20 { // that fails on the way: it counts once
		b := newHeld(lines(testPart)[:1000])
		go func() { <-b.given; b.Interrupt() }()
		if _, err := h.uploads.WritePart(t.Context(), other.ID, 1, upload.Incoming{Source: b, Length: testPart}); err == nil {
			t.Fatal("a part that was cut off was taken")
		}
	}
	if u, err := h.catalog.Usage(t.Context(), "default"); err != nil || u.Bytes != testPart {
		t.Errorf("in use are %+v, %v", u, err)
	}
	if err := h.put(other.ID, 1, lines(testPart)[:testPart]); err != nil {
		t.Error(err)
	}
}
