package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"freshet/internal/access"
	"freshet/internal/errs"
)

// Project owns files, uploads and rule sets. The default one is always there.
type Project struct {
	Name      string
	Created   time.Time // zero for a default one that was never set
	CreatedBy string
	Settings  ProjectSettings

	ended time.Time // zero: it is there
}

// ProjectSettings are what an administrator says of a project. Zero is no limit.
type ProjectSettings struct {
	MaxFiles       int64 `json:"max_files,omitempty"`        // whose bytes are here or on their way
	MaxBytes       int64 `json:"max_bytes,omitempty"`        // of all of these
	MaxOpenUploads int64 `json:"max_open_uploads,omitempty"` // at once

	Retention     []Retention       `json:"retention,omitempty"`
	ContentPolicy map[string]string `json:"content_policy,omitempty"` // off, warn, quarantine or refuse, by the rule's name
}

const projectColumns = `name, created, created_by, settings, ended`

func scanProject(row scanner) (Project, error) {
	var p Project
	var created, ended int64
	var settings string
	if err := row.Scan(&p.Name, &created, &p.CreatedBy, &settings, &ended); err != nil {
		return p, err
	}
	p.Created, p.ended = fromMicros(created), fromMicros(ended)
	return p, json.Unmarshal([]byte(settings), &p.Settings)
}

func unknownProject(name string) error {
	return errs.E(errs.NotFound, "unknown-project", "there is no project %q", name).WithHint("GET /data/efficient/projects lists those that you see")
}

// Projects lists them by name.
func (s *Store) Projects(ctx context.Context) (out []Project, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = []Project{}
		return rows(ctx, q, func(r scanner) error {
			p, err := scanProject(r)
			out = append(out, p)
			return err
		}, `SELECT `+projectColumns+` FROM projects WHERE ended = 0 ORDER BY CASE name WHEN 'default' THEN 0 ELSE 1 END, name`)
	})
	if err == nil && (len(out) == 0 || out[0].Name != access.Default) {
		out = append([]Project{{Name: access.Default}}, out...)
	}
	return out, err
}

// Project is the project of that name.
func (s *Store) Project(ctx context.Context, name string) (p Project, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		p, err = project(ctx, q, name, "")
		return err
	})
	return p, err
}

func project(ctx context.Context, q querier, name, lock string) (Project, error) {
	p, err := scanProject(q.QueryRowContext(ctx, `SELECT `+projectColumns+` FROM projects WHERE name = $1`+lock, name))
	switch {
	case errors.Is(err, sql.ErrNoRows) && name == access.Default:
		return Project{Name: name}, nil
	case errors.Is(err, sql.ErrNoRows), err == nil && !p.ended.IsZero():
		return p, unknownProject(name)
	}
	return p, err
}

// inProject refuses a project that is not there. It does not end before the
// transaction does.
func (s *Store) inProject(ctx context.Context, tx *sql.Tx, name string) error {
	if name == access.Default || name == access.Everywhere {
		return nil
	}
	lock := ""
	if s.forUpdate != "" {
		lock = " FOR KEY SHARE"
	}
	_, err := project(ctx, tx, name, lock)
	return err
}

// Check refuses settings that mean nothing, or too much.
func (p *ProjectSettings) Check() error {
	if p.MaxFiles < 0 || p.MaxBytes < 0 || p.MaxOpenUploads < 0 {
		return errs.E(errs.Invalid, "bad-limit", "a limit must not be negative").WithHint("0 is no limit")
	}
	for i := range p.Retention {
		if err := p.Retention[i].check(); err != nil {
			return err
		}
	}
	return nil
}

// SameLimits tells whether two settings bound a project alike.
func (p *ProjectSettings) SameLimits(as *ProjectSettings) bool {
	return p.MaxFiles == as.MaxFiles && p.MaxBytes == as.MaxBytes && p.MaxOpenUploads == as.MaxOpenUploads
}

// PutProject makes a project, or gives one other settings. may, unless nil, can
// refuse that; it is handed what there was, nil for a project that is new.
func (s *Store) PutProject(ctx context.Context, name string, settings ProjectSettings, actor string, may func(was *Project) error) (p Project, made bool, err error) {
	if err := access.CheckProject(name); err != nil {
		return p, false, err
	}
	if err := settings.Check(); err != nil {
		return p, false, err
	}
	b, err := json.Marshal(settings)
	if err != nil {
		return p, false, err
	}
	err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		old, err := project(ctx, tx, name, s.forUpdate)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		if !old.ended.IsZero() {
			return errs.E(errs.Conflict, "project-ended", "there was a project %q, and its name is not used again: keys and records of before speak of it", name).WithHint("choose another name")
		}
		made = err != nil
		if may != nil {
			was := &old
			if made {
				was = nil
			}
			if err := may(was); err != nil {
				return err
			}
		}
		p = Project{Name: name, Created: old.Created, CreatedBy: old.CreatedBy, Settings: settings}
		if p.Created.IsZero() {
			p.Created, p.CreatedBy = s.Now(), actor
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO projects (`+projectColumns+`) VALUES ($1, $2, $3, $4, 0) ON CONFLICT (name) DO UPDATE SET settings = excluded.settings`,
			p.Name, micros(p.Created), p.CreatedBy, string(b))
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, Act{Action: "put-project", Actor: actor, Project: name, Object: name, Detail: string(b)})
	})
	return p, made, err
}

// DeleteProject ends a project that owns no file and no upload under way, for
// good. Its rule sets go with it.
func (s *Store) DeleteProject(ctx context.Context, name string) error {
	if name == access.Default {
		return errs.E(errs.Conflict, "default-project", "the project default is always there")
	}
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := project(ctx, tx, name, s.forUpdate); err != nil {
			return err
		}
		var n int
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM files WHERE project = $1 UNION ALL SELECT 1 FROM uploads WHERE project = $1 AND state = $2 LIMIT 1) one`,
			name, string(UploadOpen)).Scan(&n)
		if err == nil && n > 0 {
			err = errs.E(errs.Conflict, "project-in-use", "the project %q owns files or uploads under way", name).WithHint("delete these first")
		}
		for _, q := range []string{`DELETE FROM rule_sets WHERE project = $1`, `UPDATE projects SET settings = '{}' WHERE name = $1`} {
			if err == nil {
				_, err = tx.ExecContext(ctx, q, name)
			}
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE projects SET ended = $2 WHERE name = $1`, name, micros(s.Now()))
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, Act{Action: "delete-project", Project: name, Object: name})
	})
}
