package catalogtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// runNodes runs what only a catalog that is shared has to hold.
func runNodes(t *testing.T, e Engine) {
	for name, f := range map[string]func(*testing.T, []*catalog.Store){
		"StepRace": stepRace, "PartRace": partRace, "LeaseFences": leaseFences, "QuotaRush": quotaRush, "PromiseRush": promiseRush, "IdempotencyRace": idempotencyRace,
		"PiecesRace": piecesRace, "SweepRace": sweepRace, "ContentRace": contentRace, "KeyRace": keyRace, "ChangesEverywhere": changesEverywhere,
		"EventsInOrder": eventsInOrder, "EventsSinceOpen": eventsSinceOpen, "EventsOfLateCommits": lateCommits, "Bus": busMessages, "Nodes": nodes, "AuditAtOnce": writeAtOnce,
	} {
		t.Run("Nodes/"+name, func(t *testing.T) {
			t.Parallel()
			f(t, open(t, e, 2))
		})
	}
}

// rush has n calls at once, over the nodes by turns, and counts those that have
// no error; the others must satisfy refused.
func rush(t *testing.T, nodes []*catalog.Store, n int, refused func(error) bool, call func(s *catalog.Store, i int) error) int {
	t.Helper()
	var won atomic.Int64
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			switch err := call(nodes[i%len(nodes)], i); {
			case err == nil:
				won.Add(1)
			case !refused(err):
				t.Error(err)
			}
		})
	}
	close(begin)
	wg.Wait()
	return int(won.Load())
}

func conflict(err error) bool { return errs.Is(err, errs.Conflict) }

func never(error) bool { return false }

// stepRace: of the same step by many nodes one happens, and counters stay true.
func stepRace(t *testing.T, n []*catalog.Store) {
	create(t, n[0], 1, func(f *catalog.File) { f.Size = 7 })
	won := rush(t, n, 16, conflict, func(s *catalog.Store, _ int) error {
		_, err := s.Step(t.Context(), ID(1), catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "x"})
		return err
	})
	if won != 1 {
		t.Errorf("%d took the step, want 1", won)
	}
	if h, err := n[1].History(t.Context(), ID(1)); err != nil || len(h) != 2 {
		t.Errorf("history has %d rows, %v", len(h), err)
	}
	want := []catalog.Counter{{Status: catalog.Uploaded, DataType: "custom", Files: 1, Bytes: 7}}
	if c, err := n[1].Counters(t.Context(), ""); err != nil || !slices.Equal(c, want) {
		t.Errorf("Counters = %v, %v", c, err)
	}
}

// partRace: the same part from two nodes is there once, and different ones add up.
func partRace(t *testing.T, n []*catalog.Store) {
	u := newUpload(t, n[0], 1, catalog.Parts)
	won := rush(t, n, 20, func(err error) bool { return errs.HasCode(err, "part-there") }, func(s *catalog.Store, i int) error {
		_, _, err := s.Commit(t.Context(), u, catalog.Commit{Parts: []catalog.UploadPart{part(i/2+1, 10)}, Expires: time.Now().Add(time.Hour),
			Progress: func(committed, size int64) float64 { return float64(committed) / float64(size) }})
		return err
	})
	got, err := n[1].Upload(t.Context(), u.ID)
	if won != 10 || err != nil || got.Committed != 100 || got.Records != 20 {
		t.Errorf("%d parts, %+v, %v", won, got, err)
	}
	if f, err := n[1].File(t.Context(), u.FileID); err != nil || f.Progress != 1 {
		t.Errorf("progress %v, %v", f.Progress, err)
	}
}

