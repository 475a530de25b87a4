package validate_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"freshet/internal/rule"
	"freshet/internal/validate"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// blind is a watch that nobody looks at.
type blind struct{}

func (blind) Check(f func() (*validate.Segment, error)) error { _, err := f(); return err }
func (blind) Fold()                                           {}
func (blind) End()                                            {}

// TestCheckAllIsOnePass: a file at rest that is checked in stretches on all
// cores has the report of one pass.
func TestCheckAllIsOnePass(t *testing.T) {
	defer validate.Small()()
	tmp := scratch(t)
	for name, tokens := range alphabet {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				data := randomFile(t, name, tokens)
				opt, err := rule.ParseOptions([]byte(rapid.SampledFrom(someRules).Draw(t, "rules")))
				if err != nil {
					t.Fatal(err)
				}
				config := validate.Config{Scratch: tmp, Reread: reread(data)}
				plan := validate.NewPlan(name, data[:min(len(data), validate.HeadSize)], true, opt, config)
				want := onePass(t, plan, data)
				defer validate.Stretch(rapid.Int64Range(1, int64(max(1, len(data)))).Draw(t, "stretch"))()
				st := validate.NewStream(name, opt, validate.Config{Scratch: tmp})
				n, err := st.CheckAll(t.Context(), validate.AtRest{Size: int64(len(data)), Open: reread(data)}, blind{}, func() validate.Watch { return blind{} })
				if err != nil || n != int64(len(data)) {
					t.Fatalf("CheckAll = %d, %v; want %d", n, err, len(data))
				}
				if got := rendered(t, plan, st.Segment().Summary()); got != want {
					t.Fatalf("%q: one pass (-) against stretches (+):\n%s", data, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
				}
			})
		})
	}
}

// TestCheckAllFails: a fault of the store in any stretch ends the check with it.
func TestCheckAllFails(t *testing.T) {
	defer validate.Stretch(100)()
	data := bytes.Repeat([]byte("{\"id\":1}\n"), 100)
	fault := errors.New("the store does not answer")
	for at := int64(0); at < int64(len(data)); at += 50 {
		st := validate.NewStream("f.jsonl", rule.Defaults(), validate.Config{Scratch: scratch(t)})
		open := func(offset, n int64) (io.ReadCloser, error) {
			r, _ := reread(data)(offset, n)
			if n < int64(len(data)) && offset <= at && at < offset+n { // not the head
				return io.NopCloser(io.MultiReader(io.LimitReader(r, at-offset), broken{fault})), nil
			}
			return r, nil
		}
		if _, err := st.CheckAll(t.Context(), validate.AtRest{Size: int64(len(data)), Open: open}, blind{}, func() validate.Watch { return blind{} }); !errors.Is(err, fault) {
			t.Errorf("a fault at byte %d: %v", at, err)
		}
		st.Close()
	}
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
