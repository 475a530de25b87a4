package catalog

import (
	"context"
	"encoding/json"
	"strings"

	"freshet/internal/access"
)

// Named gives for each of the names the newest file that has exactly it, of
// those of the project in which ctx asks whose bytes are here. A name that none has is left out.
func (s *Store) Named(ctx context.Context, names []string) ([]File, error) {
	folded := make([]string, len(names))
	exact := make([]string, len(names))
	for i, n := range names {
		exact[i] = text(n)
		folded[i] = strings.ToLower(exact[i])
	}
	f, err := json.Marshal(folded)
	if err != nil {
		return nil, err
	}
	e, err := json.Marshal(exact)
	if err != nil {
		return nil, err
	}
	return s.files(ctx, `SELECT `+fileColumns+` FROM files WHERE id IN (SELECT id FROM (
		SELECT id, ROW_NUMBER() OVER (PARTITION BY name ORDER BY upload_time DESC, id DESC) AS nth FROM files
		WHERE project = $3 AND name_fold IN `+s.elements(1)+` AND name IN `+s.elements(2)+` AND status <> 'uploading' AND failure_kind <> 'upload') named
		WHERE nth = 1) ORDER BY upload_time DESC, id DESC`, string(f), string(e), access.Project(ctx))
}