// leaseFences: leases by many nodes have different epochs, and only the newest commits.
func leaseFences(t *testing.T, n []*catalog.Store) {
	u := newUpload(t, n[0], 1, catalog.Append)
	leases := make([]catalog.Upload, 10)
	rush(t, n, len(leases), never, func(s *catalog.Store, i int) (err error) {
		leases[i], err = s.Lease(t.Context(), u.ID)
		return err
	})
	newest := slices.MaxFunc(leases, func(a, b catalog.Upload) int { return int(a.Epoch - b.Epoch) })
	if newest.Epoch != 10 {
		t.Errorf("the newest epoch of 10 leases is %d", newest.Epoch)
	}
	won := rush(t, n, len(leases), func(err error) bool { return errs.HasCode(err, "taken-over") }, func(s *catalog.Store, i int) error {
		_, _, err := s.Commit(t.Context(), leases[i], catalog.Commit{Parts: []catalog.UploadPart{part(1, int64(i+1))}, Expires: time.Now().Add(time.Hour)})
		if err == nil && leases[i].Epoch != newest.Epoch {
			t.Errorf("a commit under the lease %d took effect", leases[i].Epoch)
		}
		return err
	})
	if won != 1 {
		t.Errorf("%d of 10 leases committed", won)
	}
}

func createUpload(ctx context.Context, s *catalog.Store, i int, size int64, q catalog.Quota) error {
	_, _, err := s.CreateUpload(ctx, catalog.Upload{ID: uploadID(i), FileID: ID(i), Protocol: catalog.Parts, Size: size, PartSize: 10, Actor: "tester"},
		&catalog.File{ID: ID(i), DataType: "custom"}, q)
	return err
}

// quotaRush: no rush through two nodes opens more than there may be.
func quotaRush(t *testing.T, n []*catalog.Store) {
	full := func(err error) bool { return errs.HasCode(err, "too-many-uploads") }
	if won := rush(t, n, 24, full, func(s *catalog.Store, i int) error {
		return createUpload(t.Context(), s, i, 1, catalog.Quota{Open: 5, Free: -1})
	}); won != 5 {
		t.Errorf("%d uploads were opened, 5 may be", won)
	}
	if p, err := n[0].List(t.Context(), catalog.Query{Limit: 100}); err != nil || p.Total != 5 {
		t.Errorf("%d files, %v", p.Total, err)
	}
}

// promiseRush: nor does one promise more room than there is, be it at the start or late.
func promiseRush(t *testing.T, n []*catalog.Store) {
	full := func(err error) bool { return errs.Is(err, errs.NoSpace) }
	for i := range 10 {
		if err := createUpload(t.Context(), n[0], i, -1, catalog.Quota{Free: 100}); err != nil {
			t.Fatal(err)
		}
	}
	if won := rush(t, n, 20, full, func(s *catalog.Store, i int) error {
		if i >= 10 {
			return createUpload(t.Context(), s, i, 30, catalog.Quota{Free: 100})
		}
		u, err := s.Upload(t.Context(), uploadID(i))
		if err != nil {
			return err
		}
		size := int64(30)
		_, _, err = s.Commit(t.Context(), u, catalog.Commit{Size: &size, Free: 100, Expires: time.Now().Add(time.Hour)})
		return err
	}); won != 3 {
		t.Errorf("%d times 30 bytes of 100 were promised, want 3", won)
	}
}

// idempotencyRace: the same creation sent to two nodes at once is one upload.
func idempotencyRace(t *testing.T, n []*catalog.Store) {
	var mu sync.Mutex
	made := map[string]bool{}
	fresh := 0
	rush(t, n, 8, never, func(s *catalog.Store, i int) error {
		u, again, err := s.CreateUpload(t.Context(), catalog.Upload{ID: uploadID(i), FileID: ID(i), Protocol: catalog.Parts, PartSize: 1, Actor: "me", IdempotencyKey: "k", RequestHash: "h"},
			&catalog.File{ID: ID(i), DataType: "custom"}, catalog.Quota{Open: 100, Free: -1})
		mu.Lock()
		defer mu.Unlock()
		made[u.ID] = true
		if !again {
			fresh++
		}
		return err
	})
	if len(made) != 1 || fresh != 1 {
		t.Errorf("uploads %v, %d of them new", made, fresh)
	}
}

