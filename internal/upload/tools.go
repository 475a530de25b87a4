package upload

import (
	"context"
	"slices"
	"strings"

	"freshet/internal/catalog"
	"freshet/internal/check"
	"freshet/internal/promote"
)

// OwnerOf is the id of the file, or the piece, in whose place an object lies;
// false where the place is not one that uploads choose.
func OwnerOf(key string) (id string, ok bool) {
	for _, prefix := range append(slices.Clone(promote.Prefixes), check.FindingsPrefix) {
		if rest, under := strings.CutPrefix(key, prefix); under {
			id, _, _ = strings.Cut(rest, "/")
			return id, idForm.MatchString(id) || pieceForm.MatchString(id)
		}
	}
	return "", false
}

// Owned tells whether the file, or the piece, of that id speaks of the object.
func (s *Service) Owned(ctx context.Context, id, key string) (bool, error) {
	return s.owned(ctx, id, key)
}

// EndLost ends an open upload whose bytes are nowhere, unless it went on meanwhile.
func (s *Service) EndLost(ctx context.Context, u *catalog.Upload) error { return s.endLost(ctx, u) }

// GiveUp ends an open upload for a reason that is not its client's; its bytes go.
func (s *Service) GiveUp(ctx context.Context, u *catalog.Upload, why string) error {
	return s.end(ctx, u, ended{how: catalog.UploadFailed, why: why, actor: "system", since: u.Updated})
}
