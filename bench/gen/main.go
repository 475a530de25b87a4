// Command gen writes training data of a kind, a size and a seed: the same
// arguments give the same bytes. It is what benchmarks and the demo run on.
//
//	gen -kind chat -size 1GiB -seed 1 -faults 7 > chat.jsonl
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

func main() {
	kind := flag.String("kind", "chat", "chat, flat, csv or text; brackets, string, newlines, names, objects or quotes, made to cost")
	size := flag.String("size", "1GiB", "bytes to write, with KiB, MiB or GiB")
	seed := flag.Uint64("seed", 1, "same seed, same bytes")
	faults := flag.Int("faults", 0, "faults to plant in a chat file, evenly spread, at most 7")
	flag.Parse()
	if err := run(os.Stdout, *kind, *size, *seed, *faults); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, kind, size string, seed uint64, faults int) error {
	want, err := bytesOf(size)
	if err != nil {
		return err
	}
	if h, ok := hostile[kind]; ok {
		return h.write(out, want)
	}
	g := &generator{rnd: rand.New(rand.NewPCG(seed, 1))}
	make := map[string]func([]byte) []byte{"chat": g.chat, "flat": g.flat, "csv": g.csv, "text": g.text}[kind]
	if make == nil {
		return fmt.Errorf("no kind %q", kind)
	}
	w := bufio.NewWriterSize(out, 1<<20)
	written, planted := int64(0), 0
	var rec []byte
	if kind == "csv" {
		rec = append(rec, "id,name,score,city,note\n"...)
	}
	for written < want {
		rec = make(rec)
		if planted < faults && planted < len(plants) && written > want*int64(planted+1)/int64(faults+1) {
			rec = plants[planted](rec)
			planted++
		}
		n, err := w.Write(rec)
		if err != nil {
			return err
		}
		written += int64(n)
		rec = rec[:0]
	}
	return w.Flush()
}

func bytesOf(s string) (int64, error) {
	unit := int64(1)
	for suffix, u := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = rest, u
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n * unit, err
}

// plants break a chat record, each in its own way.
var plants = []func([]byte) []byte{
	func(r []byte) []byte { return append(r[:len(r)-3], '\n') },                                         // cut off
	func(r []byte) []byte { return []byte(strings.Replace(string(r), `"assistant"`, `"asistant"`, 1)) }, // unknown role
	func(r []byte) []byte {
		return []byte(strings.Replace(string(r), `"content":"`, "\"content\":\"\xff", 1))
	}, // not UTF-8
	func(r []byte) []byte { return []byte(strings.Replace(string(r), `,`, `,,`, 1)) },                 // stray comma
	func(r []byte) []byte { return []byte(strings.Replace(string(r), `"messages"`, `"mesages"`, 1)) }, // misspelt
	func(r []byte) []byte { return []byte("[1, 2, 3]\n") },                                            // not an object
	func(r []byte) []byte {
		return []byte(strings.Replace(string(r), `"content":"`, `"content":null,"x":"`, 1))
	},
}

type generator struct {
	rnd *rand.Rand
	n   int
}

var words = strings.Fields(`the of and to in is that for it as was with be by on not he this are or his from at which but have an had they you were
model data training record token gradient layer attention batch epoch learning stream upload storage check line column value field schema
river water mountain forest city street house garden window morning evening winter summer music painting letter journey
größe façade naïve 東京 данные señor 😀`)

func (g *generator) sentence(b []byte, size int) []byte {
	for from := len(b); len(b)-from < size; {
		b = append(b, words[g.rnd.IntN(len(words))]...)
		switch g.rnd.IntN(40) {
		case 0:
			b = append(b, `.\n`...)
		case 1:
			b = append(b, ` \"quoted\"`...)
		default:
			b = append(b, ' ')
		}
	}
	return b
}

func (g *generator) chat(b []byte) []byte {
	g.n++
	b = append(b, `{"messages":[{"role":"system","content":"You are a helpful assistant."}`...)
	for range 1 + g.rnd.IntN(3) {
		b = append(b, `,{"role":"user","content":"`...)
		b = g.sentence(b, 40+g.rnd.IntN(400))
		b = append(b, `"},{"role":"assistant","content":"`...)
		b = g.sentence(b, 200+g.rnd.IntN(2200))
		b = append(b, `"}`...)
	}
	b = append(b, `],"id":`...)
	b = strconv.AppendInt(b, int64(g.n), 10)
	return append(b, "}\n"...)
}

func (g *generator) flat(b []byte) []byte {
	g.n++
	b = append(b, `{"id":`...)
	b = strconv.AppendInt(b, int64(g.n), 10)
	for i := range 19 {
		b = append(b, `,"field_`...)
		b = strconv.AppendInt(b, int64(i), 10)
		switch i % 4 {
		case 0:
			b = append(b, `":"`...)
			b = append(b, words[g.rnd.IntN(len(words))]...)
			b = append(b, '"')
		case 1:
			b = append(b, `":`...)
			b = strconv.AppendInt(b, g.rnd.Int64N(100000), 10)
		case 2:
			b = append(b, `":`...)
			b = strconv.AppendFloat(b, g.rnd.Float64()*100, 'f', 3, 64)
		default:
			b = append(b, `":`...)
			b = strconv.AppendBool(b, g.rnd.IntN(2) == 0)
		}
	}
	return append(b, "}\n"...)
}

func (g *generator) csv(b []byte) []byte {
	g.n++
	b = strconv.AppendInt(b, int64(g.n), 10)
	b = append(b, ',')
	b = append(b, words[g.rnd.IntN(len(words))]...)
	b = append(b, ',')
	b = strconv.AppendFloat(b, g.rnd.Float64()*100, 'f', 2, 64)
	b = append(b, ',')
	b = append(b, words[g.rnd.IntN(len(words))]...)
	b = append(b, `,"a ""quoted"" note, `...)
	for range 3 + g.rnd.IntN(10) {
		b = append(b, words[g.rnd.IntN(len(words))]...)
		b = append(b, ' ')
	}
	return append(b, "\"\n"...)
}

func (g *generator) text(b []byte) []byte {
	for range 8 + g.rnd.IntN(20) {
		b = append(b, words[g.rnd.IntN(len(words))]...)
		b = append(b, ' ')
	}
	return append(b, '\n')
}
