package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"freshet/internal/access"
	"freshet/internal/errs"
)

const fileColumns = `id, name, data_type, status, rechecking, failure_kind, verdict, object_key, moving_to, size, hash, sha256,
	format, records, errors, warnings, used_count, last_used, training_jobs, metadata, rules, processing_error, progress, chunk_count,
	created_by, upload_time, updated_time, version, project, hold`

type scanner interface{ Scan(...any) error }

func scanFile(row scanner) (File, error) {
	var f File
	var last, upload, updated int64
	var jobs, metadata, rules string
	err := row.Scan(&f.ID, &f.Name, &f.DataType, &f.Status, &f.Rechecking, &f.FailureKind, &f.Verdict, &f.ObjectKey, &f.MovingTo, &f.Size, &f.Hash, &f.SHA256,
		&f.Format, &f.Records, &f.Errors, &f.Warnings, &f.UsedCount, &last, &jobs, &metadata, &rules, &f.ProcessingError, &f.Progress, &f.ChunkCount,
		&f.CreatedBy, &upload, &updated, &f.version, &f.Project, &f.Hold)
	if err != nil {
		return f, err
	}
	f.LastUsed, f.UploadTime, f.UpdatedTime = fromMicros(last), fromMicros(upload), fromMicros(updated)
	f.Metadata = json.RawMessage(metadata)
	if rules != "" {
		f.Rules = json.RawMessage(rules)
	}
	return f, json.Unmarshal([]byte(jobs), &f.TrainingJobs)
}

func (f *File) values() ([]any, error) {
	if f.TrainingJobs == nil {
		f.TrainingJobs = []string{}
	}
	jobs, err := json.Marshal(f.TrainingJobs)
	if err != nil {
		return nil, err
	}
	if len(f.Metadata) == 0 {
		f.Metadata = json.RawMessage("{}")
	}
	rechecking := 0
	if f.Rechecking {
		rechecking = 1
	}
	return []any{f.ID, f.Name, f.DataType, string(f.Status), rechecking, string(f.FailureKind), string(f.Verdict), f.ObjectKey, f.MovingTo, f.Size, f.Hash, f.SHA256,
		f.Format, f.Records, f.Errors, f.Warnings, f.UsedCount, micros(f.LastUsed), string(jobs), string(f.Metadata), string(f.Rules), f.ProcessingError, f.Progress, f.ChunkCount,
		f.CreatedBy, micros(f.UploadTime), micros(f.UpdatedTime), f.version, f.Project, f.Hold}, nil
}

const insertFile = `INSERT INTO files (` + fileColumns + `, name_fold) VALUES
	($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)`

const updateFile = `UPDATE files SET name = $2, data_type = $3, status = $4, rechecking = $5, failure_kind = $6, verdict = $7, object_key = $8, moving_to = $9, size = $10,
	hash = $11, sha256 = $12, format = $13, records = $14, errors = $15, warnings = $16, used_count = $17, last_used = $18, training_jobs = $19, metadata = $20,
	rules = $21, processing_error = $22, progress = $23, chunk_count = $24, created_by = $25, upload_time = $26, updated_time = $27, version = $28 + 1,
	project = $29, hold = $30
	WHERE id = $1 AND version = $28`

func notFound(id string) *errs.Error {
	return errs.E(errs.NotFound, "unknown-file", "there is no file %q", id).WithHint("GET /data/efficient/staged-files lists them")
}

// Create adds a file in status uploading, to the project in which ctx asks unless
// it has one. An id that is taken is a Conflict.
func (s *Store) Create(ctx context.Context, f File, actor string) (File, error) {
	var ev Event
	var made File
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		made = f
		if err := s.create(ctx, tx, &made); err != nil {
			return err
		}
		ev = created(&made, actor)
		if err := s.remember(ctx, tx, &ev); err != nil {
			return err
		}
		return s.audit(ctx, tx, ev.act())
	})
	if err == nil {
		s.told(ev, made)
	}
	return made, err
}

