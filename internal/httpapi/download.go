package httpapi

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/rule"
	"freshet/internal/upload"
)

// download gives a file's bytes, ranges and conditions included.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	f, err := s.Catalog.File(r.Context(), r.PathValue("file_id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	first, err := s.open(r.Context(), &f, 0, -1) // a fault is told now, not in the middle
	if err != nil {
		s.fail(w, r, err)
		return
	}
	body := &seekable{ctx: r.Context(), size: f.Size, open: func(ctx context.Context, off int64) (io.ReadCloser, error) { return s.open(ctx, &f, off, -1) }, now: first}
	defer body.Close()
	h := w.Header()
	h.Set("Content-Type", mediaType(f.Name, f.Format))
	h.Set("Content-Disposition", disposition(f.Name))
	h.Set("ETag", `"`+strings.TrimPrefix(f.Hash, "blake3:")+`"`)
	h.Set("Cache-Control", "private, no-cache")
	if b, err := hex.DecodeString(f.SHA256); err == nil && len(b) > 0 {
		h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(b)+":")
	}
	give := func(status int, h http.Header) error {
		if r.Method == http.MethodHead {
			return nil
		}
		what := "" // all of it
		if status == http.StatusPartialContent {
			what = partsOf(h.Get("Content-Range"), r.Header.Get("Range"), f.Size)
		}
		return s.given(r.Context(), &f, "download", what)
	}
	http.ServeContent(s.problems(w, r, give), r, "", f.UploadTime, body)
}

// mostRanges is how many ranges of a request are put on record one by one.
const mostRanges = 8

// partsOf says what of a file is given by an answer to a range, as short as that
// was long: "bytes=0-9", and of several the first few and how many more. Range is
// one that was found to be good.
func partsOf(contentRange, asked string, size int64) string {
	if one, ok := strings.CutPrefix(contentRange, "bytes "); ok {
		one, _, _ = strings.Cut(one, "/")
		return "bytes=" + one
	}
	var first []string
	n := 0
	for spec := range strings.SplitSeq(strings.TrimPrefix(asked, "bytes="), ",") {
		from, to, ok := strings.Cut(strings.TrimSpace(spec), "-")
		if !ok {
			continue // nothing between two commas
		}
		from, to = strings.TrimSpace(from), strings.TrimSpace(to)
		last, err := strconv.ParseInt(to, 10, 64)
		if err != nil || last >= size {
			last = size - 1 // to the end
		}
		start, err := strconv.ParseInt(from, 10, 64)
		if err != nil { // so many from the end
			length, _ := strconv.ParseInt(to, 10, 64)
			start, last = max(0, size-length), size-1
		}
		if start >= size {
			continue // nothing is given of it
		}
		if n++; n <= mostRanges {
			first = append(first, fmt.Sprintf("%d-%d", start, last))
		}
	}
	out := "bytes=" + strings.Join(first, ",")
	if n > mostRanges {
		out += fmt.Sprintf(" and %d more", n-mostRanges)
	}
	return out
}

func mediaType(name, format string) string {
	switch strings.ToLower(path.Ext(name)) { // the format is that of what is inside
	case ".gz", ".gzip":
		return "application/gzip"
	case ".zst", ".zstd":
		return "application/zstd"
	}
	switch format {
	case "parquet":
		return "application/vnd.apache.parquet"
	case "json":
		return "application/json"
	case "jsonl":
		return "application/jsonl"
	case "csv":
		return "text/csv; charset=utf-8"
	case "tsv":
		return "text/tab-separated-values; charset=utf-8"
	case "text":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// disposition names a download for any name (RFC 6266): a plain ASCII form, and
// the true one percent-encoded.
func disposition(name string) string {
	safe := upload.SafeName(name)
	ascii := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, safe)
	return `attachment; filename="` + ascii + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(safe), "+", "%20")
}

// seekable opens an object again at each place that is sought.
type seekable struct {
	ctx  context.Context
	size int64
	at   int64
	open func(context.Context, int64) (io.ReadCloser, error)
	now  io.ReadCloser // open at `at`, or nil
}

func (s *seekable) Read(p []byte) (int, error) {
	if s.at >= s.size {
		return 0, io.EOF
	}
	if s.now == nil {
		r, err := s.open(s.ctx, s.at)
		if err != nil {
			return 0, err
		}
		s.now = r
	}
	n, err := s.now.Read(p)
	s.at += int64(n)
	return n, err
}

func (s *seekable) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		offset += s.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the start")
	}
	if offset != s.at {
		s.at = offset
		return offset, s.Close()
	}
	return offset, nil
}

func (s *seekable) Close() error {
	if s.now == nil {
		return nil
	}
	err := s.now.Close()
	s.now = nil
	return err
}

