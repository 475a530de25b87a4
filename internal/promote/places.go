package promote

import (
	"context"
	"strings"

	"freshet/internal/catalog"
)

// Places are the keys under which a file may lie in the course of its life.
func Places(f *catalog.File) []string {
	keys := make([]string, len(Prefixes))
	for i, p := range Prefixes {
		keys[i] = keyUnder(p, f)
	}
	return keys
}

// At tells whether a key is one where a file of that status lies. One that is
// let out of quarantine stays there until it has passed.
func At(status catalog.Status, key string) bool {
	return strings.HasPrefix(key, prefixOf(status)) || status == catalog.Deprecated && strings.HasPrefix(key, Archived) ||
		status == catalog.Processing && strings.HasPrefix(key, Quarantine)
}

// Quarantined tells whether a file is, or its bytes still are, in quarantine: also
// one that was let out and did not pass yet.
func Quarantined(f *catalog.File) bool {
	return f.Status == catalog.Quarantined || strings.HasPrefix(f.ObjectKey, Quarantine)
}

// prefixOf is where a file of a status lies. One that is deprecated stays where it was.
func prefixOf(status catalog.Status) string {
	switch status {
	case catalog.Fresh, catalog.Used, catalog.Deprecated:
		return Fresh
	case catalog.Archived:
		return Archived
	case catalog.Quarantined:
		return Quarantine
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
