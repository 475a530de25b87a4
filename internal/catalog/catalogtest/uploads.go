package catalogtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// uploadID is the id of the n-th upload of a test.
func uploadID(n int) string { return fmt.Sprintf("up_%032x", n) }

func newUpload(t *testing.T, s *catalog.Store, n int, p catalog.Protocol, edit ...func(*catalog.Upload)) catalog.Upload {
	t.Helper()
	u := catalog.Upload{ID: uploadID(n), FileID: ID(n), Protocol: p, Key: "k", Handle: fmt.Sprint("h", n), Size: 100, PartSize: 10, Actor: "tester", Expires: time.Now().Add(time.Hour)}
	for _, e := range edit {
		e(&u)
	}
	var f *catalog.File
	if u.FileID != "" {
		f = &catalog.File{ID: u.FileID, Name: "f", DataType: "custom", ObjectKey: "k"}
	}
	u, _, err := s.CreateUpload(t.Context(), u, f, catalog.Quota{Free: -1})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func part(n int, size int64) catalog.UploadPart {
	return catalog.UploadPart{Number: n, At: int64(n-1) * 10, Size: size, Checked: size, CRC64NVME: 1<<63 + uint64(n), Tree: []byte{1}, Summary: []byte("s"), Records: 2, Errors: 1}
}

func commit(t *testing.T, s *catalog.Store, u catalog.Upload, parts ...catalog.UploadPart) catalog.Upload {
	t.Helper()
	u, _, err := s.Commit(t.Context(), u, catalog.Commit{Parts: parts, Expires: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// uploadParts: parts in any order add up; one that is there is never replaced.
func uploadParts(t *testing.T, s *catalog.Store) {
	u := newUpload(t, s, 1, catalog.Parts)
	commit(t, s, u, part(3, 10))
	got := commit(t, s, u, part(1, 10)) // with what was read before part 3 was there
	if got.Committed != 20 || got.Records != 4 || got.Errors != 2 {
		t.Errorf("after two parts: %+v", got)
	}
	if _, _, err := s.Commit(t.Context(), u, catalog.Commit{Parts: []catalog.UploadPart{part(1, 10)}}); !errs.HasCode(err, "part-there") {
		t.Errorf("a part again = %v, want part-there", err)
	}
	parts, err := s.UploadParts(t.Context(), u.ID)
	if err != nil || len(parts) != 2 || parts[0].Number != 1 || parts[1].Number != 3 || parts[1].CRC64NVME != 1<<63+3 {
		t.Errorf("UploadParts = %+v, %v", parts, err)
	}
	if p, ok, err := s.UploadPart(t.Context(), u.ID, 3); err != nil || !ok || string(p.Summary) != "s" || p.Checked != 10 {
		t.Errorf("UploadPart = %+v, %v, %v", p, ok, err)
	}
	if _, ok, err := s.UploadPart(t.Context(), u.ID, 2); err != nil || ok {
		t.Errorf("UploadPart of nothing = %v, %v", ok, err)
	}
}

// appends: a part that grows is counted once; only the newest lease commits.
func appends(t *testing.T, s *catalog.Store) {
	u := newUpload(t, s, 1, catalog.Append)
	old, err := s.Lease(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	old = commit(t, s, old, part(1, 4))
	old = commit(t, s, old, part(1, 7))
	if old.Committed != 7 || old.Records != 2 {
		t.Errorf("a part that grew: %+v", old)
	}
	newer, err := s.Lease(t.Context(), u.ID)
	if err != nil || newer.Committed != 7 || newer.Epoch <= old.Epoch {
		t.Fatalf("Lease = %+v, %v", newer, err)
	}
	if _, _, err := s.Commit(t.Context(), old, catalog.Commit{Parts: []catalog.UploadPart{part(1, 9)}}); !errs.HasCode(err, "taken-over") {
		t.Errorf("a commit under an old lease = %v, want taken-over", err)
	}
	if newer = commit(t, s, newer, part(1, 10), part(2, 5)); newer.Committed != 15 {
		t.Errorf("committed %d, want 15", newer.Committed)
	}
	size := int64(50)
	if _, _, err := s.Commit(t.Context(), newer, catalog.Commit{Size: &size}); !errs.Is(err, errs.Conflict) {
		t.Errorf("another size = %v, want Conflict", err)
	}
}

// uploadEnds: what ends a file's upload ends the upload, in one step, and takes no more bytes.
func uploadEnds(t *testing.T, s *catalog.Store) {
	for i, c := range []struct {
		step catalog.Step
		want catalog.UploadState
		code string
	}{
		{catalog.Step{To: catalog.Uploaded}, catalog.UploadComplete, "upload-complete"},
		{catalog.Step{To: catalog.Failed}, catalog.UploadFailed, "upload-failed"},
		{catalog.Step{To: catalog.Failed, Upload: catalog.UploadExpired}, catalog.UploadExpired, "upload-expired"},
		{catalog.Step{To: catalog.Failed, Upload: catalog.UploadAborted}, catalog.UploadAborted, "upload-aborted"},
	} {
		u := newUpload(t, s, i+1, catalog.Parts)
		commit(t, s, u, part(1, 10))
		c.step.From, c.step.Action, c.step.Detail = []catalog.Status{catalog.Uploading}, "end", "so it is"
		if _, err := s.Step(t.Context(), u.FileID, c.step); err != nil {
			t.Fatal(err)
		}
		got, err := s.Upload(t.Context(), u.ID)
		if err != nil || got.State != c.want || got.Committed != 10 || got.Why != "so it is" {
			t.Errorf("the upload is %+v, %v; want %s", got, err, c.want)
		}
		if parts, err := s.UploadParts(t.Context(), u.ID); err != nil || len(parts) > 0 {
			t.Errorf("%s: parts stay: %v, %v", c.want, parts, err)
		}
		if _, _, err := s.Commit(t.Context(), u, catalog.Commit{Parts: []catalog.UploadPart{part(2, 10)}}); !errs.HasCode(err, c.code) {
			t.Errorf("a part of an upload that is %s = %v, want %s", c.want, err, c.code)
		}
	}
}

// notEndedBehindBytes: who ends an upload that was silent is refused if bytes came since it looked.
func notEndedBehindBytes(t *testing.T, s *catalog.Store) {
	u := newUpload(t, s, 1, catalog.Parts)
	seen := u.Updated
	commit(t, s, u, part(1, 10))
	fail := catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Failed, Action: "x", Since: seen}
	if _, err := s.Step(t.Context(), u.FileID, fail); !errs.HasCode(err, "changed-meanwhile") {
		t.Errorf("Step = %v", err)
	}
	nine, ten := int64(9), int64(10)
	whole := catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Uploaded, Action: "x", Whole: &nine}
	if _, err := s.Step(t.Context(), u.FileID, whole); !errs.HasCode(err, "changed-meanwhile") {
		t.Errorf("completing with fewer bytes than are committed = %v", err)
	}
	whole.Whole = &ten
	if _, err := s.Step(t.Context(), u.FileID, whole); err != nil {
		t.Error(err)
	}
}

// idempotency: the same creation again is the same upload, another under the same key is refused.
func idempotency(t *testing.T, s *catalog.Store) {
	withKey := func(hash string) func(*catalog.Upload) {
		return func(u *catalog.Upload) { u.IdempotencyKey, u.RequestHash = "key", hash }
	}
	first := newUpload(t, s, 1, catalog.Parts, withKey("a"))
	again, same, err := s.CreateUpload(t.Context(), catalog.Upload{ID: uploadID(2), FileID: ID(2), Actor: "tester", IdempotencyKey: "key", RequestHash: "a"}, &catalog.File{ID: ID(2)}, catalog.Quota{Free: -1})
	if err != nil || !same || again.ID != first.ID {
		t.Errorf("the same again = %s, %v, %v; want %s", again.ID, same, err, first.ID)
	}
	if _, err := s.File(t.Context(), ID(2)); !errs.Is(err, errs.NotFound) {
		t.Errorf("a file was made: %v", err)
	}
	_, _, err = s.CreateUpload(t.Context(), catalog.Upload{ID: uploadID(3), FileID: ID(3), Actor: "tester", IdempotencyKey: "key", RequestHash: "b"}, &catalog.File{ID: ID(3)}, catalog.Quota{Free: -1})
	if !errs.HasCode(err, "idempotency-key-reused") {
		t.Errorf("another under the key = %v", err)
	}
	if _, same, err := s.CreateUpload(t.Context(), catalog.Upload{ID: uploadID(4), FileID: ID(4), Actor: "another", IdempotencyKey: "key", RequestHash: "b", PartSize: 1}, &catalog.File{ID: ID(4)}, catalog.Quota{Free: -1}); err != nil || same {
		t.Errorf("somebody else's key = %v, %v", same, err)
	}
}

// quotas: what is open and what was promised counts.
func quotas(t *testing.T, s *catalog.Store) {
	u := newUpload(t, s, 1, catalog.Parts) // 100 bytes promised
	try := func(n int, size int64, q catalog.Quota) error {
		_, _, err := s.CreateUpload(t.Context(), catalog.Upload{ID: uploadID(n), FileID: ID(n), Protocol: catalog.Parts, Size: size, PartSize: 10, Actor: "tester"}, &catalog.File{ID: ID(n)}, q)
		return err
	}
	if err := try(2, 10, catalog.Quota{Open: 1, Free: -1}); !errs.HasCode(err, "too-many-uploads") {
		t.Errorf("one too many = %v", err)
	}
	if err := try(2, 51, catalog.Quota{Free: 150}); !errs.Is(err, errs.NoSpace) {
		t.Errorf("more than is left besides what was promised = %v", err)
	}
	if _, err := s.File(t.Context(), ID(2)); !errs.Is(err, errs.NotFound) {
		t.Errorf("a refused upload left a file: %v", err)
	}
	commit(t, s, u, part(1, 10))
	if err := try(2, 51, catalog.Quota{Free: 150}); err != nil { // 90 are still promised
		t.Errorf("what fits = %v", err)
	}
	if err := try(3, -1, catalog.Quota{Free: 0}); err != nil {
		t.Errorf("an upload of unknown size, which promises nothing = %v", err)
	}
	late, err := s.Upload(t.Context(), uploadID(3))
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int64]bool{1 << 62: false, 10: true} {
		if _, _, err := s.Commit(t.Context(), late, catalog.Commit{Size: &size, Free: 200, Expires: time.Now().Add(time.Hour)}); (err == nil) != want {
			t.Errorf("a size of %d that is told late = %v", size, err)
		}
	}
}

// pieces become part of one upload, once.
func pieces(t *testing.T, s *catalog.Store) {
	piece := func(u *catalog.Upload) { u.FileID, u.Size = "", 10 }
	a, b := newUpload(t, s, 1, catalog.Append, piece), newUpload(t, s, 2, catalog.Append, piece)
	commit(t, s, a, part(1, 10))
	of := func(n int) (catalog.Upload, error) {
		u, _, err := s.CreateUpload(t.Context(), catalog.Upload{ID: uploadID(n), FileID: ID(n), Protocol: catalog.Append, PartSize: 10, Size: 20, Actor: "tester", Pieces: []string{a.ID, b.ID}}, &catalog.File{ID: ID(n)}, catalog.Quota{Free: 0})
		return u, err
	}
	if _, err := of(3); !errs.HasCode(err, "piece-used") {
		t.Errorf("with a piece that is not whole = %v", err)
	}
	commit(t, s, b, part(1, 10))
	u, err := of(3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := of(4); !errs.HasCode(err, "piece-used") {
		t.Errorf("the same pieces for another = %v", err)
	}
	if got, ok, err := s.UploadOfPieces(t.Context(), []string{a.ID, b.ID}); err != nil || !ok || got.ID != u.ID || !slices.Equal(got.Pieces, u.Pieces) {
		t.Errorf("UploadOfPieces = %+v, %v, %v", got, ok, err)
	}
	if _, ok, err := s.UploadOfPieces(t.Context(), []string{b.ID, a.ID}); err != nil || ok {
		t.Errorf("in another order = %v, %v", ok, err)
	}
	if err := s.EndPiece(t.Context(), a.ID, catalog.UploadComplete, "used", time.Time{}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Upload(t.Context(), a.ID); err != nil || got.State != catalog.UploadComplete || got.Committed != 10 {
		t.Errorf("an ended piece is %+v, %v", got, err)
	}
	if got, err := s.Usage(t.Context(), u.Project); err != nil || got.Open != 1 || got.Bytes != 20 { // the other counts with the whole
		t.Errorf("in use are %+v, %v", got, err)
	}
	if _, err := s.Step(t.Context(), u.FileID, catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Failed, Action: "fail", Upload: catalog.UploadAborted}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Upload(t.Context(), b.ID); err != nil || got.State != catalog.UploadAborted || got.PartOf != u.ID {
		t.Errorf("a piece of what has ended is %+v, %v", got, err)
	}
	if got, err := s.Usage(t.Context(), u.Project); err != nil || got.Open != 0 || got.Bytes != 0 {
		t.Errorf("then in use are %+v, %v", got, err)
	}
}

// uploadPages: sweeps see every open upload once, the longest untouched first.
func uploadPages(t *testing.T, s *catalog.Store) {
	for n := 1; n <= 5; n++ {
		newUpload(t, s, n, catalog.Parts)
	}
	if _, err := s.Step(t.Context(), ID(3), catalog.Step{From: []catalog.Status{catalog.Uploading}, To: catalog.Failed, Action: "x"}); err != nil {
		t.Fatal(err)
	}
	var got []string
	var last catalog.Upload
	for {
		page, err := s.Uploads(t.Context(), catalog.UploadOpen, last, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, u := range page {
			got = append(got, u.ID)
			last = u
		}
	}
	if want := []string{uploadID(1), uploadID(2), uploadID(4), uploadID(5)}; !slices.Equal(got, want) {
		t.Errorf("open uploads are %v, want %v", got, want)
	}
	if err := s.ForgetUploads(t.Context(), time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Upload(t.Context(), uploadID(3)); !errs.Is(err, errs.NotFound) {
		t.Errorf("an upload that ended long ago = %v", err)
	}
	if u, err := s.UploadOf(t.Context(), ID(4)); err != nil || u.ID != uploadID(4) {
		t.Errorf("UploadOf = %v, %v", u, err)
	}
}

// dropParts: what the store lost is not counted any more, and can be sent again.
func dropParts(t *testing.T, s *catalog.Store) {
	u := newUpload(t, s, 1, catalog.Parts)
	u = commit(t, s, u, part(1, 10), part(2, 10), part(3, 10))
	for range 2 { // a repeat changes nothing
		if err := s.DropParts(t.Context(), u.ID, []int{2, 3}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Upload(t.Context(), u.ID)
	if err != nil || got.Committed != 10 || got.Records != 2 || got.Errors != 1 {
		t.Fatalf("after two of three parts were dropped: %+v, %v", got, err)
	}
	if got = commit(t, s, got, part(2, 10), part(3, 10)); got.Committed != 30 {
		t.Errorf("sent again: %+v", got)
	}
}