// piecesRace: pieces become part of one upload, whoever asks, in whatever order, and nobody waits in a circle.
func piecesRace(t *testing.T, n []*catalog.Store) {
	piece := func(u *catalog.Upload) { u.FileID, u.Size = "", 10 }
	a, b := newUpload(t, n[0], 101, catalog.Append, piece), newUpload(t, n[0], 102, catalog.Append, piece)
	commit(t, n[0], a, part(1, 10))
	commit(t, n[0], b, part(1, 10))
	won := rush(t, n, 8, func(err error) bool { return errs.HasCode(err, "piece-used") }, func(s *catalog.Store, i int) error {
		of := []string{a.ID, b.ID}
		if i%4 > 1 {
			slices.Reverse(of)
		}
		_, _, err := s.CreateUpload(t.Context(), catalog.Upload{ID: uploadID(i), FileID: ID(i), Protocol: catalog.Append, PartSize: 10, Size: 20, Actor: "me", Pieces: of},
			&catalog.File{ID: ID(i), DataType: "custom"}, catalog.Quota{Open: 100, Free: 0})
		return err
	})
	if won != 1 {
		t.Errorf("the pieces are part of %d uploads", won)
	}
}

// sweepRace: what ends a silent upload and what commits to it do not both take effect.
func sweepRace(t *testing.T, n []*catalog.Store) {
	for i := 1; i <= 20; i++ {
		u := newUpload(t, n[0], i, catalog.Parts)
		var ended, committed error
		rush(t, n, 2, conflictOrGone, func(s *catalog.Store, k int) error {
			if k == 0 {
				_, ended = s.Step(t.Context(), u.FileID, catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Failed, Action: "expire", Since: u.Updated})
				return ended
			}
			_, _, committed = s.Commit(t.Context(), u, catalog.Commit{Parts: []catalog.UploadPart{part(1, 10)}, Expires: time.Now().Add(time.Hour), Progress: func(int64, int64) float64 { return 1 }})
			return committed
		})
		if (ended == nil) == (committed == nil) {
			t.Errorf("ended: %v, committed: %v", ended, committed)
		}
	}
}

func conflictOrGone(err error) bool { return errs.Is(err, errs.Conflict) || errs.Is(err, errs.Gone) }

// contentRace: the same content that two nodes finish at once is held by one.
func contentRace(t *testing.T, n []*catalog.Store) {
	for i := range 8 {
		create(t, n[0], i)
	}
	won := rush(t, n, 8, func(err error) bool { return errs.HasCode(err, "same-content") }, func(s *catalog.Store, i int) error {
		_, err := s.Step(t.Context(), ID(i), catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "x", Change: func(f *catalog.File) error { withContent("blake3:a")(f); return nil }})
		return err
	})
	if won != 1 {
		t.Errorf("%d files hold the content", won)
	}
}

// keyRace: nodes that start at once add the same key.
func keyRace(t *testing.T, n []*catalog.Store) {
	rush(t, n, 8, never, func(s *catalog.Store, _ int) error {
		_, err := s.AddKey(t.Context(), catalog.Key{ID: "bootstrap-1", Name: "bootstrap", Grants: everything}, "secret")
		return err
	})
	if k, err := n[1].Keys(t.Context()); err != nil || len(k) != 1 {
		t.Errorf("Keys = %v, %v", k, err)
	}
}

// changesEverywhere: many files that all go their ways at once, through every node, end where they should.
func changesEverywhere(t *testing.T, n []*catalog.Store) {
	const files = 24
	rush(t, n, files, never, func(s *catalog.Store, i int) error {
		other := n[(i+1)%len(n)]
		if _, err := s.Create(t.Context(), catalog.File{ID: ID(i), DataType: []string{"custom", "sample"}[i%2], Size: 1}, "me"); err != nil {
			return err
		}
		at := catalog.Uploading
		for _, to := range []catalog.Status{catalog.Uploaded, catalog.Processing, catalog.Fresh, catalog.Failed, catalog.Processing, catalog.Uploaded, catalog.Processing, catalog.Fresh} {
			if _, err := other.Step(t.Context(), ID(i), catalog.Step{From: []catalog.Status{at}, To: to, Action: "x"}); err != nil {
				return fmt.Errorf("%s to %s: %w", at, to, err)
			}
			at, s, other = to, other, s
		}
		return nil
	})
	c, err := n[0].Counters(t.Context(), "")
	slices.SortFunc(c, func(a, b catalog.Counter) int { return int(a.DataType[0]) - int(b.DataType[0]) })
	want := []catalog.Counter{{Status: catalog.Fresh, DataType: "custom", Files: files / 2, Bytes: files / 2}, {Status: catalog.Fresh, DataType: "sample", Files: files / 2, Bytes: files / 2}}
	if err != nil || !slices.Equal(c, want) {
		t.Errorf("Counters = %v, %v, want %v", c, err, want)
	}
}

