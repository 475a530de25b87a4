package validate_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"freshet/internal/rule"
	"freshet/internal/validate"
)

// bulk is a bulk in memory that knows whether it was closed.
type bulk struct {
	*bytes.Reader
	closed bool
}

func (b *bulk) Close() error { b.closed = true; return nil }

func mustSave(t testing.TB, sum *validate.Summary) ([]byte, *bulk) {
	t.Helper()
	var b bytes.Buffer
	small, err := sum.Save(&b)
	if err != nil {
		t.Fatal(err)
	}
	return small, &bulk{Reader: bytes.NewReader(b.Bytes())}
}

// manyFields is a file whose statistics are of all kinds: many fields, long
// values, numbers of any size, broken lines.
func manyFields(lines int) []byte {
	var b bytes.Buffer
	for i := range lines {
		fmt.Fprintf(&b, `{"id":%d,"v":"%d","e":%g,"a":[%d,null,{"d":true}],"f%d":"%s"}`+"\n",
			i%(lines*2/3), i%7, math.Ldexp(float64(i)-1e4, i%2000-1000), i, i%300, strings.Repeat("é", i%200))
		if i%5 == 0 {
			fmt.Fprintf(&b, "{broken %d\n", i)
		}
	}
	return b.Bytes()
}

func planOf(t testing.TB, name string, data []byte, rules string, config validate.Config) *validate.Plan {
	t.Helper()
	o, err := rule.ParseOptions([]byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	config.Scratch = scratch(t)
	return validate.NewPlan(name, data[:min(len(data), validate.HeadSize)], len(data) <= validate.HeadSize, o, config)
}

// TestSaveManyRecords: parts of a file with much of everything are saved, loaded
// and merged; the report is that of one pass, and the rows are small.
func TestSaveManyRecords(t *testing.T) {
	data := manyFields(60_000)
	p := planOf(t, "f.jsonl", data, `{"unique_fields":["id"]}`, validate.Config{})
	want := onePass(t, p, data)
	front := p.Segment(0, false)
	for i, from := 0, 0; from < len(data); i++ {
		to := min(len(data), from+len(data)/4+i*777)
		s := p.Segment(int64(from), false)
		mustWrite(t, s, data[from:to])
		small, b := mustSave(t, s.Summary())
		if len(small) > 64<<10 {
			t.Errorf("part %d: %d bytes for a row", i, len(small))
		}
		sum, err := p.Load(small, b)
		if err != nil {
			t.Fatal(err)
		}
		if from == 0 {
			front = p.Resume(sum)
		} else if err := front.Append(sum); err != nil {
			t.Fatal(err)
		}
		from = to
	}
	if got := rendered(t, p, front.Summary()); got != want {
		t.Error("merged differs from one pass")
	}
}

// TestSaveTooManyFields: that there are more fields than are kept is not forgotten.
func TestSaveTooManyFields(t *testing.T) {
	var b bytes.Buffer
	for i := range 300 {
		fmt.Fprintf(&b, `{"f%d":{"x":%d}}`+"\n", i, i)
	}
	p := planOf(t, "f.jsonl", b.Bytes(), `{}`, validate.Config{})
	want := onePass(t, p, b.Bytes())
	s := p.Segment(0, false)
	mustWrite(t, s, b.Bytes())
	small, held := mustSave(t, s.Summary())
	sum, err := p.Load(small, held)
	if err != nil {
		t.Fatal(err)
	}
	if got := rendered(t, p, sum); got != want || !strings.Contains(want, `"fields_truncated": true`) {
		t.Errorf("saved and loaded:\n%.2000s\none pass:\n%.2000s", got, want)
	}
}

// TestRowSize: what is saved of a part of chat records fits a row well; half of it is the sample.
func TestRowSize(t *testing.T) {
	data := chatFile(10_000)
	p := planOf(t, "f.jsonl", data, `{}`, validate.Config{})
	s := p.Segment(0, false)
	mustWrite(t, s, data)
	small, b := mustSave(t, s.Summary())
	t.Logf("%d bytes, %d records: a row of %d, bulk of %d", len(data), 10_000, len(small), b.Len())
	if len(small) > 16<<10 || b.Len() > 16*10_000 {
		t.Errorf("a row of %d bytes, a bulk of %d", len(small), b.Len())
	}
}

// TestBulkIsClosed: the bulk is closed with the last that reads from it, at once
// when nothing does.
func TestBulkIsClosed(t *testing.T) {
	data := []byte(strings.Repeat(`{"id":1,"text":"a"}`+"\n", 2000))
	p := planOf(t, "f.jsonl", data, `{"unique_fields":["id"]}`, validate.Config{})
	part := func(from, to int) (*validate.Summary, *bulk) {
		s := p.Segment(int64(from), false)
		mustWrite(t, s, data[from:to])
		small, b := mustSave(t, s.Summary())
		sum, err := p.Load(small, b)
		if err != nil {
			t.Fatal(err)
		}
		return sum, b
	}
	if _, b := part(0, 100); !b.closed || b.Len() > 0 {
		t.Errorf("a bulk of %d bytes that holds nothing is open", b.Len())
	}
	one, b1 := part(0, len(data)/2)
	two, b2 := part(len(data)/2, len(data))
	if b1.closed || b2.closed || b1.Len() == 0 {
		t.Fatalf("bulks are closed: %v, %v", b1.closed, b2.closed)
	}
	sum, err := p.Merge(one, two)
	if err != nil {
		t.Fatal(err)
	}
	if b1.closed || !b2.closed {
		t.Errorf("after the merge, which copies what is small, bulks are closed: %v, %v", b1.closed, b2.closed)
	}
	if rendered(t, p, sum); !b1.closed {
		t.Error("the bulk stays open")
	}
}

// TestLoadRefusesDamage: a row with any byte changed or missing is refused, and
// so is one of another version, by an error of its own.
func TestLoadRefusesDamage(t *testing.T) {
	defer validate.Small()()
	data := manyFields(500)
	p := planOf(t, "f.jsonl", data, `{}`, validate.Config{})
	s := p.Segment(0, false)
	mustWrite(t, s, data)
	small, b := mustSave(t, s.Summary())
	for i := range small {
		bad := bytes.Clone(small)
		bad[i] ^= 0x10
		if _, err := p.Load(bad, b); !errors.Is(err, validate.ErrDamaged) && !errors.Is(err, validate.ErrVersion) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if _, err := p.Load(small[:i], b); !errors.Is(err, validate.ErrDamaged) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	other := bytes.Clone(small)
	other[0]++
	if _, err := p.Load(other, b); !errors.Is(err, validate.ErrVersion) {
		t.Errorf("another version: %v", err)
	}
	if _, err := p.Load(small, nil); err == nil {
		t.Error("loaded without its bulk")
	}
	if b.closed {
		t.Error("a summary that was not loaded closed the bulk")
	}
	whole, err := io.ReadAll(b)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(whole); n += 97 {
		sum, err := p.Load(small, &bulk{Reader: bytes.NewReader(whole[:n])})
		if err == nil {
			_, err = p.Finish(sum, nil)
		}
		if err == nil {
			t.Fatalf("a bulk of %d bytes instead of %d gave a report", n, len(whole))
		}
	}
}

// FuzzLoad: whatever a row holds, it is refused or makes a report.
func FuzzLoad(f *testing.F) {
	restore := validate.Small()
	f.Cleanup(restore)
	plans := map[string]*validate.Plan{}
	for name, data := range map[string][]byte{"f.jsonl": manyFields(40), "f.csv": []byte("id,text\n1,a\n2,\"b\nc\"\n1,\n3,\"d"), "f.txt": []byte("a\nb\n\nb\n")} {
		p := planOf(f, name, data, `{"unique_fields":["id"]}`, validate.Config{})
		plans[name] = p
		for _, from := range []int{0, len(data) / 2} {
			s := p.Segment(int64(from), false)
			mustWrite(f, s, data[from:])
			small, b := mustSave(f, s.Summary())
			body, err := validate.Unseal(small)
			if err != nil {
				f.Fatal(err)
			}
			held, err := io.ReadAll(b)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(name, body, held)
		}
	}
	f.Fuzz(func(t *testing.T, name string, body, held []byte) {
		p := plans[name]
		if p == nil {
			return
		}
		sum, err := p.Load(validate.Seal(body), &bulk{Reader: bytes.NewReader(held)})
		if err != nil {
			return
		}
		defer sum.Close()
		if small, err := sum.Save(io.Discard); err == nil && len(small) == 0 {
			t.Error("saved as nothing")
		}
		if _, err := p.Finish(sum, nil); err != nil {
			t.Log(err)
		}
	})
}

// TestOpenPlan: a plan that was saved tells the same of a file, and damage is told.
func TestOpenPlan(t *testing.T) {
	for name, data := range map[string]string{
		"f.jsonl": `{"messages":[]}` + "\n" + `{"text":"a"}` + "\n", "f.csv": "a\tb\n1\t2\n", "f.txt": "\xef\xbb\xbfa\n",
		"g.jsonl": "plain text", "h.jsonl": "\x1f\x8b\x08", "i.csv": "\xff\xfea\x00,\x00", "empty.csv": "",
	} {
		for _, rules := range []string{`{}`, `{"schema":"openai-chat"}`, `{"unique_fields":["a"],"severity":{"duplicate-key":"off"}}`} {
			p := planOf(t, name, []byte(data), rules, validate.Config{})
			saved, err := p.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			q, err := validate.OpenPlan(saved, p.Options, validate.Config{Scratch: scratch(t)})
			if err != nil {
				t.Fatal(err)
			}
			if want, got := onePass(t, p, []byte(data)), onePass(t, q, []byte(data)); want != got {
				t.Errorf("%s under %s:\n%s\nfrom the plan that was saved:\n%s", name, rules, want, got)
			}
			again, err := q.Marshal()
			if err != nil || !bytes.Equal(saved, again) {
				t.Errorf("saved again it is %s, not %s (%v)", again, saved, err)
			}
		}
	}
	for data, want := range map[string]error{"": nil, "{": nil, `{"version":4,"findings":[{"rule":"no-such-rule"}]}`: nil, `{"version":4,"columns":7}`: nil, `{}`: validate.ErrVersion, `{"version":99,"columns":7}`: validate.ErrVersion} {
		if _, err := validate.OpenPlan([]byte(data), rule.Defaults(), validate.Config{}); err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", data, err, want)
		}
	}
}
