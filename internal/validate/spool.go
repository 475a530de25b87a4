package validate

import (
	"encoding/json"
	"iter"

	"freshet/api"
)

// spool keeps findings in file order, as NDJSON.
type spool struct {
	pile
	most int64 // findings kept at most
}

func (s *spool) full() bool { return s.n >= s.most }

func (s *spool) add(f *api.Finding) error {
	if s.full() {
		return nil
	}
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	s.last()
	s.room(len(b) + 1)
	s.mem = append(append(s.mem, b...), '\n')
	return s.grew(1, len(b)+1)
}

// findings gives them in file order, with lines and records of the file. Those
// of neighbours may be more than are kept: that is cut here.
func (s *spool) findings() iter.Seq2[*api.Finding, error] {
	return func(yield func(*api.Finding, error) bool) {
		left := s.most
		for i := range s.extents {
			e := &s.extents[i]
			dec := json.NewDecoder(s.reader(e))
			for range e.n {
				if left == 0 {
					return
				}
				left--
				f := new(api.Finding)
				if err := dec.Decode(f); err != nil {
					yield(nil, err)
					return
				}
				f.Line += e.line
				f.Record += e.recd
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}
