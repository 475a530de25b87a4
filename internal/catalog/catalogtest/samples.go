package catalogtest

import (
	"fmt"
	"testing"

	"freshet/internal/catalog"
)

func samples(t *testing.T, s *catalog.Store) {
	for n := 1; n <= 5; n++ {
		create(t, s, n)
		if n != 4 { // checked before there were samples
			_, err := s.Step(t.Context(), ID(n), catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploading, Action: "x",
				Report: &catalog.Report{JSON: []byte("{}"), LineIndex: []byte{}, Sample: fmt.Appendf(nil, "sample %d", n)}})
			if err != nil {
				t.Fatal(err)
			}
		}
		if n == 3 {
			continue // it stays where it is
		}
		step(t, s, ID(n), catalog.Uploading, catalog.Uploaded, nil)
		step(t, s, ID(n), catalog.Uploaded, catalog.Processing, nil)
		step(t, s, ID(n), catalog.Processing, catalog.Fresh, nil)
	}
	step(t, s, ID(2), catalog.Fresh, catalog.Used, nil)
	all := func() string {
		out := ""
		for after := ""; ; {
			page, err := s.Samples(t.Context(), "default", after, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page {
				out += fmt.Sprintf("%s %q %q\n", r.FileID, r.Name, r.Bytes)
				after = r.FileID
			}
			if len(page) < 2 {
				return out
			}
		}
	}
	line := func(n int, sample string) string {
		return fmt.Sprintf("%s %q %q\n", ID(n), fmt.Sprintf("Data %d.jsonl", n), sample)
	}
	if got, want := all(), line(1, "sample 1")+line(2, "sample 2")+line(4, "")+line(5, "sample 5"); got != want {
		t.Errorf("Samples = %s, want %s", got, want)
	}
	if b, err := s.Sample(t.Context(), ID(3)); err != nil || string(b) != "sample 3" {
		t.Errorf("Sample = %q, %v", b, err)
	}
	if b, err := s.Sample(t.Context(), ID(4)); err != nil || len(b) != 0 {
		t.Errorf("Sample of a file without one = %q, %v", b, err)
	}
	_, err := s.Step(t.Context(), ID(5), catalog.Step{From: []catalog.Status{catalog.Fresh}, To: catalog.Fresh, Action: "x",
		Report: &catalog.Report{JSON: []byte("{}"), LineIndex: []byte{}, Sample: []byte("another")}})
	if err != nil {
		t.Fatal(err)
	}
	step(t, s, ID(1), catalog.Fresh, catalog.Deleted, nil)
	if got, want := all(), line(2, "sample 2")+line(4, "")+line(5, "another"); got != want {
		t.Errorf("Samples = %s, want %s", got, want)
	}
	if b, err := s.Sample(t.Context(), ID(1)); err != nil || len(b) != 0 {
		t.Errorf("Sample of a file that is gone = %q, %v", b, err)
	}
}
