package httpapi

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"freshet/api"
	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// given puts on record that bytes of a file are given to the caller, before the
// first of them is. What cannot be put on record is not given.
func (s *Server) given(ctx context.Context, f *catalog.File, action, detail string) error {
	return s.remember(ctx, catalog.Act{Action: action, Project: f.Project, Object: f.ID, Detail: detail})
}

func (s *Server) remember(ctx context.Context, a catalog.Act) error {
	if err := s.Catalog.Audit(ctx, a); err != nil {
		return errs.E(errs.Unavailable, "not-recorded", "this cannot be put on record now, and is not done without").WithHint("try again in a moment").Because(err)
	}
	return nil
}

// mostAuditRows is how many rows a page has at most, and a stream reads at once.
const mostAuditRows = 1000

// auditLog gives a page of the audit log, the newest rows first; or all rows, the
// oldest first, as NDJSON. An administrator of the server who names no project
// reads all of it, anybody else what is of the project.
func (s *Server) auditLog(w http.ResponseWriter, r *http.Request) {
	q, err := auditQuery(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.tellRefusals(false) // what this node refused before is in what it shows
	if r.URL.Query().Get("format") == "ndjson" {
		s.auditStream(w, r, q)
		return
	}
	limit := q.Limit
	q.Limit++
	rows, err := s.Catalog.AuditRows(r.Context(), q)
	out := api.AuditLog{Rows: []api.AuditRow{}, Verifier: s.Audit.Key.Verifier}
	var head catalog.AuditHead
	if err == nil {
		head, err = s.Catalog.LastAuditHead(r.Context())
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if len(rows) > limit {
		rows = rows[:limit]
		out.NextCursor = optional(strconv.FormatInt(rows[limit-1].Number, 10))
	}
	for i := range rows {
		out.Rows = append(out.Rows, AuditRow(&rows[i]))
	}
	if head.Size > 0 {
		out.Head = &api.AuditHead{Size: head.Size, At: head.At, Note: head.Note}
	}
	w.Header().Set("Cache-Control", noStore)
	writeJSON(w, http.StatusOK, out)
}

// AuditRow is a row as it is shown.
func AuditRow(r *catalog.AuditRow) api.AuditRow {
	return api.AuditRow{Number: r.Number, At: r.At, Actor: r.Actor, Source: r.Source, RequestID: r.RequestID, Project: r.Project,
		Action: r.Action, Object: r.Object, Result: r.Result, Detail: r.Detail, Hash: hex.EncodeToString(r.Hash)}
}

func auditQuery(r *http.Request) (catalog.AuditQuery, error) {
	v := r.URL.Query()
	q := catalog.AuditQuery{Actor: v.Get("actor"), Action: v.Get("action"), Object: v.Get("object"), Result: v.Get("result"), Limit: 100}
	c := access.From(r.Context())
	if projectOf(r) != "" || !c.May(access.Everywhere, access.Admin) {
		q.Project = c.Project
	}
	if f := v.Get("format"); f != "" && f != "json" && f != "ndjson" {
		return q, errs.E(errs.Invalid, "unknown-format", "format must be json or ndjson, not %q", f)
	}
	var err error
	if q.Since, err = timeOf(v, "since"); err == nil {
		q.Until, err = timeOf(v, "until")
	}
	if err != nil {
		return q, err
	}
	most := int64(mostAuditRows)
	if v.Get("format") == "ndjson" {
		most, q.Limit = 1<<62, 1<<62
	}
	if l := v.Get("limit"); l != "" {
		n, err := strconv.ParseInt(l, 10, 64)
		if err != nil || n < 1 || n > most {
			return q, errs.E(errs.Invalid, "bad-limit", "limit must be a number from 1 to %d, not %q", most, l).WithHint("format=ndjson gives all rows")
		}
		q.Limit = int(n)
	}
	if c := v.Get("cursor"); c != "" {
		n, err := strconv.ParseInt(c, 10, 64)
		if err != nil || n < 1 {
			return q, errs.E(errs.Invalid, "bad-cursor", "%q is not a cursor of this list", c).WithHint("take next_cursor of the page before")
		}
		q.Before = n
	}
	return q, nil
}

func timeOf(v url.Values, name string) (time.Time, error) {
	text := v.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, errs.E(errs.Invalid, "bad-time", "%s must be a time such as 2026-11-28T09:30:00Z, not %q", name, text)
	}
	return t, nil
}

// auditStream writes rows as they are read, a page at a time. A cursor is then
// the number of the last row that was had before.
func (s *Server) auditStream(w http.ResponseWriter, r *http.Request, q catalog.AuditQuery) {
	q.After, q.Before, q.OldestFirst = q.Before, 0, true
	left := q.Limit
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for begun := false; left > 0; begun = true {
		q.Limit = min(left, mostAuditRows)
		rows, err := s.Catalog.AuditRows(r.Context(), q)
		if err != nil && !begun {
			s.fail(w, r, err)
			return
		}
		if err != nil {
			requestFrom(r.Context()).cause = err
			panic(http.ErrAbortHandler) // the client must not take half a log for the whole
		}
		if !begun {
			w.Header().Set("Content-Type", "application/x-ndjson")
			w.Header().Set("Cache-Control", noStore)
		}
		for i := range rows {
			if enc.Encode(AuditRow(&rows[i])) != nil {
				return // the client is gone
			}
		}
		if len(rows) < q.Limit {
			return
		}
		left -= len(rows)
		q.After = rows[len(rows)-1].Number
	}
}
