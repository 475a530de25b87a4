package upload_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/rule"
	"freshet/internal/upload"
	"freshet/internal/validate"

	"lukechampine.com/blake3"
	"pgregory.net/rapid"
)

const testPart = upload.MinPartSize

// TestMain keeps the number of random cases to what a usual run can bear: each
// writes and syncs files. -rapid.checks=1000 has more.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "30"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}

var errCut = errors.New("the connection was cut")

// cutSource fails after some bytes, as a connection does.
type cutSource struct {
	source
	left int
}

func (s *cutSource) Fill(p []byte, progress func(int)) (int, error) {
	if s.left == 0 {
		return 0, errCut
	}
	n, err := s.source.Fill(p[:min(len(p), s.left)], progress)
	s.left -= n
	if s.left == 0 {
		return n, errCut
	}
	return n, err
}

func from(b []byte) source { return source{bytes.NewReader(b)} }

// content makes a file of a kind, with faults in it, records longer than parts, and quotes and line ends everywhere.
func content(r *rand.Rand, kind string, size int) []byte {
	var b bytes.Buffer
	if kind == "csv" {
		b.WriteString("id,text,n\n")
	}
	for b.Len() < size {
		word := strings.Repeat("wörd ", r.IntN(40))
		if r.IntN(400) == 0 {
			word = strings.Repeat("long ", r.IntN(400_000))
		}
		end := "\n"
		if r.IntN(9) == 0 {
			end = "\r\n"
		}
		switch {
		case r.IntN(300) == 0:
			b.WriteString("{\"broken\": \"" + word + end)
		case kind == "jsonl":
			fmt.Fprintf(&b, `{"id": %d, "text": "%s\n \"q\"", "n": %g}%s`, r.IntN(5000), word, r.NormFloat64(), end)
		case kind == "csv":
			fmt.Fprintf(&b, "%d,\"%s\n\"\"quoted\"\", and more\",%d%s", r.IntN(5000), word, r.IntN(100), end)
		default:
			b.WriteString(word + end)
		}
	}
	return b.Bytes()
}