// findings streams every finding that is kept, as NDJSON or CSV.
func (s *Server) findings(w http.ResponseWriter, r *http.Request) {
	f, err := s.Catalog.File(r.Context(), r.PathValue("file_id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	format := r.URL.Query().Get("format")
	wanted, err := wantedFindings(&f, r.URL.Query())
	if err == nil && format != "" && format != "ndjson" && format != "csv" {
		err = errs.E(errs.Invalid, "unknown-format", "format must be ndjson or csv, not %q", format)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	next, closer, err := s.findingsOf(r.Context(), &f)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer closer.Close()
	quotes := quotable(r.Context(), &f)
	name := strings.TrimSuffix(upload.SafeName(f.Name), "."+format) + ".findings."
	var write func(*api.Finding) error
	if format == "csv" {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", disposition(name+"csv"))
		c := csv.NewWriter(w)
		defer c.Flush()
		c.Write([]string{"line", "column", "record", "byte_offset", "severity", "rule", "path", "message", "hint", "excerpt"})
		write = func(f *api.Finding) error {
			return c.Write([]string{strconv.FormatInt(f.Line, 10), strconv.FormatInt(f.Column, 10), strconv.FormatInt(f.Record, 10), strconv.FormatInt(f.ByteOffset, 10), f.Severity, f.Rule,
				plain(f.Path), plain(f.Message), plain(f.Hint), plain(f.Excerpt)})
		}
	} else {
		w.Header().Set("Content-Type", "application/x-ndjson")
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		write = func(f *api.Finding) error { return enc.Encode(f) }
	}
	for wanted.left > 0 {
		f, err := next()
		if err == io.EOF {
			return
		}
		if err != nil {
			requestFrom(r.Context()).cause = err
			panic(http.ErrAbortHandler) // the client must not take half a list for the whole
		}
		if !wanted.take(f) {
			continue
		}
		if !quotes {
			bare := *f
			bare.Excerpt, bare.Mark = "", nil
			f = &bare
		}
		if write(f) != nil {
			return // the client is gone
		}
	}
}

// wanted is which findings are asked for.
type wanted struct {
	rule, severity string // or empty
	left           int64  // how many more
}

func wantedFindings(f *catalog.File, q url.Values) (wanted, error) {
	n := wanted{rule: q.Get("rule"), severity: q.Get("severity"), left: math.MaxInt64}
	if err := knownRule(f, n.rule); err != nil {
		return n, err
	}
	if n.severity != "" && n.severity != "error" && n.severity != "warning" {
		return n, errs.E(errs.Invalid, "unknown-severity", "severity must be error or warning, not %q", n.severity)
	}
	if limit := q.Get("limit"); limit != "" {
		var err error
		if n.left, err = strconv.ParseInt(limit, 10, 64); err != nil || n.left < 1 {
			return n, errs.E(errs.Invalid, "bad-limit", "limit must be a number from 1 on, not %q", limit)
		}
	}
	return n, nil
}

func (n *wanted) take(f *api.Finding) bool {
	if n.rule != "" && f.Rule != n.rule || n.severity != "" && f.Severity != n.severity {
		return false
	}
	n.left--
	return true
}

// knownRule refuses the name of a rule that cannot be among a file's findings.
func knownRule(f *catalog.File, name string) error {
	if name == "" {
		return nil
	}
	options, err := rule.ParseOptions(f.Rules)
	if err == nil && !slices.ContainsFunc(options.Rules(), func(r *rule.Rule) bool { return r.Name == name }) {
		err = errs.E(errs.Invalid, "unknown-rule", "%q is not a rule", name).WithHint("docs/rules.md lists them; an expression of the file's rules is expression:NAME")
	}
	return err
}

// plain keeps a spreadsheet from taking a cell for a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// findingsOf gives the findings one by one: from the full list where there is
// one, else from the report, be it provisional.
func (s *Server) findingsOf(ctx context.Context, f *catalog.File) (func() (*api.Finding, error), io.Closer, error) {
	list, report, err := s.openFindings(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	if list != nil {
		dec := json.NewDecoder(list)
		return func() (*api.Finding, error) {
			f := new(api.Finding)
			return f, dec.Decode(f)
		}, list, nil
	}
	left := report.Findings
	return func() (*api.Finding, error) {
		if len(left) == 0 {
			return nil, io.EOF
		}
		f := &left[0]
		left = left[1:]
		return f, nil
	}, io.NopCloser(nil), nil
}

// openFindings gives the report of a file and, where there are more findings
// than are in it, all that are kept, as NDJSON; else nil.
func (s *Server) openFindings(ctx context.Context, f *catalog.File) (io.ReadCloser, *api.Report, error) {
	if s.provisionalOnly(f) {
		r, err := s.report(ctx, &FileParam{f.ID})
		if err != nil {
			return nil, nil, err
		}
		return nil, &r.Body, nil
	}
	stored, err := s.Catalog.Report(ctx, f.ID)
	if err != nil {
		return nil, nil, err
	}
	report := new(api.Report)
	if err := json.Unmarshal(stored.JSON, report); err != nil || stored.FindingsKey == "" {
		return nil, report, err
	}
	list, err := s.readFindings(ctx, stored.FindingsKey)
	return list, report, err
}

func (s *Server) readFindings(ctx context.Context, key string) (io.ReadCloser, error) {
	obj, err := s.Blobs.Read(ctx, key, 0, -1)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(obj)
	if err != nil {
		return nil, errors.Join(err, obj.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{z, obj}, nil
}
