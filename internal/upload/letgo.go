package upload

import (
	"context"
	"slices"
	"sync"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// yield asks a node, or all, to have its requests let go of an upload.
type yield struct {
	Upload string `json:"upload"`
	To     string `json:"to,omitempty"`
	Ending bool   `json:"ending,omitempty"`
}

// yieldWait is how long a request waits for one on another node to commit what
// it has. It goes on without after that: the epoch keeps the other from it.
const yieldWait = 2 * time.Second

// yields has the requests of this node let go.
func (s *Service) yields(y yield) {
	var err error
	if y.Ending {
		err = s.claims.end(context.Background(), y.Upload, errEnding)
	} else {
		err = s.claims.stop(context.Background(), y.Upload, appending, errTakenOver)
	}
	if err != nil {
		s.Log.Warn("a request does not let go of an upload that another node goes on with", "upload_id", y.Upload, "error", err.Error())
		return
	}
	s.tell(freeTopic, y.Upload)
}

// letGo has the node that appended last commit what it has, and stop. With
// ending all nodes do, whatever they add.
func (s *Service) letGo(ctx context.Context, u *catalog.Upload, ending bool) {
	holder := u.Holder
	if !s.Catalog.Shared() || !ending && (holder == "" || holder == s.Catalog.Node()) {
		return
	}
	free, forget := s.frees.await(u.ID)
	defer forget()
	y := yield{Upload: u.ID, To: holder, Ending: ending}
	if ending {
		y.To = ""
	}
	s.tell(yieldTopic, y)
	if holder == "" || holder == s.Catalog.Node() {
		return
	}
	wait, cancel := context.WithTimeout(ctx, yieldWait)
	defer cancel()
	select {
	case <-free:
	case <-wait.Done():
	}
}

// outdone says what it means that the store does not have what a request stands
// on: another went on, and has made its own of it, or it is lost.
func (s *Service) outdone(ctx context.Context, id string, epoch int64, err error) error {
	if !errs.HasCode(err, "upload-lost") && !errs.HasCode(err, "part-replaced") && !errs.HasCode(err, "no-object") {
		return err
	}
	now, e := s.Catalog.Upload(ctx, id)
	switch {
	case e != nil:
		return err
	case now.State != catalog.UploadOpen:
		return catalog.UploadEnded(&now)
	case now.Epoch != epoch:
		return errTakenOver
	}
	return errs.E(errs.Gone, "upload-lost", whyLost).Because(err)
}

// lease makes the caller, who has the claim here, the one that appends anywhere.
func (s *Service) lease(ctx context.Context, id string) (catalog.Upload, error) {
	if s.Catalog.Shared() {
		before, err := s.Catalog.Upload(ctx, id)
		if err != nil {
			return before, err
		}
		s.letGo(ctx, &before, false)
	}
	return s.Catalog.Lease(ctx, id)
}

// frees knows who waits for other nodes to let go of uploads.
type frees struct {
	mu sync.Mutex
	m  map[string][]chan struct{}
}

// await gives a channel that is closed once another node says that it let go of
// the upload. The caller calls forget.
func (f *frees) await(upload string) (_ <-chan struct{}, forget func()) {
	c := make(chan struct{})
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.m == nil {
		f.m = map[string][]chan struct{}{}
	}
	f.m[upload] = append(f.m[upload], c)
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.m[upload] = slices.DeleteFunc(f.m[upload], func(o chan struct{}) bool { return o == c })
		if len(f.m[upload]) == 0 {
			delete(f.m, upload)
		}
	}
}

// tell has all who wait for the upload go on.
func (f *frees) tell(upload string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.m[upload] {
		close(c)
	}
	delete(f.m, upload)
}
