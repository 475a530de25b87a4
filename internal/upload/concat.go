package upload

import (
	"context"
	"errors"
	"fmt"
	"io"

	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/errs"

	"github.com/minio/crc64nvme"
)

// Concat makes one file of pieces that are whole, in the order given. Their
// bytes move over range by range, hashed and checked on the way, and each range
// is given back once it is committed: the disk never holds more than the file
// and a part of it besides. Asked again for the same pieces it gives the same upload.
func (s *Service) Concat(ctx context.Context, n New) (Appended, error) {
	if u, ok, err := s.Catalog.UploadOfPieces(ctx, n.Pieces); err != nil {
		return Appended{}, err
	} else if ok {
		return s.gathered(ctx, u)
	}
	if err := n.check(); err != nil {
		return Appended{}, err
	}
	n.Protocol, n.Size = catalog.Append, 0
	for i, id := range n.Pieces {
		p, err := s.piece(ctx, id)
		if err != nil {
			return Appended{}, err
		}
		for _, other := range n.Pieces[:i] {
			if other == id {
				return Appended{}, errs.E(errs.Malformed, "piece-twice", "the piece %s is there twice", id).WithHint("upload it once for each place")
			}
		}
		n.Size += p.Size
	}
	if n.Size == 0 {
		return Appended{}, empty(n.Name)
	}
	if limit := s.limit(&n.Rules); limit >= 0 && n.Size > limit {
		return Appended{}, TooLarge(limit)
	}
	u, _, _, err := s.open(ctx, &n, PartSize(n.Size, SmallPart))
	if err != nil {
		return Appended{}, err
	}
	return s.gathered(ctx, u)
}

// piece is an upload that may become a piece of another: whole, and not used yet.
func (s *Service) piece(ctx context.Context, id string) (catalog.Upload, error) {
	p, err := s.Get(ctx, id)
	switch {
	case err != nil:
		return p, err
	case p.FileID != "":
		return p, errs.E(errs.Malformed, "not-a-piece", "the upload %s is not partial", id)
	case p.State != catalog.UploadOpen:
		return p, errs.E(errs.Gone, "piece-gone", "the piece %s is %s", id, p.State).WithHint("upload it again")
	case p.Size < 0 || p.Committed != p.Size:
		return p, errs.E(errs.Malformed, "piece-not-whole", "the piece %s is not finished", id).WithHint("finish it first")
	}
	return p, nil
}

// gathered gathers the pieces of an upload and completes it.
func (s *Service) gathered(ctx context.Context, u catalog.Upload) (Appended, error) {
	bg := context.WithoutCancel(ctx) // a client that is gone will ask again
	// one who gathered before us may be completing it: its outcome is ours, too
	if err := s.gather(bg, &u); err != nil && !errors.Is(err, errEnding) {
		return Appended{Upload: u}, err
	}
	out, err := s.Complete(bg, u.ID)
	if now, e := s.Catalog.Upload(bg, u.ID); e == nil {
		u = now
	}
	return Appended{Upload: u, Outcome: out}, err
}

// gather moves the bytes of the pieces over, from where an earlier try stopped.
func (s *Service) gather(ctx context.Context, u *catalog.Upload) error {
	held, release, err := s.claims.queue(ctx, u.ID, appending)
	if err != nil {
		return err
	}
	defer release()
	now, err := s.lease(held, u.ID)
	if err != nil {
		return why(held, err)
	}
	if *u = now; u.State != catalog.UploadOpen {
		return nil
	}
	a := &appender{service: s, upload: *u, in: Appending{Offset: u.Committed}}
	g := &gathering{service: s, at: u.Committed}
	defer g.close()
	epoch := u.Epoch
	for _, id := range u.Pieces {
		p, err := s.Catalog.Upload(ctx, id)
		if err == nil && s.Blobs.Needs().Whole {
			err = s.readable(ctx, &p)
		}
		if err != nil {
			return s.outdone(ctx, u.ID, epoch, err)
		}
		g.pieces = append(g.pieces, p)
	}
	a.in.Source, a.in.Length, a.in.Progress = g, -1, g.release
	err = s.outdone(ctx, u.ID, epoch, a.run(held))
	*u = a.upload
	if err != nil {
		if a.stopped != nil {
			return a.stopped
		}
		return why(held, err)
	}
	for i := range g.pieces {
		if err := s.end(ctx, &g.pieces[i], ended{how: catalog.UploadComplete, why: "it is part of upload " + u.ID, actor: u.Actor}); err != nil {
			s.Log.Error("a piece left something behind", "upload_id", g.pieces[i].ID, "error", err.Error())
		}
	}
	return nil
}

