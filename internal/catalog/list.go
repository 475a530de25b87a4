package catalog

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"freshet/internal/access"
	"freshet/internal/errs"
)

// Query selects and orders files of the project in which the context of List
// asks. Zero values select all, newest first.
type Query struct {
	Statuses []Status // any of them
	DataType string
	Verdict  Verdict
	Search   string // part of the name, whatever its case, or front of an id
	Sort     string // a key of sorts
	Limit    int
	Cursor   string // from the page before
	Offset   int64  // rows to pass over, instead of a cursor
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
	switch {
	case !ok:
		return Page{}, errs.E(errs.Invalid, "unknown-sort", "%q is not an order", q.Sort).WithHint("orders are %s", Sorts)
	case q.Cursor != "" && q.Offset > 0:
		return Page{}, errs.E(errs.Invalid, "cursor-and-offset", "a page is found by a cursor or an offset, not by both").WithHint("leave one of them out")
	}
	project := access.Project(ctx)
	w := s.where(project, &q, true)
	counts, err := s.counts(ctx, q, w)
	if err != nil {
		return Page{}, err
	}
	total := int64(0)
	for st, n := range counts {
		if len(q.Statuses) == 0 || slices.Contains(q.Statuses, st) {
			total += n
		}
	}
	if total > fewMatches {
		w = s.where(project, &q, false)
	}
	query, err := q.page(&w, order.column, order.desc)
	if err != nil {
		return Page{}, err
	}
	files, err := s.files(ctx, query, w.args...)
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

// page is the query for a page and one file more, under conditions that it adds to.
func (q *Query) page(w *where, column string, desc bool) (string, error) {
	dir, than := "", ">"
	if desc {
		dir, than = " DESC", "<"
	}
	if q.Cursor != "" {
		v, id, err := parseCursor(q.Cursor, q.Sort)
		if err != nil {
			return "", err
		}
		w.args = append(w.args, v, id)
		w.conds = append(w.conds, fmt.Sprintf("(%s, id) %s ($%d, $%d)", column, than, len(w.args)-1, len(w.args)))
	}
	order := fmt.Sprintf(" ORDER BY %s%s, id%s", column, dir, dir)
	if len(q.Statuses) == 1 {
		w.and("status = ", string(q.Statuses[0]))
	}
	if len(q.Statuses) > 1 {
		w.from = "(" + q.eachStatus(w, column, order) + ") files"
		w.conds = nil
	}
	w.args = append(w.args, q.Limit+1, q.Offset)
	page := fmt.Sprintf(" FROM %s%s%s LIMIT $%d OFFSET $%d", w.from, w, order, len(w.args)-1, len(w.args))
	if len(q.Statuses) > 1 || q.Offset > 0 { // what is passed over is not read
		return fmt.Sprintf("SELECT %s FROM files WHERE id IN (SELECT id%s)%s", fileColumns, page, order), nil
	}
	return fmt.Sprintf("SELECT %s%s", fileColumns, page), nil
}

// eachStatus walks the index of each status by itself, as far as the page may
// reach: of all of them together an engine would sort everything.
func (q *Query) eachStatus(w *where, column, order string) string {
	w.args = append(w.args, q.Offset+int64(q.Limit)+1)
	limit := len(w.args)
	var all []string
	for _, st := range q.Statuses {
		one := *w
		one.conds = slices.Clone(w.conds)
		one.and("status = ", string(st))
		w.args = one.args
		all = append(all, fmt.Sprintf("SELECT * FROM (SELECT id, %s FROM %s%s%s LIMIT $%d) one", column, one.from, &one, order, limit))
	}
	return strings.Join(all, " UNION ALL ")
}

// fewMatches is how many files a search may find for all of them to be sorted;
// of more, a walk in the order that is wanted soon meets a page of them.
const fewMatches = 10_000

// where is the conditions of a query but its status, which the counts leave out.
type where struct {
	from  string // the table of files, or what an index of names finds of it
	conds []string
	args  []any
}

func (w *where) and(cond string, arg any) {
	w.args = append(w.args, arg)
	w.conds = append(w.conds, fmt.Sprintf("%s$%d", cond, len(w.args)))
}

func (w *where) String() string {
	if len(w.conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conds, " AND ")
}

// where makes the conditions; indexed says to use the index of names for a search.
func (s *Store) where(project string, q *Query, indexed bool) where {
	w := where{from: "files"}
	w.and("project = ", project)
	if q.DataType != "" {
		w.and("data_type = ", q.DataType)
	}
	if q.Verdict != "" {
		w.and("verdict = ", string(q.Verdict))
	}
	if q.Search != "" {
		search := strings.ToLower(text(q.Search))
		esc := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(search)
		w.and("name_fold LIKE ", "%"+esc+"%")
		cond := &w.conds[len(w.conds)-1]
		*cond += ` ESCAPE '\'`
		also := "" // files of such an id
		if idFront.MatchString(search) {
			w.args = append(w.args, search, search+"g") // behind all hexadecimal digits
			also = fmt.Sprintf("id >= $%d AND id < $%d", len(w.args)-1, len(w.args))
			*cond = fmt.Sprintf("(%s OR %s)", *cond, also)
		}
		s.find(&w, search, also, indexed)
	}
	return w
}

// idFront is an id, or enough of its front not to be a word of a name.
var idFront = regexp.MustCompile(`^file_[0-9a-f]{6,32}$`)

// counts by status come from the counters; what these do not know has to be looked for.
func (s *Store) counts(ctx context.Context, q Query, w where) (m map[Status]int64, err error) {
	query := q.count(&w)
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		m = map[Status]int64{}
		return rows(ctx, q, func(r scanner) error {
			var st Status
			var n int64
			err := r.Scan(&st, &n)
			m[st] = n
			return err
		}, query, w.args...)
	})
	return m, err
}

