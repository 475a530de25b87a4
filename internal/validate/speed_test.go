package validate_test

import (
	"bytes"
	"fmt"
	"testing"

	"freshet/internal/rule"
	"freshet/internal/validate"
)

// chatFile is n chat records, all different.
func chatFile(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"%s %d"},{"role":"assistant","content":"%s\n\"é\" %d"}],"id":%d}`+"\n",
			bytes.Repeat([]byte("why is the sky blue? "), 10), i, bytes.Repeat([]byte("because of Rayleigh scattering. "), 20), i, i)
	}
	return b.Bytes()
}

// TestGoodPathDoesNotAllocate: checking more records that are fine costs no more allocations.
func TestGoodPathDoesNotAllocate(t *testing.T) {
	var csv, text bytes.Buffer
	csv.WriteString("id,text\n")
	for i := range 4000 {
		fmt.Fprintf(&csv, "%d,\"some \"\"quoted\"\" text, here\"\n", i)
		fmt.Fprintf(&text, "line %d of a text\n", i)
	}
	for name, data := range map[string][]byte{"f.jsonl": chatFile(2000), "f.csv": csv.Bytes(), "f.txt": text.Bytes()} {
		t.Run(name, func(t *testing.T) {
			p := validate.NewPlan(name, data[:min(len(data), validate.HeadSize)], false, rule.Defaults(), validate.Config{Scratch: scratch(t)})
			s := p.Segment(0, false)
			body := data[bytes.IndexByte(data, '\n')+1:]
			for range 3 { // buffers grow
				mustWrite(t, s, data)
			}
			allocs := testing.AllocsPerRun(2, func() { mustWrite(t, s, body) })
			// the batch of hashes and the line index grow now and then; 2,000 and more records do not matter
			if allocs > 40 {
				t.Errorf("checking %d bytes made %v allocations", len(data), allocs)
			}
		})
	}
}

func mustWrite(t testing.TB, s *validate.Segment, p []byte) {
	if _, err := s.Write(p); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkChat(b *testing.B) {
	data := chatFile(20_000)
	p := validate.NewPlan("f.jsonl", data[:validate.HeadSize], false, rule.Defaults(), validate.Config{Scratch: scratch(b)})
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		s := p.Segment(0, false)
		for d := data; len(d) > 0; {
			n := min(len(d), 1<<20)
			mustWrite(b, s, d[:n])
			d = d[n:]
		}
		s.Summary().Close()
	}
}