// readable makes an object of a piece, where the store gives bytes of nothing else.
func (s *Service) readable(ctx context.Context, p *catalog.Upload) error {
	if p.State != catalog.UploadOpen {
		return nil
	}
	rows, err := s.Catalog.UploadParts(ctx, p.ID)
	if err != nil {
		return err
	}
	var parts []blob.Part
	for i := range rows {
		parts = append(parts, blobPart(&rows[i]))
	}
	return lost(s.Blobs.Complete(ctx, p.Key, p.Handle, p.Size, parts))
}

// gathering gives the bytes of pieces one after another, and compares each part
// with its checksum.
type gathering struct {
	service *Service
	pieces  []catalog.Upload
	at      int64 // of the next byte, in all of them together
	from    io.ReadCloser
	left    int64 // that from gives
	crc     uint64
	part    catalog.UploadPart
	whole   bool // the part is read from its front, so that its checksum can be compared
}

// Fill implements Source.
func (g *gathering) Fill(p []byte, progress func(int)) (n int, err error) {
	for n < len(p) {
		if g.left == 0 {
			if err := g.next(); err != nil {
				return n, err
			}
		}
		k, err := io.ReadFull(g.from, p[n:min(int64(len(p)), int64(n)+g.left)])
		g.crc = crc64nvme.Update(g.crc, p[n:n+k])
		progress(k)
		n += k
		g.left -= int64(k)
		g.at += int64(k)
		if err != nil {
			return n, fmt.Errorf("read a piece: %w", err)
		}
		if g.left == 0 && g.whole && g.crc != g.part.CRC64NVME {
			return n, errs.E(errs.Internal, "damaged-piece", "part %d of a piece is not as it was received", g.part.Number)
		}
	}
	return n, nil
}

// next opens the part that holds the next byte.
func (g *gathering) next() error {
	if g.from != nil {
		if err := g.from.Close(); err != nil {
			return err
		}
		g.from = nil
	}
	p, at := g.locate(g.at)
	if p == nil {
		return io.EOF
	}
	ctx := context.Background()
	row, ok, err := g.service.Catalog.UploadPart(ctx, p.ID, int(at/p.PartSize)+1)
	if err == nil && !ok {
		err = errs.E(errs.Internal, "damaged-upload", "the parts of upload %s do not add up", p.ID)
	}
	if err != nil {
		return err
	}
	g.part, g.crc, g.whole, g.left = row, 0, at == row.At, row.At+row.Size-at
	g.from, err = g.service.Blobs.ReadBack(ctx, p.Key, p.Handle, at, g.left)
	return err
}

func (g *gathering) close() {
	if g.from != nil {
		g.from.Close() // it was only read
	}
}

// locate is the piece that holds a byte, and the byte's place in it.
func (g *gathering) locate(at int64) (*catalog.Upload, int64) {
	for i := range g.pieces {
		if at < g.pieces[i].Size {
			return &g.pieces[i], at
		}
		at -= g.pieces[i].Size
	}
	return nil, 0
}

// release gives back what is committed elsewhere now.
func (g *gathering) release(committed int64) {
	for i := range g.pieces {
		p := &g.pieces[i]
		n := min(committed, p.Size)
		if committed -= n; n == 0 {
			continue
		}
		if err := g.service.Blobs.Release(context.Background(), p.Key, p.Handle, n); err != nil {
			g.service.Log.Warn("the space of a piece is given back only at the end", "upload_id", p.ID, "error", err.Error())
		}
	}
}