// eventsInOrder: every node is told every event of all nodes, once, in order of their ids.
func eventsInOrder(t *testing.T, n []*catalog.Store) {
	told := []follower{follow(n[0]), follow(n[1])}
	const files, steps = 16, 8
	rush(t, n, files, never, func(s *catalog.Store, i int) error {
		if _, err := s.Create(t.Context(), catalog.File{ID: ID(i), DataType: "custom"}, "me"); err != nil {
			return err
		}
		for range steps {
			if _, err := s.Step(t.Context(), ID(i), catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploading, Action: "x"}); err != nil {
				return err
			}
			// one that is taken back leaves a gap in the ids
			_, err := s.Step(t.Context(), ID(i), catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploading, Action: "x", Change: func(*catalog.File) error { return errRefused }})
			if !errors.Is(err, errRefused) {
				return err
			}
		}
		return nil
	})
	want, err := n[0].EventsAfter(t.Context(), 0, 10_000)
	if err != nil || len(want) != files*(steps+1) {
		t.Fatalf("%d events, %v", len(want), err)
	}
	for i, f := range told {
		if got := f.first(t, len(want)); !slices.Equal(got, want) {
			t.Errorf("node %d was told something else than what happened", i)
		}
		f.none(t)
	}
}

var errRefused = errors.New("refused")

// eventsSinceOpen: what happened between Open and Notify is told.
func eventsSinceOpen(t *testing.T, n []*catalog.Store) {
	n[1].Subscribe("x", func([]byte) {}) // it listens, though not for events
	create(t, n[0], 1)
	got := follow(n[1]).first(t, 1)
	if got[0].FileID != ID(1) || got[0].Action != "create" {
		t.Errorf("told of %+v", got)
	}
}

// lateCommits: a transaction that is slow to commit does not have its event passed over.
func lateCommits(t *testing.T, n []*catalog.Store) {
	told := follow(n[1])
	create(t, n[0], 1)
	create(t, n[0], 2)
	told.first(t, 2)
	entered, release := make(chan struct{}), make(chan struct{})
	n[0].Within(func(e catalog.Event, _ catalog.File) (*catalog.Job, error) {
		if e.FileID == ID(1) {
			close(entered)
			<-release
		}
		return nil, nil
	})
	var wg sync.WaitGroup
	stepOf := func(s *catalog.Store, id int) {
		if _, err := s.Step(t.Context(), ID(id), catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploading, Action: "x"}); err != nil {
			t.Error(err)
		}
	}
	wg.Go(func() { stepOf(n[0], 1) })
	<-entered // it has its id, and is not committed
	wg.Go(func() { stepOf(n[1], 2) })
	time.AfterFunc(200*time.Millisecond, func() { close(release) })
	wg.Wait()
	got := told.first(t, 2)
	if got[0].FileID != ID(1) || got[1].FileID != ID(2) || got[0].ID >= got[1].ID {
		t.Errorf("told of %+v", got)
	}
}

