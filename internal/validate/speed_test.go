package validate_test

import (
	"bytes"
	"fmt"
	"strings"
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
	content := `{"severity":{"secret":"error","email":"error","card-number":"error","iban":"error","us-ssn":"error","hidden-unicode":"error","html-script":"error","csv-formula":"error"},
		"json_schema":{"type":"object","minProperties":1,"properties":{"id":{"type":["integer","string"]},"text":{"maxLength":100}}}}`
	for name, data := range map[string][]byte{"f.jsonl": chatFile(2000), "f.csv": csv.Bytes(), "f.txt": text.Bytes(),
		"content.jsonl": chatFile(2000), "content.csv": csv.Bytes(), "content.txt": text.Bytes()} {
		t.Run(name, func(t *testing.T) {
			rules := ""
			if strings.HasPrefix(name, "content") {
				rules = content
			}
			options, err := rule.ParseOptions([]byte(rules))
			if err != nil {
				t.Fatal(err)
			}
			p := validate.NewPlan(name, data[:min(len(data), validate.HeadSize)], false, options, validate.Config{Scratch: scratch(t)})
			s := p.Segment(0, false)
			body := data[bytes.IndexByte(data, '\n')+1:]
			for range 3 { // buffers grow
				mustWrite(t, s, data)
			}
			allocs := testing.AllocsPerRun(2, func() { mustWrite(t, s, body) })
			// the log of records and the line index grow now and then; 2,000 and more records do not matter
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

// words are what the lines of benchmarks are made of: a tenth is not ASCII.
var words = []string{"the", "token", "stream", "of", "naïve", "learning", "that", "was", "a", "letter", "größe", "under", "morning", "to", "column", "with", "東京", "house", "and", "mountain"}

// wordy is n words beginning with the i-th.
func wordy(b []byte, i, n int) []byte {
	for k := range n {
		b = append(append(b, words[(i*7+k*(1+i%11))%len(words)]...), ' ')
	}
	return b
}

func textFile(n int) []byte {
	var b []byte
	for i := range n {
		b = fmt.Appendf(wordy(b, i, 14), "%d\n", i)
	}
	return b
}

func csvFile(n int) []byte {
	b := []byte("id,name,score,city,note\n")
	for i := range n {
		b = fmt.Appendf(b, "%d,%s,%d.%02d,%s,\"a \"\"quoted\"\" note, ", i, words[i%7], i%100, i%89, words[i%19])
		b = append(wordy(b, i, 8), "\"\n"...)
	}
	return b
}

func flatFile(n int) []byte {
	var b []byte
	for i := range n {
		b = fmt.Appendf(b, `{"id":%d`, i)
		for k := range 16 {
			switch k % 4 {
			case 0:
				b = fmt.Appendf(b, `,"field_%d":"%s"`, k, words[(i+k)%len(words)])
			case 1:
				b = fmt.Appendf(b, `,"field_%d":%d`, k, (i*7919+k)%100_000)
			case 2:
				b = fmt.Appendf(b, `,"field_%d":%d.%03d`, k, i%100, (i*31)%1000)
			default:
				b = fmt.Appendf(b, `,"field_%d":%t`, k, i%2 == 0)
			}
		}
		b = append(b, "}\n"...)
	}
	return b
}

func BenchmarkChat(b *testing.B) { benchmark(b, "f.jsonl", chatFile(20_000)) }
func BenchmarkFlat(b *testing.B) { benchmark(b, "f.jsonl", flatFile(60_000)) }
func BenchmarkCSV(b *testing.B)  { benchmark(b, "f.csv", csvFile(200_000)) }
func BenchmarkText(b *testing.B) { benchmark(b, "f.txt", textFile(200_000)) }

// benchmark checks the file in chunks as they arrive.
func benchmark(b *testing.B, name string, data []byte) {
	p := validate.NewPlan(name, data[:validate.HeadSize], false, rule.Defaults(), validate.Config{Scratch: scratch(b)})
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
