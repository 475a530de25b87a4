//go:build unix

package local_test

import (
	"io"
	"testing"

	"freshet/internal/blob"
	"freshet/internal/blob/local"
	"freshet/internal/durable"
	"freshet/internal/seal"

	"golang.org/x/sys/unix"
)

// repeated gives an aligned buffer again and again, as receiving does.
type repeated struct {
	b    []byte
	left int
}

func (*repeated) Read([]byte) (int, error) { panic("these bytes are not to be copied") }

func (r *repeated) WriteTo(w io.Writer) (total int64, err error) {
	for ; r.left > 0 && err == nil; r.left -= len(r.b) {
		var n int
		n, err = w.Write(r.b)
		total += int64(n)
	}
	return total, err
}

func cpuSeconds() float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// BenchmarkWrite is what a part of 256 MiB costs with and without sealing, to its
// sync; BenchmarkRead what reading it from the page cache does.
func BenchmarkWrite(b *testing.B) {
	each(b, func(b *testing.B, s *local.Store) {
		for b.Loop() {
			write(b, s)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	each(b, func(b *testing.B, s *local.Store) {
		h, p := write(b, s)
		if err := s.Complete(b.Context(), keyA, h, p.Size, []blob.Part{p}); err != nil {
			b.Fatal(err)
		}
		buf := make([]byte, 256<<10)
		for b.Loop() {
			r, err := s.Read(b.Context(), keyA, 0, -1)
			for err == nil {
				_, err = r.Read(buf)
			}
			if r.Close(); err != io.EOF {
				b.Fatal(err)
			}
		}
	})
}

const benchSize = 256 << 20

func each(b *testing.B, f func(*testing.B, *local.Store)) {
	key := masterKey(b, 1)
	for _, c := range []struct {
		name string
		keys []string
	}{{"plain", nil}, {"sealed", []string{key}}} {
		b.Run(c.name, func(b *testing.B) {
			var r *seal.Ring
			if c.keys != nil {
				r = ring(b, c.keys...)
			}
			s, err := local.Open(b.Context(), b.TempDir(), 0, r)
			if err != nil {
				b.Fatal(err)
			}
			write(b, s) // warm up
			b.SetBytes(benchSize)
			before := cpuSeconds()
			f(b, s)
			b.ReportMetric((cpuSeconds()-before)/float64(b.N)/benchSize*(1<<30), "cpu-s/GiB")
		})
	}
}

func write(b *testing.B, s *local.Store) (string, blob.Part) {
	b.Helper()
	h, err := s.Begin(b.Context(), keyA, benchSize)
	if err != nil {
		b.Fatal(err)
	}
	chunk := durable.Buffer(1 << 20)
	copy(chunk, text(3, len(chunk)))
	p, err := s.WritePart(b.Context(), keyA, h, blob.Part{Number: 1}, blob.Stretch{Size: -1}, &repeated{chunk, benchSize})
	if err != nil || p.Size != benchSize {
		b.Fatal(err)
	}
	b.StopTimer()
	for old := range s.Handles(b.Context()) {
		if old.Handle != h {
			if err := s.Abort(b.Context(), "", old.Handle); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.StartTimer()
	return h, p
}
