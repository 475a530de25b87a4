package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/upload"

	"github.com/danielgtaylor/huma/v2"
)

// The parts protocol: an upload is created, its parts come in any order and side
// by side, each is safe once it is answered, then the upload is completed.

// createUpload begins an upload.
func (s *Server) createUpload(w http.ResponseWriter, r *http.Request) {
	n, err := s.newUpload(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	c, err := s.Uploads.Create(r.Context(), n)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if c.Held != nil {
		writeJSON(w, http.StatusOK, s.uploaded(c.Held, c.Held.File.ID))
		return
	}
	u := &c.Upload
	requestFrom(r.Context()).fileID = u.FileID
	w.Header().Set("Location", Prefix+"/uploads/"+u.ID)
	writeJSON(w, http.StatusCreated, api.UploadCreated{UploadID: u.ID, FileID: u.FileID, PartSize: u.PartSize, PartCount: partCount(u), ExpiresAt: u.Expires})
}

func partCount(u *catalog.Upload) *int64 {
	if u.Size < 0 {
		return nil
	}
	n := upload.CountParts(u.Size, u.PartSize)
	return &n
}

var hashForm = regexp.MustCompile(`^(blake3:)?[0-9a-f]{64}$`)

const maxIdempotencyKey = 255

// newUpload reads the request that begins an upload.
func (s *Server) newUpload(w http.ResponseWriter, r *http.Request) (upload.New, error) {
	var n upload.New
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxJSONBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return n, errs.E(errs.TooLarge, "body-too-large", "the body is larger than %d bytes", maxJSONBody)
		}
		return n, bodyError(err)
	}
	var in api.NewUpload
	if err := decodeStrict(b, &in); err != nil {
		return n, err
	}
	f := fields{dataType: "custom"}
	for name, value := range map[string]string{"data_type": in.DataType, "description": in.Description, "metadata": text(in.Metadata), "validation_rules": text(in.Rules), "rule_set": in.RuleSet, "sha256": in.SHA256} {
		if err := f.set(name, value); err != nil {
			return n, err
		}
	}
	if err := f.resolve(r.Context(), s); err != nil {
		return n, err
	}
	n = upload.New{Protocol: catalog.Parts, ID: in.FileID, Name: in.FileName, DataType: f.dataType, Metadata: f.describe(), Rules: f.rules, Actor: actor(r.Context()), Size: -1,
		PartSize: in.PartSize, WantSHA256: f.sha256, WantHash: strings.ToLower(in.FileHash), IdempotencyKey: r.Header.Get("Idempotency-Key")}
	if in.FileSize != nil {
		if n.Size = *in.FileSize; n.Size < 0 {
			return n, errs.E(errs.Invalid, "bad-size", "/file_size: %d is negative", n.Size)
		}
	}
	switch {
	case strings.TrimSpace(in.FileName) == "":
		return n, errs.E(errs.Invalid, "no-name", "/file_name: a name is needed")
	case n.WantHash != "" && !(hashForm.MatchString(n.WantHash) && strings.HasPrefix(n.WantHash, "blake3:")):
		return n, errs.E(errs.Invalid, "bad-hash", "/file_hash: not blake3: and 64 hexadecimal digits")
	case len(n.IdempotencyKey) > maxIdempotencyKey:
		return n, errs.E(errs.Malformed, "bad-idempotency-key", "the Idempotency-Key is longer than %d bytes", maxIdempotencyKey)
	}
	sum := sha256.Sum256(b)
	n.RequestHash = hex.EncodeToString(sum[:])
	return n, nil
}

// text is a JSON value as a form would have it.
func text(v json.RawMessage) string {
	if string(v) == "null" {
		return ""
	}
	return string(v)
}

// decodeStrict reads one JSON object and nothing else, and tells where it is wrong.
func decodeStrict(b []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil {
		if _, e := dec.Token(); e != io.EOF {
			return errs.E(errs.Malformed, "bad-body", "something follows the JSON object")
		}
		return nil
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return errs.E(errs.Invalid, "bad-body", "/%s: %s is not %s", strings.ReplaceAll(kind.Field, ".", "/"), kind.Value, jsonKind(kind.Type))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return errs.E(errs.Invalid, "unknown-field", "/%s: there is no such field", strings.Trim(name, `"`))
	}
	return errs.E(errs.Malformed, "bad-body", "the body is not a JSON object").Because(err)
}

func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return "a whole number"
	}
	return "an object"
}

