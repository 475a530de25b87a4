package validate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"freshet/api"
	"freshet/internal/errs"
	"freshet/internal/rule"
	"freshet/internal/validate"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

// packers are made once: they are slow to begin.
var packers = map[string]interface {
	io.WriteCloser
	Reset(io.Writer)
}{"gzip": gzip.NewWriter(nil), "zstd": func() *zstd.Encoder {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err) // the options are fixed
	}
	return w
}()}

// compressed is data as a client may send it: in so many members or frames.
func compressed(t interface{ Fatal(...any) }, kind string, data []byte, members int) []byte {
	var out bytes.Buffer
	for i := range members {
		pack(t, kind, &out, bytes.NewReader(data[len(data)*i/members:len(data)*(i+1)/members]))
	}
	return out.Bytes()
}

func pack(t interface{ Fatal(...any) }, kind string, out io.Writer, in io.Reader) {
	w := packers[kind]
	w.Reset(out)
	if _, err := io.Copy(w, in); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

var endings = map[string]string{"gzip": ".gz", "zstd": ".zst"}

// streamed is the report of a file that comes in the pieces that next tells.
func streamed(t interface {
	Fatal(...any)
	TempDir() string
}, name string, data []byte, o rule.Options, next func(left int) int) (*api.Report, string) {
	s := validate.NewStream(name, o, validate.Config{Scratch: scratch(t)})
	defer s.Close()
	for rest := data; len(rest) > 0; {
		n := next(len(rest))
		piece := bytes.Clone(rest[:n])
		if _, err := s.Write(piece); err != nil {
			t.Fatal(err)
		}
		for i := range piece { // nobody may keep it
			piece[i] = '!'
		}
		rest = rest[n:]
	}
	var all []api.Finding
	res, err := s.Finish(func(f *api.Finding) error { all = append(all, *f); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return res.Report, reportText(t, res.Report, all)
}

// reportText is all that a report tells, every finding included.
func reportText(t interface{ Fatal(...any) }, r *api.Report, all []api.Finding) string {
	text, err := json.MarshalIndent(struct {
		R *api.Report
		F []api.Finding
	}{r, all}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

type tempT struct {
	*rapid.T
	dir func() string
}

func (t tempT) TempDir() string { return t.dir() }

// TestCompressedIsPlain: a compressed file, in as many members as there may be
// and cut into writes anywhere, gives the report of what it unpacks to.
func TestCompressedIsPlain(t *testing.T) {
	dir := t.TempDir()
	for name, tokens := range alphabet {
		for kind, ending := range endings {
			t.Run(name+ending, func(t *testing.T) {
				rapid.Check(t, func(r *rapid.T) {
					rt := tempT{r, func() string { return dir }}
					data := randomFile(r, name, tokens)
					if len(data) == 0 {
						return
					}
					o, err := rule.ParseOptions([]byte(rapid.SampledFrom(someRules).Draw(r, "rules")))
					if err != nil {
						r.Fatal(err)
					}
					all := func(n int) int { return n }
					plain, want := streamed(rt, name, data, o, all)
					packed := compressed(r, kind, data, rapid.IntRange(1, 4).Draw(r, "members"))
					got, text := streamed(rt, name+ending, packed, o, func(n int) int { return rapid.IntRange(1, n).Draw(r, "piece") })
					if got.UnpackedBytes == nil && plain.Records == 0 {
						return // what is not read as records is not unpacked
					}
					if got.Compression != kind || got.Bytes != int64(len(packed)) || *got.UnpackedBytes != int64(len(data)) {
						r.Fatalf("compression %q, bytes %d, unpacked_bytes %d; want %q, %d, %d", got.Compression, got.Bytes, *got.UnpackedBytes, kind, len(packed), len(data))
					}
					text = strings.Replace(text, fmt.Sprintf(`"file_name": %q`, name+ending), fmt.Sprintf(`"file_name": %q`, name), 1)
					text = strings.Replace(text, fmt.Sprintf("  \"compression\": %q,\n", kind), "", 1)
					text = strings.Replace(text, fmt.Sprintf("  \"bytes\": %d,\n  \"unpacked_bytes\": %d,\n", len(packed), len(data)), fmt.Sprintf("  \"bytes\": %d,\n", len(data)), 1)
					if text != want {
						r.Fatalf("%q: plain (-) against compressed (+):\n%s", data, cmp.Diff(strings.Split(want, "\n"), strings.Split(text, "\n")))
					}
				})
			})
		}
	}
}

// TestDocumentCutAnywhere: encoding/json and the checks agree on what is a JSON
// document, good or bad, and it gives the same report
// in whatever pieces it is written.
func TestDocumentCutAnywhere(t *testing.T) {
	dir := t.TempDir()
	tokens := []string{`{"id":1,"text":"a"}`, `{"id":2,"text":"]}\\\"[{é"}`, ",", ",", ",\n", "\n", "\r\n", " ", "[", "]", "{", "}", `"`, `\`, `"x`, "12", "nul", ":", strings.Repeat(" ", 300),
		`{"id":3,"text":"` + strings.Repeat("long ", 100) + `"},`, "{\n \"id\": 4\n},", "\x00", "\xff"}
	rapid.Check(t, func(r *rapid.T) {
		rt := tempT{r, func() string { return dir }}
		text := rapid.SampledFrom([]string{"[", "[", "{\n", "\xef\xbb\xbf[{}"}).Draw(r, "front")
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(tokens)-1), 0, 40).Draw(r, "tokens") {
			text += tokens[i]
		}
		text += rapid.SampledFrom([]string{"]", "]\n", "", "\n]  \n"}).Draw(r, "back")
		rules := rapid.SampledFrom([]string{`{}`, `{"max_record_bytes":100}`, `{"max_errors":3,"fail_fast":true}`}).Draw(r, "rules")
		o, err := rule.ParseOptions([]byte(rules))
		if err != nil {
			r.Fatal(err)
		}
		report, want := streamed(rt, "f.json", []byte(text), o, func(n int) int { return n })
		valid := json.Valid([]byte(strings.TrimPrefix(text, "\xef\xbb\xbf")))
		if told := strings.Contains(want, `"json-syntax"`); valid && told || !valid && rules == `{}` && report.Verdict != "failed" {
			r.Fatalf("%q is JSON: %v, and yet: %s", text, valid, want)
		}
		_, got := streamed(rt, "f.json", []byte(text), o, func(n int) int { return rapid.IntRange(1, n).Draw(r, "piece") })
		if got != want {
			r.Fatalf("%q: at once (-) against in pieces (+):\n%s", text, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
		}
	})
}

// TestDocumentIsLines: an array has the statistics of the same records one a line.
func TestDocumentIsLines(t *testing.T) {
	var lines, array bytes.Buffer
	array.WriteString("[")
	for i := range 20_000 {
		rec := fmt.Sprintf(`{"id":%d,"text":"row %d [{\"","tags":["a",{"b":null}]}`, i%15_000, i%100)
		if i > 0 {
			array.WriteString(",\n")
		}
		array.WriteString(rec)
		lines.WriteString(rec + "\n")
	}
	array.WriteString("]\n")
	o := rule.Defaults()
	want, _ := streamed(t, "f.jsonl", lines.Bytes(), o, func(n int) int { return min(n, 1000) })
	got, _ := streamed(t, "f.json", array.Bytes(), o, func(n int) int { return min(n, 1000) })
	if d := cmp.Diff(want.Fields, got.Fields); d != "" || got.Records != want.Records || got.Lines != want.Lines || *got.DuplicateRecords != *want.DuplicateRecords || got.Verdict != "passed" {
		t.Errorf("records %d, lines %d, duplicates %d, verdict %s; want %d, %d, %d\n%s", got.Records, got.Lines, *got.DuplicateRecords, got.Verdict, want.Records, want.Lines, *want.DuplicateRecords, d)
	}
}

type nothing struct{}

func (nothing) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestBomb: gigabytes in a small file end the reading soon; what came before is told.
func TestBomb(t *testing.T) {
	for kind, ending := range endings {
		t.Run(kind, func(t *testing.T) {
			var file bytes.Buffer
			pack(t, kind, &file, strings.NewReader(`{"a":1}`+"\n"))
			pack(t, kind, &file, io.LimitReader(nothing{}, 3<<30))
			data := file.Bytes()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r, _ := streamed(t, "bomb.jsonl"+ending, data, rule.Defaults(), func(n int) int { return min(n, 1<<20) })
			runtime.ReadMemStats(&after)
			if r.Verdict != "failed" || len(r.ByRule) != 1 || r.ByRule[0].Rule != "decompression-limit" || r.Records != 1 {
				t.Errorf("verdict %s, rules %v, %d records", r.Verdict, r.ByRule, r.Records)
			}
			if most := int64(8<<20 + 200*len(data)); *r.UnpackedBytes > most || r.Bytes != int64(len(data)) {
				t.Errorf("unpacked %d of at most %d bytes; told %d bytes of %d", *r.UnpackedBytes, most, r.Bytes, len(data))
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 200<<20 {
				t.Errorf("%d MiB were allocated", used>>20)
			}
		})
	}
}

// TestDamaged: whatever byte a compressed file lacks or has wrong, it fails, its
// bytes are all counted, and nothing is told of records that are not there.
func TestDamaged(t *testing.T) {
	text := bytes.Repeat([]byte(`{"a":"some text","b":[1,2,3]}`+"\n"), 50)
	for kind, ending := range endings {
		good := compressed(t, kind, text, 2)
		check := func(what string, data []byte) {
			r, text := streamed(t, "f.jsonl"+ending, data, rule.Defaults(), func(n int) int { return min(n, 7) })
			if r.Verdict != "failed" || r.Bytes != int64(len(data)) || r.Records > 50 {
				t.Errorf("%s %s: %s", kind, what, text)
			}
		}
		half := len(compressed(t, kind, text[:len(text)/2], 1))
		for n := 4; n < len(good); n++ {
			if n != half { // that is a whole file of half the text
				check(fmt.Sprintf("cut at %d", n), good[:n])
			}
		}
		check("something behind", append(bytes.Clone(good), "more"...))
		bad := bytes.Clone(good)
		bad[len(bad)-6] ^= 1 // in a checksum, or what it is of
		check("a bit wrong", bad)
	}
}

// TestGivenUp: a file that is given up in the middle leaves no goroutine behind.
func TestGivenUp(t *testing.T) {
	data := compressed(t, "gzip", manyFields(3000), 1)
	before := runtime.NumGoroutine()
	for range 20 {
		s := validate.NewPlan("f.jsonl.gz", data, true, rule.Defaults(), validate.Config{Scratch: scratch(t)}).Segment(0, false)
		mustWrite(t, s, data[:len(data)/2])
		s.Summary().Close()
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

// TestSerialAtRest: what cannot be checked in stretches is checked in order, with
// the same report; it cannot be split.
func TestSerialAtRest(t *testing.T) {
	defer validate.Stretch(1000)()
	text := manyFields(3000)
	for name, data := range map[string][]byte{"f.jsonl.gz": compressed(t, "gzip", text, 3), "f.jsonl.zst": compressed(t, "zstd", text, 1), "f.json": []byte("[" + strings.Repeat(`{"a":1}, `, 5000) + "{}]")} {
		_, want := streamed(t, name, data, rule.Defaults(), func(n int) int { return n })
		s := validate.NewStream(name, rule.Defaults(), validate.Config{Scratch: scratch(t), Rejects: true})
		defer s.Close()
		n, err := s.CheckAll(t.Context(), validate.AtRest{Size: int64(len(data)), Open: reread(data)}, blind{}, func() validate.Watch { return blind{} })
		if err != nil || n != int64(len(data)) {
			t.Fatalf("%s: %d bytes of %d, %v", name, n, len(data), err)
		}
		var all []api.Finding
		res, err := s.Finish(func(f *api.Finding) error { all = append(all, *f); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if got := reportText(t, res.Report, all); got != want {
			t.Errorf("%s: at once (-) against at rest (+):\n%s", name, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
		}
		if _, err := s.Split(); !errs.HasCode(err, "not-records") {
			t.Errorf("%s was split: %v", name, err)
		}
	}
}

// TestSerialPreview: rules are tried at the front of what can only be read from there.
func TestSerialPreview(t *testing.T) {
	text := manyFields(60_000)
	for name, data := range map[string][]byte{"f.jsonl.gz": compressed(t, "gzip", text, 3), "f.jsonl.zst": compressed(t, "zstd", text, 2),
		"f.json": []byte("[" + strings.Repeat(`{"a": 1}, {"a": x}, `, 20_000) + "{}]")} {
		f, report, all, o := stored(t, scratch(t), name, "{}", data)
		config := validate.Config{Scratch: scratch(t)}
		whole, err := f.First(t.Context(), f.Size, o, config)
		if err != nil || !whole.Whole || whole.Bytes != f.Size {
			t.Fatal(name, whole, err)
		}
		if d := cmp.Diff(report, whole.Report); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		sample := func() (*validate.Preview, error) { return f.Sample(t.Context(), 100, 1, o, config) }
		first := func() (*validate.Preview, error) { return f.First(t.Context(), f.Size/2, o, config) }
		for what, look := range map[string]func() (*validate.Preview, error){"sample": sample, "first": first} {
			p, err := look()
			if err != nil {
				t.Fatal(name, what, err)
			}
			if n := p.Report.Records; n < 100 || n >= report.Records || p.Bytes >= f.Size || p.Whole || p.Report.Errors == 0 || p.Report.Errors >= report.Errors {
				t.Errorf("%s, %s: %d records of %d, %d bytes of %d, %d errors", name, what, n, report.Records, p.Bytes, f.Size, p.Report.Errors)
			}
			subset(t, p.Report.Findings, all)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	for kind := range endings {
		f.Add(compressed(f, kind, []byte(`{"a":1}`+"\n"), 2))
		f.Add(append(compressed(f, kind, []byte("a,b\n1,2\n"), 1), "x"...))
	}
	f.Add([]byte("[{\"a\":1},{}]"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range []string{"f.jsonl.gz", "f.json"} {
			_, whole := streamed(tempF{t, dir}, name, data, rule.Defaults(), func(n int) int { return n })
			_, pieces := streamed(tempF{t, dir}, name, data, rule.Defaults(), func(n int) int { return min(n, 3) })
			if whole != pieces {
				t.Fatal(cmp.Diff(strings.Split(whole, "\n"), strings.Split(pieces, "\n")))
			}
		}
	})
}

type tempF struct {
	*testing.T
	dir string
}

func (t tempF) TempDir() string { return t.dir }
