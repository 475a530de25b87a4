package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/rule"
	"freshet/internal/upload"
	"freshet/internal/validate"
)

// rejected and clean stream the two sides of a file: its bad records as they
// are, to be mended, and all the rest.
func (s *Server) rejected(w http.ResponseWriter, r *http.Request) { s.side(w, r, "rejected") }
func (s *Server) clean(w http.ResponseWriter, r *http.Request)    { s.side(w, r, "clean") }

func (s *Server) side(w http.ResponseWriter, r *http.Request, which string) {
	f, report, err := s.judged(r.Context(), r.PathValue("file_id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	file := &seekable{ctx: r.Context(), size: f.Size, open: func(ctx context.Context, off int64) (io.ReadCloser, error) { return s.open(ctx, &f, off, -1) }}
	defer file.Close()
	split, done, err := s.split(r.Context(), &f, report, file)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer done()
	if r.Method != http.MethodHead {
		if err := s.given(r.Context(), &f, which+"-records", ""); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	rejected, clean, records := io.Writer(w), io.Writer(nil), split.Rejected
	if which == "clean" {
		rejected, clean, records = nil, w, split.Clean
	}
	h := w.Header()
	h.Set("Content-Type", mediaType(f.Name, f.Format))
	h.Set("Content-Disposition", disposition(validate.SplitName(upload.SafeName(f.Name), which)))
	h.Set("Cache-Control", "private, no-cache")
	h.Set("X-Record-Count", strconv.FormatInt(records, 10))
	if r.Method == http.MethodHead {
		return
	}
	if err := split.Write(file, rejected, clean); err != nil {
		requestFrom(r.Context()).cause = err
		panic(http.ErrAbortHandler) // the client must not take half a side for the whole
	}
}

// judged is a file whose bytes are here and have a verdict, with its report.
func (s *Server) judged(ctx context.Context, id string) (catalog.File, *api.Report, error) {
	f, err := s.Catalog.File(ctx, id)
	if err != nil {
		return f, nil, err
	}
	if err := available(ctx, &f); err != nil {
		return f, nil, err
	}
	if f.Verdict != catalog.VerdictPassed && f.Verdict != catalog.VerdictFailed {
		return f, nil, errs.E(errs.Conflict, "no-verdict", "the file is %s and has no verdict yet", f.Status).WithHint("wait until it is checked; if that failed, POST %s/retry-failed-file tries again", Prefix)
	}
	stored, err := s.Catalog.Report(ctx, f.ID)
	if err != nil {
		return f, nil, err
	}
	report := new(api.Report)
	return f, report, json.Unmarshal(stored.JSON, report)
}

// split checks the file once more by the rules of its report, since findings are
// kept up to a number only and do not name every bad record.
func (s *Server) split(ctx context.Context, f *catalog.File, report *api.Report, file io.ReadSeeker) (*validate.Split, func(), error) {
	options, err := rule.ParseOptions(report.Rules)
	if err != nil {
		return nil, nil, err
	}
	config := s.Checks.Validate
	config.Rejects, config.MaxFindings = true, 1 // nobody reads them
	config.Reread = func(offset, n int64) (io.ReadCloser, error) { return s.open(ctx, f, offset, n) }
	st := validate.NewStream(f.Name, options, config)
	split, err := func() (*validate.Split, error) {
		if _, err := st.Feed(ctx, file, func(p []byte) error { _, err := st.Write(p); return err }); err != nil {
			return nil, err
		}
		if _, err := st.Finish(nil); err != nil {
			return nil, err
		}
		split, err := st.Split()
		if err == nil && split.Rejected != report.RecordsWithErrors {
			err = errs.E(errs.Conflict, "report-outdated", "the report tells of %d bad records, today's rules find %d", report.RecordsWithErrors, split.Rejected).
				WithHint("POST %s/process-file checks the file again", Prefix)
		}
		return split, err
	}()
	if err != nil {
		st.Close()
		return nil, nil, err
	}
	return split, st.Close, nil
}