// putPart receives one part.
func (s *Server) putPart(w http.ResponseWriter, r *http.Request) {
	p, err := s.receivePart(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, api.PartReceived{Part: p.Number, Size: p.Size, CRC64NVME: p.CRC64NVME, BytesCommitted: p.Committed})
}

func (s *Server) receivePart(r *http.Request) (*upload.PartWritten, error) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		return nil, errs.E(errs.Invalid, "bad-part-number", "%q is not the number of a part", r.PathValue("number"))
	}
	sums, err := checksums(r.Header)
	if err != nil {
		return nil, err
	}
	return s.Uploads.WritePart(r.Context(), r.PathValue("upload_id"), number, upload.Incoming{Source: newSource(r), Length: r.ContentLength, Checksums: sums})
}

// UploadParam is the path parameter of the routes of an upload.
type UploadParam struct {
	UploadID string `path:"upload_id" maxLength:"200" doc:"up_ and 32 hexadecimal digits"`
}

type uploadStatusInput struct {
	UploadParam
	Checksums bool `query:"checksums" doc:"List the checksum of each part"`
}

// partRoutes are those of the parts protocol that are JSON both ways.
func (s *Server) partRoutes() {
	tag := []string{"uploads"}
	handle(s, huma.Operation{OperationID: "upload-status", Method: http.MethodGet, Path: "/uploads/{upload_id}", Summary: "Where an upload stands",
		Description: "Of any protocol. What it lists is safe: it survives whatever comes.", Tags: tag, Errors: []int{404}}, s.uploadStatus)
	handle(s, huma.Operation{OperationID: "complete-upload", Method: http.MethodPost, Path: "/uploads/{upload_id}/complete", Summary: "Make a file of an upload whose parts are all here",
		Description: "The answer is that of a form. Called again it is the same.", Tags: tag, Errors: []int{404, 409, 410}},
		func(ctx context.Context, in *UploadParam) (*body[api.Uploaded], error) {
			out, err := s.Uploads.Complete(ctx, in.UploadID)
			if err != nil {
				return nil, err
			}
			u, err := s.Catalog.Upload(ctx, in.UploadID)
			if err != nil {
				return nil, err
			}
			s.metrics.upload(true, out.File.Size)
			return &body[api.Uploaded]{s.uploaded(out, u.FileID)}, nil
		})
	handle(s, huma.Operation{OperationID: "delete-upload", Method: http.MethodDelete, Path: "/uploads/{upload_id}", Summary: "Take an open upload back", DefaultStatus: http.StatusNoContent, Tags: tag, Errors: []int{404, 409, 410}},
		func(ctx context.Context, in *UploadParam) (*struct{}, error) {
			return nil, s.Uploads.Abort(ctx, in.UploadID, actor(ctx))
		})
}

// detail is why an upload ended, if not by being completed.
func detail(u *catalog.Upload) string {
	if u.State == catalog.UploadComplete {
		return ""
	}
	return u.Why
}

func (s *Server) uploadStatus(ctx context.Context, in *uploadStatusInput) (*body[api.UploadStatus], error) {
	u, parts, err := s.Uploads.Status(ctx, in.UploadID)
	if err != nil {
		return nil, err
	}
	out := api.UploadStatus{UploadID: u.ID, FileID: u.FileID, State: string(u.State), Detail: detail(&u), PartSize: u.PartSize, PartCount: partCount(&u), Parts: []string{},
		BytesCommitted: u.Committed, RecordsChecked: u.Records, ErrorsFound: u.Errors, ExpiresAt: u.Expires}
	if u.Size >= 0 {
		out.FileSize = &u.Size
	}
	numbers := make([]int, len(parts))
	for i := range parts {
		numbers[i] = parts[i].Number
		if in.Checksums {
			out.Checksums = append(out.Checksums, api.PartChecksum{Part: parts[i].Number, Size: parts[i].Size, CRC64NVME: upload.CRC64Text(parts[i].CRC64NVME)})
		}
	}
	if u.State == catalog.UploadComplete { // they are one file now
		for n := int64(1); (n-1)*u.PartSize < u.Committed; n++ {
			numbers = append(numbers, int(n))
		}
	}
	out.Parts = upload.Ranges(numbers)
	if l := s.Board.Get(u.FileID); l != nil && u.State == catalog.UploadOpen { // with what is on its way
		t := l.Tally()
		out.RecordsChecked, out.ErrorsFound = t.Records, t.Errors
	}
	return &body[api.UploadStatus]{out}, nil
}
