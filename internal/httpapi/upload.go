package httpapi

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/httpapi/form"
	"freshet/internal/rule"
	"freshet/internal/upload"
)

const (
	maxField    = 1 << 20
	maxFields   = 100
	maxMetadata = 64 << 10 // lists show it with each file
)

// uploadForm receives a file as multipart/form-data. Fields may come before or
// after the file.
func (s *Server) uploadForm(w http.ResponseWriter, r *http.Request) {
	f := &formUpload{server: s, fields: fields{dataType: "custom", id: r.Header.Get("X-File-Id")}}
	defer func() {
		if v := recover(); v != nil {
			if f.upload != nil {
				f.upload.Fail(r.Context(), errors.New("the server made a mistake"))
			}
			panic(v)
		}
	}()
	out, err := f.run(w, r)
	info := requestFrom(r.Context())
	if f.upload != nil {
		info.fileID = f.upload.File.ID
	}
	if err != nil {
		err = f.explain(r.Context(), err)
		if f.upload != nil {
			f.upload.Fail(r.Context(), err)
		}
		s.metrics.upload(false, 0)
		s.refuse(w, r, err)
		return
	}
	s.metrics.upload(true, out.File.Size)
	writeJSON(w, http.StatusOK, s.uploaded(out, f.upload.File.ID))
}

// formUpload is one request.
type formUpload struct {
	server *Server
	fields fields
	upload *upload.Upload
}

// fields are the values of a form besides the file.
type fields struct {
	id          string
	dataType    string
	description string
	metadata    json.RawMessage
	ruleSet     string
	given       []byte       // validation_rules
	rules       rule.Options // of both, once resolved
	resolved    bool
	sha256      string
}

// resolve makes rules of what came so far. It is called again where more comes:
// the version of a set stays what it was.
func (f *fields) resolve(ctx context.Context, s *Server) (err error) {
	if f.resolved {
		return nil
	}
	if f.rules, err = s.rules(ctx, f.ruleSet, f.given); err != nil {
		return err
	}
	if f.ruleSet != "" {
		f.ruleSet = f.rules.RuleSet
	}
	f.resolved = true
	return nil
}

func (f *formUpload) run(w http.ResponseWriter, r *http.Request) (*upload.Outcome, error) {
	s := f.server
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, errs.E(errs.Malformed, "not-a-form", "the body is not multipart/form-data").WithHint("curl -F file=@NAME sends a form")
	}
	// the rest of a form is small: a body that is so much larger holds a file that is too large
	const slack = maxField
	if limit := s.Settings.MaxFileSize; limit > 0 && r.ContentLength > limit+slack {
		return nil, upload.TooLarge(limit)
	}
	if d := r.Header.Get("Repr-Digest"); d != "" {
		if f.fields.sha256, err = parseDigest(d); err != nil {
			return nil, err
		}
	}
	reader, err := form.NewReader(r.Body, params["boundary"])
	if err != nil {
		return nil, errs.E(errs.Malformed, "not-a-form", "%s", err)
	}
	for n := 0; ; n++ {
		part, err := reader.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, unreadable(err)
		}
		if n > maxFields {
			return nil, errs.E(errs.Invalid, "too-many-fields", "the form has more than %d fields", maxFields)
		}
		if part.Name == "file" {
			err = f.file(r, part)
		} else {
			err = f.field(part)
		}
		if err != nil {
			return nil, err
		}
	}
	// what follows takes its time: the deadline of the last read must not end it
	if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	if f.upload == nil {
		return nil, errs.E(errs.Invalid, "no-file", "the form has no field named file").WithHint("curl -F file=@NAME sends one")
	}
	if err := f.fields.resolve(r.Context(), s); err != nil {
		return nil, err
	}
	return f.upload.Finish(r.Context(), upload.Late{DataType: f.fields.dataType, Metadata: f.fields.describe(), Rules: f.fields.rules, SHA256: f.fields.sha256})
}

