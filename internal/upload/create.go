package upload

import (
	"context"

	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// Sizes of the parts of an upload.
const (
	MinPartSize = 1 << 20 // smaller parts cost more than they save
	MaxPartSize = 4 << 30
	// largestFile is more than any disk has, and small enough to reckon with
	largestFile = 1 << 53
)

// Created is a new upload, or the file that holds the content already.
type Created struct {
	Upload catalog.Upload
	Held   *Outcome
}

// Create opens an upload that can be resumed. Where the client tells a hash of
// content that is held already there is nothing to send.
func (s *Service) Create(ctx context.Context, n New) (*Created, error) {
	if !n.Piece {
		if err := n.check(); err != nil {
			return nil, err
		}
		if n.Size == 0 {
			return nil, empty(n.Name)
		}
	}
	if limit := s.limit(&n.Rules); limit >= 0 && n.Size > limit {
		return nil, TooLarge(limit)
	}
	if most := s.largest(); n.Size > most {
		return nil, TooLarge(most)
	}
	partSize, err := s.partSize(&n)
	if err != nil {
		return nil, err
	}
	if held, err := s.held(ctx, &n); held != nil || err != nil {
		return &Created{Held: held}, err
	}
	u, _, _, err := s.open(ctx, &n, partSize)
	return &Created{Upload: u}, err
}

// largest is how large a file may be at all.
func (s *Service) largest() int64 {
	if m := s.Blobs.Needs().MaxSize; m > 0 {
		return m
	}
	return largestFile
}

func empty(name string) error {
	return errs.E(errs.Invalid, "empty-file", "the file %q has no bytes", name).WithHint("check the program that wrote it")
}

// partSize is that of the upload: as asked for, else by the file's size.
func (s *Service) partSize(n *New) (int64, error) {
	if n.Protocol == catalog.Append {
		return s.appendParts(n.Size), nil
	}
	switch p := n.PartSize; {
	case p == 0 && n.Size < 0:
		return PartSize(1, s.PartSize), nil
	case p == 0:
		return PartSize(n.Size, s.PartSize), nil
	case p < s.SmallestPart() || p > MaxPartSize || p&(p-1) != 0:
		return 0, errs.E(errs.Invalid, "bad-part-size", "part_size %d is not a power of two from %d to %d", p, s.SmallestPart(), int64(MaxPartSize))
	case PartSize(n.Size, p) != p:
		return 0, errs.E(errs.Invalid, "bad-part-size", "part_size %d makes more than %d parts of the file", p, MaxParts).WithHint("ask for %d, or for none", PartSize(n.Size, p))
	}
	return n.PartSize, nil
}

// appendParts is the size of the parts that the server cuts bytes into which come
// in order. A part is what a crash costs, and each costs a commit: of a large
// file they are larger, where they need not wait in memory.
func (s *Service) appendParts(size int64) int64 {
	if size < smallFileBelow || s.Blobs.Needs().Whole {
		return PartSize(max(size, 1), SmallPart)
	}
	return PartSize(size, MediumPart)
}

// SmallestPart is the least size of parts that clients cut: a power of two.
func (s *Service) SmallestPart() int64 {
	size := int64(MinPartSize)
	for size < s.Blobs.Needs().MinPart {
		size *= 2
	}
	return size
}

// held is the outcome of an upload whose content, by its hash, is here.
func (s *Service) held(ctx context.Context, n *New) (*Outcome, error) {
	if n.Size < 0 || n.Protocol != catalog.Parts { // the others must have an upload to answer with
		return nil, nil
	}
	for _, hash := range []string{n.WantHash, n.WantSHA256} {
		if hash == "" {
			continue
		}
		same, ok, err := s.Catalog.SameContent(ctx, access.Project(ctx), hash, n.Size)
		if err != nil {
			return nil, err
		}
		if ok {
			return s.again(ctx, same, n.Actor, n.Rules.Marshal())
		}
	}
	return nil, nil
}

// Abort takes an open upload back.
func (s *Service) Abort(ctx context.Context, id, actor string) error {
	u, err := s.Catalog.Upload(ctx, id)
	if err != nil {
		return err
	}
	if u.State != catalog.UploadOpen {
		return catalog.UploadEnded(&u)
	}
	if owned, err := s.owner(ctx, &u); err != nil {
		return err
	} else if owned {
		return errs.E(errs.Conflict, "piece-used", "the piece is becoming part of upload %s", u.PartOf)
	}
	err = s.end(context.WithoutCancel(ctx), &u, ended{how: catalog.UploadAborted, why: "the upload was deleted", actor: actor})
	if err == nil {
		s.Checks.Promoter.Scrub(ctx)
	}
	return s.overtaken(ctx, &u, err)
}

// overtaken says what became of an upload whose end was refused because it had ended already.
func (s *Service) overtaken(ctx context.Context, u *catalog.Upload, err error) error {
	if !errs.Is(err, errs.Conflict) {
		return err
	}
	if now, e := s.Catalog.Upload(context.WithoutCancel(ctx), u.ID); e == nil && now.State != catalog.UploadOpen {
		return catalog.UploadEnded(&now)
	}
	return err
}

// Status is an upload and the parts of it that are here.
func (s *Service) Status(ctx context.Context, id string) (catalog.Upload, []catalog.UploadPart, error) {
	u, err := s.Get(ctx, id)
	if err != nil {
		return u, nil, err
	}
	parts, err := s.Catalog.UploadParts(ctx, id)
	return u, parts, err
}

// Get is an upload. One whose time is over has ended, whether or not a sweep was there.
func (s *Service) Get(ctx context.Context, id string) (catalog.Upload, error) {
	u, err := s.Catalog.Upload(ctx, id)
	if err != nil || u.State != catalog.UploadOpen || s.Catalog.Now().Before(u.Expires) || s.busy(&u) || u.PartOf != "" || whole(&u) {
		return u, err
	}
	err = s.end(context.WithoutCancel(ctx), &u, ended{how: catalog.UploadExpired, why: "the upload expired: nothing came for too long", actor: "system", since: u.Updated})
	if err != nil && !errs.Is(err, errs.Conflict) {
		return u, err
	}
	if err == nil {
		s.Checks.Promoter.Scrub(ctx)
	}
	return s.Catalog.Upload(ctx, id)
}

// whole tells that an upload whose bytes come in order has them all: it is
// completed, not expired.
func whole(u *catalog.Upload) bool {
	return u.Protocol == catalog.Append && u.FileID != "" && (u.Size == u.Committed || len(u.Pieces) > 0)
}

// taking is an upload that may take bytes by a protocol.
func (s *Service) taking(ctx context.Context, id string, p catalog.Protocol) (catalog.Upload, error) {
	u, err := s.Get(ctx, id)
	switch {
	case err != nil:
		return u, err
	case u.Protocol != p:
		return u, errs.E(errs.NotFound, "unknown-upload", "the upload %q does not go on this way", id).WithHint("go on by the protocol that it was begun with")
	case u.State != catalog.UploadOpen:
		return u, catalog.UploadEnded(&u)
	}
	return u, nil
}
