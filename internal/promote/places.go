package promote

import (
	"context"
	"strings"

	"freshet/internal/catalog"
)

// Places are the keys under which a file may lie in the course of its life.
func Places(f *catalog.File) []string {
	return []string{keyUnder(Staging, f), keyUnder(Fresh, f), keyUnder(Archived, f)}
}

// At tells whether a key is one where a file of that status lies.
func At(status catalog.Status, key string) bool {
	return strings.HasPrefix(key, prefixOf(status)) || status == catalog.Deprecated && strings.HasPrefix(key, Archived)
}

// prefixOf is where a file of a status lies. One that is deprecated stays where it was.
func prefixOf(status catalog.Status) string {
	switch status {
	case catalog.Fresh, catalog.Used, catalog.Deprecated:
		return Fresh
	case catalog.Archived:
		return Archived
	}
	return Staging
}

// Home states where a file's bytes were found, and moves them to where a file of
// its status lies. Unless was is how it is still, it is a Conflict.
func (p *Promoter) Home(ctx context.Context, was *catalog.File, key, actor, why string) (catalog.File, error) {
	f, err := p.Catalog.Step(ctx, was.ID, catalog.Step{
		From: []catalog.Status{was.Status}, To: was.Status, Action: "repair", Actor: actor, Detail: why,
		Change: func(f *catalog.File) error {
			if !f.Unchanged(was) {
				return moving()
			}
			f.ObjectKey, f.MovingTo = key, ""
			if !At(f.Status, key) {
				f.MovingTo = keyUnder(prefixOf(f.Status), f)
			}
			return nil
		},
		Job: &catalog.Job{Kind: SettleJob, FileID: was.ID, After: catalog.Backstop},
	})
	if err != nil {
		return f, err
	}
	return p.forward(ctx, f, actor)
}