// file receives the form's one file.
func (f *formUpload) file(r *http.Request, part *form.Part) error {
	switch {
	case f.upload != nil:
		return errs.E(errs.Invalid, "two-files", "the form has more than one file").WithHint("send each file with a request of its own")
	case !part.IsFile:
		return errs.E(errs.Invalid, "no-file", "the field file is text, not a file").WithHint("with curl write file=@NAME")
	}
	if d := part.Header.Get("Repr-Digest"); d != "" {
		var err error
		if f.fields.sha256, err = parseDigest(d); err != nil {
			return err
		}
	}
	if err := f.fields.resolve(r.Context(), f.server); err != nil {
		return err
	}
	size := int64(-1)
	if r.ContentLength >= 0 {
		size = part.Left(r.ContentLength)
	}
	u, err := f.server.Uploads.Begin(r.Context(), upload.New{
		ID: f.fields.id, Name: part.FileName, DataType: f.fields.dataType, Metadata: f.fields.describe(), Rules: f.fields.rules,
		Size: size, Actor: actor(r.Context()), SHA256: f.fields.sha256 != "",
	})
	if err != nil {
		return err
	}
	f.upload = u
	requestFrom(r.Context()).fileID = u.File.ID
	return u.Receive(r.Context(), part)
}

// field takes one value.
func (f *formUpload) field(part *form.Part) error {
	v, err := part.Text(maxField)
	if errors.Is(err, form.ErrTooLong) {
		return errs.E(errs.TooLarge, "field-too-large", "the field %q is longer than %d bytes", part.Name, maxField)
	}
	if err != nil {
		return unreadable(err)
	}
	if part.Name != "file_id" {
		return f.fields.set(part.Name, v)
	}
	if f.upload != nil && v != f.upload.File.ID {
		return errs.E(errs.Invalid, "file-id-late", "file_id must come before the file").WithHint("put the field first, or send the header X-File-Id")
	}
	f.fields.id = v
	return nil
}

// set takes one value of what a client says of a file. What is not known is
// passed over: clients may have more to say than we listen to.
func (f *fields) set(name, v string) (err error) {
	switch name {
	case "data_type":
		if v = strings.TrimSpace(v); v != "" {
			f.dataType = v
			return upload.CheckDataType(v)
		}
	case "description":
		if len(v) > maxMetadata {
			return errs.E(errs.TooLarge, "metadata-too-large", "the description is longer than %d bytes", maxMetadata)
		}
		f.description = strings.ToValidUTF8(v, "\uFFFD")
	case "metadata":
		if strings.TrimSpace(v) == "" {
			return nil
		}
		var m map[string]json.RawMessage
		if err := json.Unmarshal([]byte(v), &m); err != nil || m == nil {
			return errs.E(errs.Invalid, "invalid-metadata", "metadata /: not a JSON object").Because(err)
		}
		if len(v) > maxMetadata {
			return errs.E(errs.TooLarge, "metadata-too-large", "metadata is longer than %d bytes", maxMetadata)
		}
		f.metadata = json.RawMessage(strings.ToValidUTF8(v, "\uFFFD"))
	case "validation_rules":
		_, err = rule.ParseOptions([]byte(v)) // a fault is told at once
		f.given, f.resolved = []byte(v), false
	case "rule_set":
		f.ruleSet, f.resolved = strings.TrimSpace(v), false
	case "sha256":
		f.sha256, err = parseSHA256(v)
	}
	return err
}

// describe is the metadata with the description in it.
func (f *fields) describe() json.RawMessage {
	m := map[string]json.RawMessage{}
	if len(f.metadata) > 0 {
		if err := json.Unmarshal(f.metadata, &m); err != nil {
			panic(err) // it was checked when it came
		}
	}
	if _, has := m["description"]; !has || f.description != "" {
		d, err := json.Marshal(f.description)
		if err != nil {
			panic(err) // a string always encodes
		}
		m["description"] = d
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // so does a map of what was decoded
	}
	return b
}

