package catalog

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"freshet/internal/errs"
)

// Query selects and orders files. Zero values select all, newest first.
type Query struct {
	Status   Status
	DataType string
	Search   string // part of the name, whatever its case
	Sort     string // a key of sorts
	Limit    int
	Cursor   string // from the page before
}

// sorts are the orders that there are, each with an index of its own.
var sorts = map[string]struct {
	column string
	desc   bool
	value  func(*File) any
}{
	"-upload_time":   {"upload_time", true, func(f *File) any { return micros(f.UploadTime) }},
	"upload_time":    {"upload_time", false, func(f *File) any { return micros(f.UploadTime) }},
	"-updated_time":  {"updated_time", true, func(f *File) any { return micros(f.UpdatedTime) }},
	"updated_time":   {"updated_time", false, func(f *File) any { return micros(f.UpdatedTime) }},
	"original_name":  {"name_fold", false, func(f *File) any { return strings.ToLower(f.Name) }},
	"-original_name": {"name_fold", true, func(f *File) any { return strings.ToLower(f.Name) }},
	"file_size":      {"size", false, func(f *File) any { return f.Size }},
	"-file_size":     {"size", true, func(f *File) any { return f.Size }},
}

// Sorts names the orders, for the documentation.
const Sorts = "-upload_time, upload_time, -updated_time, updated_time, original_name, -original_name, file_size, -file_size"

// Page is one page of files with the counts that belong to the query.
type Page struct {
	Files    []File
	Total    int64            // of all pages
	ByStatus map[Status]int64 // under the query's other conditions
	Next     string           // cursor, empty on the last page
}

// List gives a page of files.
func (s *Store) List(ctx context.Context, q Query) (Page, error) {
	if q.Sort == "" {
		q.Sort = "-upload_time"
	}
	order, ok := sorts[q.Sort]
	if !ok {
		return Page{}, errs.E(errs.Invalid, "unknown-sort", "%q is not an order", q.Sort).WithHint("orders are %s", Sorts)
	}
	w := q.where(true)
	counts, err := s.counts(ctx, q, w)
	if err != nil {
		return Page{}, err
	}
	total := int64(0)
	for st, n := range counts {
		if q.Status == "" || st == q.Status {
			total += n
		}
	}
	if total > fewMatches {
		w = q.where(false)
	}
	if q.Status != "" {
		w.and("status = ", string(q.Status))
	}
	from, dir, than := w.found(), "", ">"
	if order.desc {
		dir, than = " DESC", "<"
	}
	if q.Cursor != "" {
		v, id, err := parseCursor(q.Cursor, q.Sort)
		if err != nil {
			return Page{}, err
		}
		w.args = append(w.args, v, id)
		w.conds = append(w.conds, fmt.Sprintf("(%s, id) %s ($%d, $%d)", order.column, than, len(w.args)-1, len(w.args)))
	}
	w.args = append(w.args, q.Limit+1)
	files, err := s.files(ctx, fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s%s, id%s LIMIT $%d", fileColumns, from, w, order.column, dir, dir, len(w.args)), w.args...)
	if err != nil {
		return Page{}, err
	}
	p := Page{Files: files, ByStatus: counts, Total: total}
	if len(p.Files) > q.Limit {
		p.Files = p.Files[:q.Limit]
		last := &p.Files[q.Limit-1]
		p.Next = makeCursor(q.Sort, order.value(last), last.ID)
	}
	return p, nil
}

// fewMatches is how many files a search may find for all of them to be sorted;
// of more, a walk in the order that is wanted soon meets a page of them.
const fewMatches = 10_000

// where is the conditions of a query but its status, which the counts leave out.
type where struct {
	conds []string
	args  []any
	match string // a look-up in the index of names, or empty
}

// found is the files that the index of names gives, as a table. The join is
// ordered (CROSS) because the planner cannot know that they are few.
func (w *where) found() string {
	if w.match == "" {
		return "files"
	}
	return "(SELECT files.* FROM file_names CROSS JOIN files ON files.seq = file_names.rowid WHERE " + w.match + ") files"
}

func (w *where) and(cond string, arg any) {
	w.args = append(w.args, arg)
	w.conds = append(w.conds, fmt.Sprintf("%s$%d", cond, len(w.args)))
}

func (w where) String() string {
	if len(w.conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conds, " AND ")
}

// where makes the conditions; indexed says to use the index of names for a search.
func (q *Query) where(indexed bool) where {
	var w where
	if q.DataType != "" {
		w.and("data_type = ", q.DataType)
	}
	if q.Search != "" {
		esc := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(q.Search))
		w.and("name_fold LIKE ", "%"+esc+"%")
		w.conds[len(w.conds)-1] += ` ESCAPE '\'`
		if indexed && utf8.RuneCountInString(q.Search) >= 3 { // what the index of names is made of
			w.args = append(w.args, `"`+strings.ReplaceAll(strings.ToLower(q.Search), `"`, `""`)+`"`)
			w.match = fmt.Sprintf("file_names MATCH $%d", len(w.args))
		}
	}
	return w
}