func rulesOf(t *rapid.T) rule.Options {
	o, err := rule.ParseOptions([]byte(`{"max_errors": 1000000, "unique_fields": ["id"]}`))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// onePass is the report of the file as one stream.
func (h *house) onePass(t *rapid.T, name string, b []byte) string {
	st := validate.NewStream(name, rulesOf(t), h.checks.Validate)
	defer st.Close()
	if _, err := st.Write(b); err != nil {
		t.Fatal(err)
	}
	res, err := st.Finish(nil)
	if err != nil {
		t.Fatal(err)
	}
	return plain(t, res.Report)
}

// plain is a report without what differs from run to run.
func plain(t *rapid.T, r *api.Report) string {
	r.FileID, r.Engine, r.BytesPerSecond = "", "", 0
	r.Started, r.Finished = r.Started.AddDate(-3000, 0, 0), nil
	var zero api.Report
	r.Started = zero.Started
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// wantFile compares hash and report of a finished upload with those of one pass.
func (h *house) wantFile(t *rapid.T, out *upload.Outcome, name string, b []byte) {
	f, err := h.catalog.File(h.t.Context(), out.File.ID)
	if err != nil {
		t.Fatal(err)
	}
	sum := blake3.Sum256(b)
	if want := "blake3:" + hex.EncodeToString(sum[:]); f.Hash != want || f.Size != int64(len(b)) {
		t.Fatalf("the file has %d bytes, %s; want %d, %s", f.Size, f.Hash, len(b), want)
	}
	r, err := h.blobs.Read(h.t.Context(), f.ObjectKey, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, b) {
		t.Fatalf("the stored bytes differ (%v)", err)
	}
	stored, err := h.catalog.Report(h.t.Context(), f.ID)
	if err != nil {
		t.Fatal(err)
	}
	var report api.Report
	if err := json.Unmarshal(stored.JSON, &report); err != nil {
		t.Fatal(err)
	}
	if got, want := plain(t, &report), h.onePass(t, name, b); got != want {
		t.Fatalf("the report differs from that of one pass:\n%s\nwant\n%s", got, want)
	}
	if f.Status != catalog.Deleted { // out of the way of the next case, which may have the same content
		if _, err := h.promoter.Delete(h.t.Context(), f.ID, "test", "test", []catalog.Status{f.Status}, f.UpdatedTime); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *house) newUpload(t *rapid.T, p catalog.Protocol, name string, size int64) catalog.Upload {
	c, err := h.uploads.Create(h.t.Context(), upload.New{Protocol: p, Name: name, DataType: "custom", Rules: rulesOf(t), Size: size, PartSize: testPart, Actor: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return c.Upload
}

// restart is a new process on the same catalog and disk.
func (h *house) restart(t *rapid.T) {
	old := h.uploads
	h.uploads = &upload.Service{Catalog: old.Catalog, Blobs: old.Blobs, Checks: old.Checks, Board: old.Board, Budget: upload.NewBudget(32 << 20), Lifetime: old.Lifetime, Stall: old.Stall, Log: old.Log}
	if err := h.uploads.Recover(h.t.Context()); err != nil {
		t.Fatal(err)
	}
}

var kinds = []string{"jsonl", "csv", "txt"}

// TestAnyOrderOfParts: parts in any order, cut, sent twice, by several processes,
// give the file, hash and report of one pass.
func TestAnyOrderOfParts(t *testing.T) {
	h := build(t)
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		name := "f." + rapid.SampledFrom(kinds).Draw(t, "kind")
		b := content(r, name[2:], rapid.IntRange(1, 5*testPart).Draw(t, "size"))
		size := int64(len(b))
		known := rapid.Bool().Draw(t, "known")
		if !known {
			size = -1
		}
		u := h.newUpload(t, catalog.Parts, name, size)
		count := (len(b) + testPart - 1) / testPart
		order, here := r.Perm(count), map[int]bool{}
		for len(order) > 0 {
			n := order[0] + 1
			part := b[(n-1)*testPart : min(len(b), n*testPart)]
			in := upload.Incoming{Source: from(part), Length: -1}
			switch r.IntN(6) {
			case 0: // cut
				in.Source = &cutSource{from(part), r.IntN(len(part))}
				if _, err := h.uploads.WritePart(h.t.Context(), u.ID, n, in); !errors.Is(err, errCut) {
					t.Fatalf("a part that was cut: %v", err)
				}
				continue
			case 1:
				h.restart(t)
			case 2: // not all is there yet; if nobody knows how much that is, it would be complete
				if !known || len(here) == count {
					break
				}
				if _, err := h.uploads.Complete(h.t.Context(), u.ID); !errs.Is(err, errs.Conflict) {
					t.Fatalf("completing too early: %v", err)
				}
			}
			w, err := h.uploads.WritePart(h.t.Context(), u.ID, n, in)
			if err != nil || w.Size != int64(len(part)) {
				t.Fatalf("part %d: %v, %v", n, w, err)
			}
			here[n] = true
			if r.IntN(4) > 0 {
				order = order[1:]
			} else { // and again, later
				order = append(order[1:], order[0])
			}
		}
		out, err := h.uploads.Complete(h.t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		again, err := h.uploads.Complete(h.t.Context(), u.ID)
		if err != nil || again.File.ID != out.File.ID {
			t.Fatalf("completed twice: %v, %v", again, err)
		}
		h.wantFile(t, out, name, b)
	})
}

// TestAnySplitOfAppends: bytes in order, in whatever pieces, cut, by several
// processes, give the same; the offset never falls.
func TestAnySplitOfAppends(t *testing.T) {
	h := build(t)
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		name := "f." + rapid.SampledFrom(kinds).Draw(t, "kind")
		most := 3 << 20
		if rapid.IntRange(0, 15).Draw(t, "large") == 0 {
			most = 40 << 20 // over several of the server's own parts
		}
		b := content(r, name[2:], rapid.IntRange(1, most).Draw(t, "size"))
		size := int64(len(b))
		deferred := rapid.Bool().Draw(t, "deferred")
		if deferred {
			size = -1
		}
		u := h.newUpload(t, catalog.Append, name, size)
		var out *upload.Outcome
		for at := int64(0); out == nil; {
			rest := b[at:]
			n := min(len(rest), 1+r.IntN(len(b)), 1+r.IntN(len(b)))
			in := upload.Appending{Offset: at, Auto: true, Incoming: upload.Incoming{Source: from(rest[:n]), Length: int64(n)}}
			if deferred && n == len(rest) {
				in.Size = new(int64)
				*in.Size = int64(len(b))
			}
			cut := r.IntN(4) == 0
			if cut {
				in.Source = &cutSource{from(rest[:n]), r.IntN(n + 1)}
			}
			if r.IntN(5) == 0 {
				h.restart(t)
			}
			got, err := h.uploads.Append(h.t.Context(), u.ID, in)
			if err != nil && !(cut && errors.Is(err, errCut)) {
				t.Fatal(err)
			}
			if got.Upload.Committed < at || got.Upload.Committed > at+int64(n) || err == nil && got.Upload.Committed != at+int64(n) {
				t.Fatalf("after %d bytes from %d the upload stands at %d", n, at, got.Upload.Committed)
			}
			at, out = got.Upload.Committed, got.Outcome
			if at == int64(len(b)) && out == nil { // the answer was lost with the connection
				if out, err = h.uploads.Complete(h.t.Context(), u.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		h.wantFile(t, out, name, b)
	})
}