func (s *Store) create(ctx context.Context, tx *sql.Tx, f *File) error {
	if f.Project == "" {
		f.Project = access.Project(ctx)
	}
	if err := s.inProject(ctx, tx, f.Project); err != nil {
		return err
	}
	f.Status, f.Verdict, f.version = Uploading, VerdictInProgress, 1
	f.UploadTime = s.Now()
	f.UpdatedTime = f.UploadTime
	v, err := f.values()
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, insertFile, append(v, strings.ToLower(f.Name))...); s.isUnique(err) {
		return IDTaken(f.ID)
	} else if err != nil {
		return err
	}
	// An id is never used again: what is left of its first file may still be on its
	// way out. This is asked once the row is there, so that none ends in between.
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM history WHERE file_id = $1`, f.ID).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return IDTaken(f.ID)
	}
	return s.count(ctx, tx, nil, f)
}

func created(f *File, actor string) Event {
	return Event{FileID: f.ID, Project: f.Project, Actor: actor, Action: "create", To: Uploading}
}

// IDTaken is the refusal of an id that a file has or had.
func IDTaken(id string) error {
	return errs.E(errs.Conflict, "id-taken", "the id %q is taken", id).WithHint("choose another, or leave it out")
}

// File is the file of that id, or the one that the id is an alias of.
func (s *Store) File(ctx context.Context, id string) (f File, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		f, err = file(ctx, q, id, "")
		return err
	})
	return f, err
}

// file reads a file; lock is the dialect's forUpdate where it is about to change.
func file(ctx context.Context, q querier, id, lock string) (File, error) {
	f, err := scanFile(q.QueryRowContext(ctx, `SELECT `+fileColumns+` FROM files WHERE id = $1`+lock, id))
	if err == nil {
		err = access.Permit(ctx, f.Project, notFound(id))
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return f, err
	}
	f, err = scanFile(q.QueryRowContext(ctx, `SELECT `+fileColumns+` FROM files WHERE id = (SELECT file_id FROM aliases WHERE alias = $1)`+lock, id))
	if errors.Is(err, sql.ErrNoRows) {
		return f, notFound(id)
	}
	if err == nil {
		err = access.Permit(ctx, f.Project, notFound(id))
	}
	f.DuplicateOf = f.ID
	return f, err
}

// permitFile is file for who does not need it: it refuses what the caller of ctx
// may not do to it. One that is not there is left to who asks.
func permitFile(ctx context.Context, q querier, id string) error {
	if access.From(ctx) == nil {
		return nil
	}
	var project string
	err := q.QueryRowContext(ctx, `SELECT project FROM files WHERE id = $1`, id).Scan(&project)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return access.Permit(ctx, project, notFound(id))
}

// Step moves a file, or changes facts of one whose status stays. It gives the
// file as it is afterwards.
func (s *Store) Step(ctx context.Context, id string, step Step) (File, error) {
	var f File
	var ev Event
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		f, ev, err = s.step(ctx, tx, id, step)
		return err
	})
	if err == nil {
		s.told(ev, f)
	}
	return f, err
}

// step locks in the order that all transactions keep to: the file, its upload,
// counters. The history and the audit log come last: their numbers rise in the
// order of commits, so that from there on writers wait for each other.
func (s *Store) step(ctx context.Context, tx *sql.Tx, id string, step Step) (File, Event, error) {
	f, err := file(ctx, tx, id, s.forUpdate)
	if err != nil {
		return f, Event{}, err
	}
	if err := step.allows(&f); err != nil {
		return f, Event{}, err
	}
	if step.To == Deleted && f.Hold != "" {
		return f, Event{}, errs.E(errs.Conflict, "on-hold", "the file is on hold: %s", f.Hold).WithHint("an administrator can release it")
	}
	was := f
	if step.Change != nil {
		if err := step.Change(&f); err != nil {
			return f, Event{}, err
		}
	}
	f.Status, f.UpdatedTime = step.To, s.Now()
	f.Progress = max(f.Progress, reached[step.To])
	if was.Status == Failed && step.To == Processing || f.Status != Fresh && f.Status != Used && f.Progress == 100 {
		f.Progress = reached[step.To] // a new try, or it is no longer fresh
	}
	ev := Event{FileID: f.ID, Project: f.Project, Actor: step.Actor, Action: step.Action, From: was.Status, To: step.To, Detail: step.Detail}
	is := &f
	if step.To == Deleted {
		is = nil
		err = remove(ctx, tx, f.ID)
	} else {
		err = s.save(ctx, tx, &f, &step)
	}
	if err == nil && step.Whole != nil {
		err = s.wholeUpload(ctx, tx, f.ID, *step.Whole)
	}
	var pieces []Upload
	if err == nil && was.Status == Uploading && step.To != Uploading {
		pieces, err = s.endUpload(ctx, tx, f.ID, step.endsUploadAs(), step.Detail, step.Since)
	}
	if err == nil {
		err = s.count(ctx, tx, &was, is)
	}
	if err == nil && was.Status == Uploading && step.To == Uploaded {
		err = s.within(ctx, tx, f.Project) // only now it is sure how large it is
	}
	if err != nil {
		return f, ev, err
	}
	if step.Job != nil {
		if err := s.enqueue(ctx, tx, *step.Job); err != nil {
			return f, ev, fmt.Errorf("queue %s: %w", step.Job.Kind, err)
		}
	}
	if err := s.remember(ctx, tx, &ev); err != nil {
		return f, ev, err
	}
	if s.also != nil {
		j, err := s.also(ev, f)
		if err == nil && j != nil {
			err = s.enqueue(ctx, tx, *j)
		}
		if err != nil {
			return f, ev, err
		}
	}
	if err := s.audit(ctx, tx, ev.act()); err != nil {
		return f, ev, err
	}
	return f, ev, s.auditPieces(ctx, tx, pieces)
}

func (s *Store) save(ctx context.Context, tx *sql.Tx, f *File, step *Step) error {
	v, err := f.values()
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, updateFile, v...)
	if s.isUnique(err) {
		return errs.E(errs.Conflict, "same-content", "the same content is held by another file").Because(err)
	}
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errs.E(errs.Conflict, "changed-meanwhile", "the file was changed by another request meanwhile").Because(err)
	}
	f.version++
	if err := insertParts(ctx, tx, f.ID, step.Parts); err != nil {
		return err
	}
	if r := step.Report; r != nil {
		_, err := tx.ExecContext(ctx, `INSERT INTO reports (file_id, report, line_index, findings_key) VALUES ($1, $2, $3, $4)
			ON CONFLICT (file_id) DO UPDATE SET report = excluded.report, line_index = excluded.line_index, findings_key = excluded.findings_key`,
			f.ID, notNil(r.JSON), notNil(r.LineIndex), r.FindingsKey)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO record_samples (file_id, sample) VALUES ($1, $2) ON CONFLICT (file_id) DO UPDATE SET sample = excluded.sample`, f.ID, notNil(r.Sample))
		return err
	}
	return nil
}