// counts by status come from the counters; a search has to look.
func (s *Store) counts(ctx context.Context, q Query, w where) (map[Status]int64, error) {
	table, sum := "counters", "SUM(files)"
	if q.Search != "" {
		table, sum = w.found(), "COUNT(*)"
	}
	rows, err := s.read.QueryContext(ctx, fmt.Sprintf("SELECT status, %s FROM %s%s GROUP BY status", sum, table, w), w.args...)
	if err != nil {
		return nil, down(err)
	}
	defer rows.Close()
	m := map[Status]int64{}
	for rows.Next() {
		var st Status
		var n int64
		if err := rows.Scan(&st, &n); err != nil {
			return nil, err
		}
		m[st] = n
	}
	return m, down(rows.Err())
}

func makeCursor(sort string, value any, id string) string {
	b, err := json.Marshal([]any{sort, value, id})
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(c, sort string) (value any, id string, err error) {
	bad := errs.E(errs.Invalid, "bad-cursor", "the cursor is not one of this list").WithHint("take next_cursor of the page before, with the same sort")
	b, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil {
		return nil, "", bad
	}
	var parts []any
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	if dec.Decode(&parts) != nil || len(parts) != 3 || parts[0] != sort {
		return nil, "", bad
	}
	id, ok := parts[2].(string)
	if !ok {
		return nil, "", bad
	}
	switch v := parts[1].(type) {
	case string:
		if !strings.HasSuffix(sort, "name") {
			return nil, "", bad
		}
		return v, id, nil
	case json.Number:
		n, err := v.Int64()
		if err != nil || strings.HasSuffix(sort, "name") {
			return nil, "", bad
		}
		return n, id, nil
	}
	return nil, "", bad
}

// Counter is how many files, and bytes, there are of a status and type.
type Counter struct {
	Status   Status
	DataType string
	Files    int64
	Bytes    int64
}

// Counters gives them all.
func (s *Store) Counters(ctx context.Context) ([]Counter, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT status, data_type, files, bytes FROM counters`)
	if err != nil {
		return nil, down(err)
	}
	defer rows.Close()
	var out []Counter
	for rows.Next() {
		var c Counter
		if err := rows.Scan(&c.Status, &c.DataType, &c.Files, &c.Bytes); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, down(rows.Err())
}

// Select gives up to limit files of the statuses that were last changed before
// a time, oldest first and after the id given: for sweeps, page by page.
func (s *Store) Select(ctx context.Context, status Status, before time.Time, afterTime time.Time, afterID string, limit int) ([]File, error) {
	return s.files(ctx, `SELECT `+fileColumns+` FROM files WHERE status = $1 AND updated_time < $2 AND (updated_time, id) > ($3, $4)
		ORDER BY updated_time, id LIMIT $5`, string(status), micros(before), micros(afterTime), afterID, limit)
}

func (s *Store) files(ctx context.Context, q string, args ...any) ([]File, error) {
	rows, err := s.read.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, down(err)
	}
	defer rows.Close()
	out := []File{}
	for rows.Next() {
		f, err := scanFile(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, down(rows.Err())
}

// Moving gives the files whose move was begun and is not known to be done.
func (s *Store) Moving(ctx context.Context) ([]File, error) {
	return s.files(ctx, `SELECT `+fileColumns+` FROM files WHERE moving_to <> '' ORDER BY id`)
}
