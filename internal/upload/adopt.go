package upload

import (
	"context"
	"errors"
	"io"
	"path"
	"strings"

	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/promote"
)

// Adopted is what became of one object.
type Adopted struct {
	Key     string
	Outcome *Outcome
	Err     error
}

// Adopt takes the objects under a prefix of the store into the catalog: each is
// read once, hashed and checked like an upload, then moved into staging. What
// the catalog knows already is passed over. Each object's outcome is given to
// each, which ends the work by an error.
func (s *Service) Adopt(ctx context.Context, prefix string, n New, each func(Adopted) error) error {
	for o, err := range s.Blobs.List(ctx, prefix) {
		if err != nil {
			return err
		}
		ours, err := s.belongs(ctx, o.Key)
		if err != nil {
			return err
		}
		if ours || o.Size == 0 {
			continue
		}
		n.ID, n.Name, n.Size = "", path.Base(o.Key), o.Size
		out, err := s.adopt(ctx, o.Key, n)
		if err := each(Adopted{o.Key, out, err}); err != nil {
			return err
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// belongs tells whether a file of the catalog speaks of the object.
func (s *Service) belongs(ctx context.Context, key string) (bool, error) {
	if strings.HasPrefix(key, check.FindingsPrefix) {
		return true, nil
	}
	for _, prefix := range promote.Prefixes {
		rest, ok := strings.CutPrefix(key, prefix)
		if !ok {
			continue
		}
		if id, _, _ := strings.Cut(rest, "/"); idForm.MatchString(id) {
			return s.owned(ctx, id, key)
		}
	}
	return false, nil
}

func (s *Service) adopt(ctx context.Context, key string, n New) (*Outcome, error) {
	r, err := s.Blobs.Read(ctx, key, 0, -1)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if err := n.check(); err != nil {
		return nil, err
	}
	u := &Upload{service: s, new: n, most: s.limit(&n.Rules), ending: ending{key: key}, leave: func() {}}
	u.live, _ = s.Board.Start(n.ID, n.Size) // the id is new
	u.File, err = s.Catalog.Create(ctx, catalog.File{ID: n.ID, Name: n.Name, DataType: n.DataType, Metadata: n.Metadata, ObjectKey: StagingKey(n.ID, n.Name), CreatedBy: n.Actor, Rules: n.Rules.Marshal()}, n.Actor)
	if err != nil {
		s.Board.End(u.live)
		return nil, err
	}
	err = u.Receive(ctx, storedSource{r})
	var out *Outcome
	if err == nil {
		out, err = u.Finish(ctx, Late{DataType: n.DataType, Metadata: n.Metadata, Rules: n.Rules})
	}
	if errors.Is(err, ErrStopped) {
		err = u.Stop(ctx)
	}
	if err != nil {
		u.Fail(ctx, err)
	}
	return out, err
}

// storedSource gives the bytes of an object.
type storedSource struct{ r io.Reader }

func (s storedSource) Fill(p []byte, progress func(int)) (int, error) {
	n, err := io.ReadFull(s.r, p)
	progress(n)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}
