package catalog

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"freshet/internal/access"
	"freshet/internal/errs"
)

// copied are the tables that make an installation, with the columns by which
// they are walked and those that they have. What is only true of one place is
// not among them: counters are made anew, parts of open uploads cannot move,
// jobs are queued by who moves the files, and sessions are begun anew by the
// keys, which do move.
var copied = []copiedTable{
	{name: "projects", key: "name", columns: "name, created, created_by, settings", page: 100},
	{name: "files", key: "id", columns: fileColumns + ", name_fold", page: 500},
	{name: "aliases", key: "alias", columns: "alias, file_id", page: 1000},
	{name: "parts", key: "file_id, number", columns: "file_id, number, size, crc64nvme", page: 1000},
	{name: "history", key: "id", columns: eventColumns, page: 1000},
	{name: "reports", key: "file_id", columns: "file_id, report, line_index, findings_key", page: 16},
	{name: "record_samples", key: "file_id", columns: "file_id, sample", page: 64},
	{name: "rule_sets", key: "project, name, version", columns: ruleSetColumns, page: 100},
	{name: "keys", key: "id", columns: keyColumns, page: 500},
	{name: "audit", key: "number", columns: auditColumns, page: 1000},
	{name: "audit_heads", key: "size", columns: headColumns, page: 1000},
	{name: "uploads", key: "id", columns: uploadColumns, where: "state <> 'open'", page: 200},
}

type copiedTable struct {
	name, key, columns string
	where              string
	page               int // rows at once: some are long
}

// Tables names what CopyTo copies.
func Tables() (out []string) {
	for _, t := range copied {
		out = append(out, t.name)
	}
	return out
}

// fields are the names of a list.
func fields(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(", \n\t", r) })
}

func (t *copiedTable) condition(more string) string {
	switch {
	case t.where == "":
		return " WHERE " + more
	case more == "":
		return " WHERE " + t.where
	}
	return " WHERE " + t.where + " AND " + more
}

// Rows is how many rows of each table CopyTo copies.
func (s *Store) Rows(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	for _, t := range copied {
		n, err := s.rowsOf(ctx, &t)
		if err != nil {
			return nil, err
		}
		out[t.name] = n
	}
	return out, nil
}

func (s *Store) rowsOf(ctx context.Context, t *copiedTable) (n int64, err error) {
	where := ""
	if t.where != "" {
		where = t.condition("")
	}
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		return q.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+t.name+where).Scan(&n)
	})
	return n, err
}

// CopyTo adds the rows that another catalog lacks, and tells of each page of
// them. Rows that are there are not looked at: Compare does that. A repeat goes
// on with what is missing.
func (s *Store) CopyTo(ctx context.Context, to *Store, tell func(table string, rows int)) error {
	for _, t := range copied {
		err := s.pages(ctx, &t, func(page [][]any) error {
			err := to.add(ctx, &t, page)
			if err == nil {
				tell(t.name, len(page))
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("copy %s: %w", t.name, err)
		}
	}
	if err := to.Recount(ctx); err != nil {
		return fmt.Errorf("count the files: %w", err)
	}
	return to.setHistoryID(ctx)
}

// pages walks a table in the order of its key.
func (s *Store) pages(ctx context.Context, t *copiedTable, f func([][]any) error) error {
	keys, columns := fields(t.key), fields(t.columns)
	var last []any
	for {
		where, args := "", []any(nil)
		if last != nil {
			var ps []string
			for i := range keys {
				ps, args = append(ps, fmt.Sprintf("$%d", i+1)), append(args, last[at(columns, keys[i])])
			}
			where = t.condition(fmt.Sprintf("(%s) > (%s)", t.key, strings.Join(ps, ", ")))
		} else if t.where != "" {
			where = t.condition("")
		}
		page, err := s.values(ctx, len(columns), fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s LIMIT %d", t.columns, t.name, where, t.key, t.page), args...)
		if err != nil || len(page) == 0 {
			return err
		}
		if err := f(page); err != nil {
			return err
		}
		last = page[len(page)-1]
	}
}

func at(list []string, s string) int {
	for i := range list {
		if list[i] == s {
			return i
		}
	}
	panic("no column " + s) // the table above is ours
}

// values gives rows as they are compared: text as both engines can hold it, and
// bytes, also where an engine tells one for the other.
func (s *Store) values(ctx context.Context, width int, query string, args ...any) (out [][]any, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = nil
		return rows(ctx, q, func(r scanner) error {
			row, to := make([]any, width), make([]any, width)
			for i := range row {
				to[i] = &row[i]
			}
			if err := r.Scan(to...); err != nil {
				return err
			}
			for i := range row {
				switch v := row[i].(type) {
				case string:
					row[i] = strings.ReplaceAll(strings.ToValidUTF8(v, "\uFFFD"), "\x00", "\uFFFD")
				case []byte:
					row[i] = append([]byte{}, v...) // none are NULL
				case int32:
					row[i] = int64(v)
				}
			}
			out = append(out, row)
			return nil
		}, query, args...)
	})
	return out, err
}

// add inserts rows that are not there.
func (s *Store) add(ctx context.Context, t *copiedTable, page [][]any) error {
	var q strings.Builder
	fmt.Fprintf(&q, "INSERT INTO %s (%s) VALUES ", t.name, t.columns)
	var args []any
	for i, row := range page {
		if i > 0 {
			q.WriteString(", ")
		}
		for k, v := range row {
			args = append(args, v)
			fmt.Fprintf(&q, "%s$%d", map[bool]string{true: "(", false: ", "}[k == 0], len(args))
		}
		q.WriteString(")")
	}
	q.WriteString(" ON CONFLICT DO NOTHING")
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		statements := []string{q.String()}
		if s.shared && t.name == "history" { // ids stay as they are, rather than be given anew
			statements = []string{`ALTER TABLE history DISABLE TRIGGER history_in_order`, q.String(), `ALTER TABLE history ENABLE TRIGGER history_in_order`}
		}
		for _, st := range statements {
			var with []any
			if st == q.String() {
				with = args
			}
			if _, err := tx.ExecContext(ctx, st, with...); err != nil {
				return err
			}
		}
		return nil
	})
}

