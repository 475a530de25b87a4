package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"

	"github.com/danielgtaylor/huma/v2"
)

// certificateRoute tells of a file that was deleted, signed with the key of the
// audit log, so that who asks for the deletion later can be shown it.
func (s *Server) certificateRoute() {
	handle(s, huma.Operation{OperationID: "deletion-certificate", Method: http.MethodGet, Path: "/deletion-certificate/{file_id}", Summary: "What was deleted, when, by whom and why, signed", Tags: []string{"retention"}, Errors: []int{404, 409},
		Description: "Of a file that is deleted and whose bytes are gone. The certificate is a signed note: the public key that GET audit-log shows opens it, and the row of the audit log that it names is covered by the log's heads."},
		func(ctx context.Context, in *FileParam) (*body[api.DeletionCertificate], error) {
			out, err := s.certify(ctx, in.FileID)
			return &body[api.DeletionCertificate]{out}, err
		})
}

func (s *Server) certify(ctx context.Context, id string) (api.DeletionCertificate, error) {
	var out api.DeletionCertificate
	events, err := s.Catalog.History(ctx, id)
	if err != nil {
		return out, err
	}
	var deleted, erased *catalog.Event
	for i := range events {
		switch e := &events[i]; e.Action {
		case "upload":
			out.Content = e.Detail
		case "delete":
			deleted = e
		case catalog.ErasedAction:
			erased = e
		}
	}
	switch {
	case deleted == nil:
		return out, errs.E(errs.Conflict, "not-deleted", "the file is not deleted").WithHint("DELETE /data/efficient/file/%s deletes it", id)
	case erased == nil:
		return out, errs.E(errs.Conflict, "not-erased", "the file is deleted, and not all of its bytes are gone").WithHint("ask again; what cannot be removed now is tried again by itself")
	}
	rows, err := s.Catalog.AuditRows(ctx, catalog.AuditQuery{Object: id, Action: "delete", Result: "ok", Limit: 1})
	if err != nil {
		return out, err
	}
	out.FileID, out.Project, out.DeletedTime, out.DeletedBy, out.Source, out.Reason = id, deleted.Project, deleted.At, deleted.Actor, deleted.Source, deleted.Detail
	out.ErasedTime, out.Erased = erased.At, erased.Detail
	if len(rows) > 0 {
		row := AuditRow(&rows[0])
		out.AuditRow = &row
	}
	out.Verifier = s.Audit.Key.Verifier
	out.Certificate, err = s.Audit.Certify(certificateText(&out))
	return out, err
}

// certificateText is what is signed: a line for each fact. Values have no line
// ends of their own.
func certificateText(c *api.DeletionCertificate) string {
	var b strings.Builder
	line := func(name, value string) { fmt.Fprintf(&b, "%s: %s\n", name, catalog.SafeText(value, 1000)) }
	line("file", c.FileID)
	line("project", c.Project)
	line("content", c.Content)
	line("deleted", c.DeletedTime.Format(time.RFC3339Nano))
	line("by", c.DeletedBy)
	line("from", c.Source)
	line("reason", c.Reason)
	line("erased", c.ErasedTime.Format(time.RFC3339Nano)+" "+c.Erased)
	if c.AuditRow != nil {
		line("audit row", fmt.Sprintf("%d %s", c.AuditRow.Number, c.AuditRow.Hash))
	}
	return b.String()
}