// insertParts writes many rows at a time: a file may have 10,000.
func insertParts(ctx context.Context, tx *sql.Tx, id string, parts []Part) error {
	for batch := range slices.Chunk(parts, 500) {
		var q strings.Builder
		q.WriteString(`INSERT INTO parts (file_id, number, size, crc64nvme) VALUES `)
		args := []any{id}
		for i, p := range batch {
			if i > 0 {
				q.WriteString(", ")
			}
			fmt.Fprintf(&q, "($1, $%d, $%d, $%d)", len(args)+1, len(args)+2, len(args)+3)
			args = append(args, p.Number, p.Size, p.CRC64NVME)
		}
		if _, err := tx.ExecContext(ctx, q.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes all rows of a file but its history, and of its uploads what tells
// of its content: they stay for a while for clients that ask.
func remove(ctx context.Context, tx *sql.Tx, id string) error {
	for _, q := range []string{`DELETE FROM parts WHERE file_id = $1`, `DELETE FROM reports WHERE file_id = $1`, `DELETE FROM record_samples WHERE file_id = $1`, `DELETE FROM aliases WHERE file_id = $1`, `DELETE FROM files WHERE id = $1`} {
		if _, err := tx.ExecContext(ctx, q, id); err != nil {
			return err
		}
	}
	// a plan is bytes: what SQLite is given as text it keeps as text, which no copy of it is
	_, err := tx.ExecContext(ctx, `UPDATE uploads SET plan = $2, metadata = '', why = '' WHERE file_id = $1 AND state <> 'open'`, id, []byte{})
	return err
}

// count keeps the counters: a file was counted as it was, nil before it is made,
// and is counted as it is, nil once it is gone. Those of a file are in one slot.
// A counter that reaches zero goes. Rows are locked in the order of their keys.
func (s *Store) count(ctx context.Context, tx *sql.Tx, was, is *File) error {
	type change struct {
		file         *File
		files, bytes int64
	}
	var todo []change
	switch {
	case was == nil:
		todo = []change{{is, 1, is.Size}}
	case is == nil:
		todo = []change{{was, -1, -was.Size}}
	case was.Status == is.Status && was.DataType == is.DataType:
		if was.Size == is.Size {
			return nil
		}
		todo = []change{{is, 0, is.Size - was.Size}}
	default:
		todo = []change{{was, -1, -was.Size}, {is, 1, is.Size}}
		slices.SortFunc(todo, func(a, b change) int {
			return cmp.Or(strings.Compare(string(a.file.Status), string(b.file.Status)), strings.Compare(a.file.DataType, b.file.DataType))
		})
	}
	for _, c := range todo {
		key := []any{c.file.Project, string(c.file.Status), c.file.DataType, s.slot(c.file.ID)}
		_, err := tx.ExecContext(ctx, `INSERT INTO counters (project, status, data_type, slot, files, bytes) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (project, status, data_type, slot) DO UPDATE SET files = counters.files + excluded.files, bytes = counters.bytes + excluded.bytes`,
			append(key, c.files, c.bytes)...)
		if err == nil && c.files < 0 {
			_, err = tx.ExecContext(ctx, `DELETE FROM counters WHERE project = $1 AND status = $2 AND data_type = $3 AND slot = $4 AND files = 0`, key...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) slot(id string) int64 {
	h := fnv.New64a()
	h.Write([]byte(id))
	return int64(h.Sum64() % s.slots)
}

// remember writes a row of history. On Postgres a trigger has its id rise in the
// order of commits, which holds up other writers of history until this
// transaction ends: it comes last.
func (s *Store) remember(ctx context.Context, tx *sql.Tx, ev *Event) error {
	ev.At, ev.Source, ev.Actor = s.Now(), sourceOf(ctx), doer(ctx, ev.Actor)
	return tx.QueryRowContext(ctx, `INSERT INTO history (file_id, at, actor, action, from_status, to_status, detail, project, source) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
		ev.FileID, micros(ev.At), ev.Actor, ev.Action, string(ev.From), string(ev.To), ev.Detail, ev.Project, ev.Source).Scan(&ev.ID)
}

// SameContent is the file of a project that holds the content already, if one
// does; a failed one only when no other does. The content is told by its size and a hash,
// "blake3:" + hex, or a SHA-256 as hex where that is known.
func (s *Store) SameContent(ctx context.Context, project, hash string, size int64) (f File, ok bool, err error) {
	column := "sha256"
	if strings.HasPrefix(hash, "blake3:") {
		column = "hash"
	}
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		f, err = scanFile(q.QueryRowContext(ctx, `SELECT `+fileColumns+` FROM files WHERE `+column+` = $1 AND `+column+` <> '' AND size = $2 AND project = $3
			AND (status IN ('uploaded', 'processing', 'fresh', 'used', 'archived') OR status = 'failed' AND failure_kind <> 'upload')
			ORDER BY CASE status WHEN 'failed' THEN 1 ELSE 0 END, upload_time, id LIMIT 1`, hash, size, project))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return f, false, nil
	}
	return f, err == nil, err
}

// BecomeAlias ends an uploading file whose content is held already. Its id from
// now on answers for the file of, where a client knows it.
func (s *Store) BecomeAlias(ctx context.Context, id, of, actor string, known bool) error {
	var ev Event
	var f File
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var err error
		if f, err = file(ctx, tx, id, s.forUpdate); err != nil {
			return err
		}
		if f.Status != Uploading {
			return errs.E(errs.Conflict, "wrong-state", "the file is %s, not uploading", f.Status)
		}
		holder, err := file(ctx, tx, of, s.forUpdate)
		if errs.Is(err, errs.NotFound) || err == nil && holder.Project != f.Project || err == nil && !HoldsContent(holder.Status) && holder.Status != Failed {
			return errs.E(errs.Conflict, "content-gone", "the file that held the same content is gone")
		}
		if err != nil {
			return err
		}
		if err := remove(ctx, tx, id); err != nil {
			return err
		}
		pieces, err := s.endUpload(ctx, tx, id, UploadComplete, "same content as "+of, time.Time{})
		if err != nil {
			return err
		}
		if known {
			if _, err := tx.ExecContext(ctx, `INSERT INTO aliases (alias, file_id) VALUES ($1, $2)`, id, of); err != nil {
				return err
			}
		}
		if err := s.count(ctx, tx, &f, nil); err != nil {
			return err
		}
		ev = Event{FileID: id, Project: f.Project, Actor: actor, Action: "duplicate", From: Uploading, To: Deleted, Detail: "same content as " + of}
		if err := s.remember(ctx, tx, &ev); err != nil {
			return err
		}
		if err := s.audit(ctx, tx, ev.act()); err != nil {
			return err
		}
		return s.auditPieces(ctx, tx, pieces)
	})
	if err == nil {
		s.told(ev, f)
	}
	return err
}

// Report is the stored report of a file, without its sample.
func (s *Store) Report(ctx context.Context, id string) (r Report, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		if err := permitFile(ctx, q, id); err != nil {
			return err
		}
		return q.QueryRowContext(ctx, `SELECT report, line_index, findings_key FROM reports WHERE file_id = $1`, id).Scan(&r.JSON, &r.LineIndex, &r.FindingsKey)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return r, errs.E(errs.NotFound, "no-report", "the file %q has not been checked", id).WithHint("POST /data/efficient/process-file/%s checks it", id)
	}
	return r, err
}