// explain gives the errors of reading a body a kind.
func (f *formUpload) explain(ctx context.Context, err error) error {
	var e *errs.Error
	switch {
	case errors.As(err, &e):
		return err
	case errors.Is(err, upload.ErrStopped):
		return f.upload.Stop(ctx)
	case cutOff(err):
		return unreadable(err)
	}
	return err
}

// unreadable gives an error of reading the form its kind.
func unreadable(err error) error {
	var e *errs.Error
	switch {
	case errors.As(err, &e):
		return err
	case cutOff(err):
		return errs.E(errs.Malformed, "body-cut-off", "the body ended before the form did").WithHint("send the file again").Because(err)
	}
	return errs.E(errs.Malformed, "not-a-form", "the form cannot be read: %s", err)
}

func cutOff(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) || isNetwork(err)
}

// parseDigest reads the SHA-256 of a Repr-Digest header (RFC 9530); other
// algorithms are passed over.
func parseDigest(h string) (string, error) {
	for d := range strings.SplitSeq(h, ",") {
		alg, v, _ := strings.Cut(strings.TrimSpace(d), "=")
		if !strings.EqualFold(alg, "sha-256") {
			continue
		}
		v, ok := strings.CutPrefix(v, ":")
		v, ok2 := strings.CutSuffix(v, ":")
		b, err := base64.StdEncoding.DecodeString(v)
		if !ok || !ok2 || err != nil || len(b) != 32 {
			return "", errs.E(errs.Malformed, "bad-digest", "the header Repr-Digest is not sha-256=:BASE64:")
		}
		return hex.EncodeToString(b), nil
	}
	return "", nil
}

func parseSHA256(v string) (string, error) {
	v = strings.ToLower(strings.TrimSpace(v))
	if v == "" {
		return "", nil
	}
	if b, err := hex.DecodeString(v); err != nil || len(b) != 32 {
		return "", errs.E(errs.Invalid, "bad-sha256", "sha256 must be 64 hexadecimal digits")
	}
	return v, nil
}

// uploaded is the answer to an upload; id is the one that the client knows.
func (s *Server) uploaded(o *upload.Outcome, id string) api.Uploaded {
	f := &o.File
	out := api.Uploaded{Status: "success", FileID: f.ID, FileSize: f.Size, DataType: f.DataType, FileHash: f.Hash, ChunkCount: f.ChunkCount,
		IsDuplicate: o.Duplicate, FileStatus: string(f.Status), Verdict: string(f.Verdict), ErrorsFound: f.Errors, ReportURL: Prefix + "/validation-report/" + f.ID}
	switch {
	case o.Duplicate:
		out.Message = "the same content is held already"
		out.Warning = "the same content is held as " + f.ID + "; rules and data type sent now were ignored"
		if f.Status == catalog.Processing && f.Verdict == catalog.VerdictPassed {
			out.Warning = "the same content is held as " + f.ID + ", which passed and is being scanned"
		} else if f.Status == catalog.Processing {
			out.Warning = "the same content is held as " + f.ID + ", which had failed; it is checked again with the rules sent now"
		}
		if id != f.ID {
			out.Warning += "; " + id + " answers for it"
		}
	case f.Status == catalog.Quarantined:
		out.Message = "the file arrived and is in quarantine: " + f.ProcessingError
	case f.Status == catalog.Processing && f.ProcessingError != "":
		out.Message = "the file arrived and passed its checks; " + f.ProcessingError
	case f.Verdict == catalog.VerdictFailed:
		out.Message = "the file arrived and failed its checks: " + f.ProcessingError
	case f.Status == catalog.Fresh:
		out.Message = "the file arrived, passed its checks and is fresh"
	case f.Verdict == catalog.VerdictPassed:
		out.Message = "the file arrived and passed its checks"
	default:
		out.Message = "the file arrived and is being checked"
	}
	return out
}