// setHistoryID has the next event get an id above all that were copied.
func (s *Store) setHistoryID(ctx context.Context) error {
	if !s.shared { // SQLite goes by the largest there ever was
		return nil
	}
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `SELECT setval('history_ids', (SELECT MAX(id) FROM history)) WHERE EXISTS (SELECT 1 FROM history)`)
		return err
	})
}

// Compare tells whether every row that CopyTo copies is in the other catalog as
// it is here, and no other is, and that its counters are right.
func (s *Store) Compare(ctx context.Context, to *Store, tell func(table string, rows int)) error {
	for _, t := range copied {
		if err := s.compare(ctx, &t, to, tell); err != nil {
			return err
		}
	}
	wrong, err := to.Miscounted(ctx)
	if err == nil && len(wrong) > 0 {
		err = differs("counters", fmt.Sprintf("%s, %s", wrong[0].Status, wrong[0].DataType))
	}
	return err
}

func differs(table, key string) error {
	return errs.E(errs.Conflict, "catalogs-differ", "the row %s of %s is not the same in both catalogs", key, table).
		WithHint("the source has changed since the copy was begun, or something else uses the target; begin again with an empty catalog: objects that were copied stay")
}

func (s *Store) compare(ctx context.Context, t *copiedTable, to *Store, tell func(string, int)) error {
	keys, columns := fields(t.key), fields(t.columns)
	key := func(row []any) string {
		var b strings.Builder
		for i, k := range keys {
			if i > 0 {
				b.WriteString("/")
			}
			fmt.Fprint(&b, row[at(columns, k)])
		}
		return b.String()
	}
	err := s.pages(ctx, t, func(page [][]any) error {
		var same []string
		var args []any
		for _, row := range page {
			var one []string
			for _, k := range keys {
				args = append(args, row[at(columns, k)])
				one = append(one, fmt.Sprintf("%s = $%d", k, len(args)))
			}
			same = append(same, "("+strings.Join(one, " AND ")+")")
		}
		there, err := to.values(ctx, len(columns), fmt.Sprintf("SELECT %s FROM %s WHERE %s", t.columns, t.name, strings.Join(same, " OR ")), args...)
		if err != nil {
			return err
		}
		found := map[string][]any{}
		for _, row := range there {
			found[key(row)] = row
		}
		for _, row := range page {
			if !equal(row, found[key(row)]) {
				return differs(t.name, key(row))
			}
		}
		tell(t.name, len(page))
		return nil
	})
	if err != nil {
		return err
	}
	here, err := s.rowsOf(ctx, t)
	if err != nil {
		return err
	}
	there, err := to.rowsOf(ctx, t)
	if err == nil && here != there {
		err = errs.E(errs.Conflict, "catalogs-differ", "%s has %d rows at the source and %d at the target", t.name, here, there).
			WithHint("something else uses the target; begin again with an empty catalog: objects that were copied stay")
	}
	return err
}

// equal compares rows by value; none is equal to nothing.
func equal(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, isBytes := a[i].([]byte)
		y, also := b[i].([]byte)
		if isBytes != also || isBytes && !bytes.Equal(x, y) || !isBytes && a[i] != b[i] {
			return false
		}
	}
	return true
}

// Identity tells an installation from others, by the first that ever happened in it.
func (s *Store) Identity(ctx context.Context) (id string, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		var file string
		var at int64
		err := q.QueryRowContext(ctx, `SELECT file_id, at FROM history ORDER BY id LIMIT 1`).Scan(&file, &at)
		if errors.Is(err, sql.ErrNoRows) {
			id = "empty"
			return nil
		}
		id = fmt.Sprintf("%s@%d", file, at)
		return err
	})
	return id, err
}

// BeginMigration makes this catalog the target of an installation's migration.
// It must be empty, or have been that before; done tells that it has ended.
func (s *Store) BeginMigration(ctx context.Context, source string) (done bool, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS migration (source TEXT PRIMARY KEY, began BIGINT NOT NULL, ended BIGINT NOT NULL)`); err != nil {
			return err
		}
		var of string
		var ended int64
		err := tx.QueryRowContext(ctx, `SELECT source, ended FROM migration`).Scan(&of, &ended)
		switch {
		case err == nil && of != source:
			return errs.E(errs.Conflict, "another-migration", "the target catalog holds the migration of another installation").WithHint("choose an empty one")
		case err == nil:
			done = ended > 0
			return nil
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		for _, t := range copied {
			var n int
			if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM `+t.name+` LIMIT 1) one`).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				return errs.E(errs.Conflict, "target-not-empty", "the target catalog is in use: it has rows in %s", t.name).WithHint("choose an empty one")
			}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO migration (source, began, ended) VALUES ($1, $2, 0)`, source, micros(s.Now()))
		return err
	})
	return done, err
}

// EndMigration says that all of it is here.
func (s *Store) EndMigration(ctx context.Context) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE migration SET ended = $1`, micros(s.Now())); err != nil {
			return err
		}
		return s.audit(ctx, tx, Act{Action: "migrate", Project: access.Everywhere, Detail: "all rows before this one were copied here"})
	})
}