func (q *Query) count(w *where) string {
	table, sum := "counters", "CAST(SUM(files) AS BIGINT)"
	if q.Search != "" || q.Verdict != "" {
		table, sum = w.from, "COUNT(*)"
	}
	return fmt.Sprintf("SELECT status, %s FROM %s%s GROUP BY status", sum, table, w)
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
	if !ok || strings.Contains(id, "\x00") { // which Postgres has no text with
		return nil, "", bad
	}
	switch v := parts[1].(type) {
	case string:
		if !strings.HasSuffix(sort, "name") || strings.Contains(v, "\x00") {
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
	Project  string // empty where it is of all together
	Status   Status
	DataType string
	Files    int64
	Bytes    int64
}

// Counters gives those of a project, or of all together where it is empty.
func (s *Store) Counters(ctx context.Context, project string) (out []Counter, err error) {
	where, args := "", []any(nil)
	if project != "" {
		where, args = ` WHERE project = $1`, []any{project}
	}
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = nil
		return rows(ctx, q, func(r scanner) error {
			var c Counter
			err := r.Scan(&c.Status, &c.DataType, &c.Files, &c.Bytes)
			out = append(out, c)
			return err
		}, `SELECT status, data_type, CAST(SUM(files) AS BIGINT), CAST(SUM(bytes) AS BIGINT) FROM counters`+where+` GROUP BY status, data_type`, args...)
	})
	return out, err
}

// Select gives up to limit files of a status that were last changed before a
// time, oldest first and after the id given: for sweeps, page by page. For a
// caller they are those of the project in which it asks, else those of all.
func (s *Store) Select(ctx context.Context, status Status, before time.Time, afterTime time.Time, afterID string, limit int) ([]File, error) {
	where, args := "", []any{string(status), micros(before), micros(afterTime), afterID, limit}
	if access.From(ctx) != nil {
		where, args = ` AND project = $6`, append(args, access.Project(ctx))
	}
	return s.files(ctx, `SELECT `+fileColumns+` FROM files WHERE status = $1 AND updated_time < $2 AND (updated_time, id) > ($3, $4)`+where+`
		ORDER BY updated_time, id LIMIT $5`, args...)
}

func (s *Store) files(ctx context.Context, query string, args ...any) (out []File, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = []File{}
		return rows(ctx, q, func(r scanner) error {
			f, err := scanFile(r)
			out = append(out, f)
			return err
		}, query, args...)
	})
	return out, err
}

// Moving gives the files whose move was begun and is not known to be done.
func (s *Store) Moving(ctx context.Context) ([]File, error) {
	return s.files(ctx, `SELECT `+fileColumns+` FROM files WHERE moving_to <> '' ORDER BY id`)
}