// busMessages: what one node publishes the others hear, in order; it does not hear itself.
func busMessages(t *testing.T, n []*catalog.Store) {
	type message struct{ N int }
	heard := [2]chan string{make(chan string, 100), make(chan string, 100)}
	for i, s := range n {
		s.Subscribe("a.topic", func(b []byte) { heard[i] <- string(b) })
	}
	for i := range 3 {
		if err := n[0].Publish(t.Context(), "another", message{i}); err != nil {
			t.Fatal(err)
		}
		if err := n[0].Publish(t.Context(), "a.topic", message{i}); err != nil {
			t.Fatal(err)
		}
	}
	if err := n[1].Publish(t.Context(), "a.topic", message{9}); err != nil {
		t.Fatal(err)
	}
	hear := func(c chan string, want string) {
		t.Helper()
		select {
		case got := <-c:
			if got != want {
				t.Errorf("heard %s, want %s", got, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s was not heard", want)
		}
	}
	for i := range 3 {
		hear(heard[1], fmt.Sprintf(`{"N":%d}`, i))
	}
	hear(heard[0], `{"N":9}`) // behind its own three, which it would have heard before
	long := make([]byte, catalog.MaxMessage-2)
	for i := range long {
		long[i] = 'x'
	}
	if err := n[0].Publish(t.Context(), "a.topic", string(long)); err != nil {
		t.Errorf("the longest message = %v", err)
	}
	hear(heard[1], `"`+string(long)+`"`)
	if err := n[0].Publish(t.Context(), "a.topic", string(long)+"x"); !errs.HasCode(err, "message-too-long") {
		t.Errorf("a message that is too long = %v", err)
	}
	if err := n[0].Publish(t.Context(), "not a topic", 1); err == nil {
		t.Error("a topic with spaces was taken")
	}
}

// nodes: who beats is listed, who leaves is not.
func nodes(t *testing.T, n []*catalog.Store) {
	before := n[0].Now()
	for _, s := range n {
		if err := s.Beat(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	list, err := n[0].Nodes(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("Nodes = %+v, %v", list, err)
	}
	for _, x := range list {
		if x.ID != n[0].Node() && x.ID != n[1].Node() || x.Name == "" || x.Seen.Before(before.Add(-time.Second)) || x.Started.IsZero() {
			t.Errorf("node %+v", x)
		}
	}
	if err := n[1].Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := n[0].Nodes(t.Context())
	if err != nil || len(again) != 2 || again[0].ID != n[1].Node() || !again[0].Seen.After(list[0].Seen) || !again[0].Started.Equal(list[0].Started) {
		t.Errorf("after another beat: %+v, %v", again, err)
	}
	if err := n[1].Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	// a node that was not seen for a day
	if _, err := n[0].DB().ExecContext(t.Context(), `INSERT INTO nodes (id, name, started, seen) VALUES ('old', 'old', 1, $1)`, n[0].Now().Add(-25*time.Hour).UnixMicro()); err != nil {
		t.Fatal(err)
	}
	if err := n[0].Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list, err := n[1].Nodes(t.Context()); err != nil || len(list) != 1 || list[0].ID != n[0].Node() {
		t.Errorf("after it left: %+v, %v", list, err)
	}
}

// touch: what is added to is not taken for abandoned.
func touch(t *testing.T, s *catalog.Store) {
	a, b, c := newUpload(t, s, 1, catalog.Parts), newUpload(t, s, 2, catalog.Parts), newUpload(t, s, 3, catalog.Parts)
	if _, err := s.Step(t.Context(), c.FileID, catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Failed, Action: "x"}); err != nil {
		t.Fatal(err)
	}
	ended, err := s.Upload(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Touch(t.Context(), nil), s.Touch(t.Context(), []string{a.ID, c.ID, uploadID(99)})); err != nil {
		t.Fatal(err)
	}
	for _, w := range []struct {
		was     catalog.Upload
		touched bool
	}{{a, true}, {b, false}, {ended, false}} {
		if is, err := s.Upload(t.Context(), w.was.ID); err != nil || is.Updated.After(w.was.Updated) != w.touched {
			t.Errorf("%s was changed at %s, now %s, %v", w.was.ID, w.was.Updated, is.Updated, err)
		}
	}
	if _, err := s.Step(t.Context(), a.FileID, catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Failed, Action: "expire", Since: a.Updated}); !errs.HasCode(err, "changed-meanwhile") {
		t.Errorf("what is added to was ended: %v", err)
	}
}

// alone: what is for many nodes does no harm to one.
func alone(t *testing.T, s *catalog.Store) {
	s.Subscribe("x", func(b []byte) { t.Errorf("a node heard itself: %s", b) })
	if err := errors.Join(s.Publish(t.Context(), "x", 1), s.Beat(t.Context())); err != nil {
		t.Error(err)
	}
	if n, err := s.Nodes(t.Context()); err != nil || len(n) != 1 || n[0].ID != s.Node() {
		t.Errorf("Nodes = %+v, %v", n, err)
	}
	if d := time.Since(s.Now()); d > time.Second || d < -time.Second {
		t.Errorf("Now is off by %s", d)
	}
	if err := s.Leave(t.Context()); err != nil {
		t.Error(err)
	}
}
