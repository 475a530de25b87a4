package httpapi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"freshet/api"
	"freshet/internal/access"
	"freshet/internal/blob"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/upload"
)

// adopt takes objects that lie in the store already into the catalog, and
// answers a line for each as it is done.
func (s *Server) adopt(w http.ResponseWriter, r *http.Request) {
	n, prefix, err := s.adoptRequest(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if err := s.remember(r.Context(), catalog.Act{Action: "adopt", Project: access.Project(r.Context()), Object: prefix}); err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	c := http.NewResponseController(w)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	err = s.Uploads.Adopt(r.Context(), prefix, n, func(a upload.Adopted) error {
		line := api.Adopted{Key: a.Key}
		if a.Err != nil {
			line.Error = s.problem(r.Context(), a.Err).Detail
		} else {
			line.FileID, line.FileStatus, line.Verdict, line.ErrorsFound, line.IsDuplicate = a.Outcome.File.ID, string(a.Outcome.File.Status), string(a.Outcome.File.Verdict), a.Outcome.File.Errors, a.Outcome.Duplicate
		}
		return errors.Join(enc.Encode(line), c.Flush())
	})
	if err != nil {
		requestFrom(r.Context()).cause = err
		panic(http.ErrAbortHandler) // the client must not take half the work for the whole
	}
}

func (s *Server) adoptRequest(w http.ResponseWriter, r *http.Request) (upload.New, string, error) {
	var in api.Adopt
	none := upload.New{}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxJSONBody))
	if err != nil {
		return none, "", errs.E(errs.Malformed, "bad-body", "the body cannot be read").Because(err)
	}
	if err := json.Unmarshal(b, &in); err != nil {
		return none, "", errs.E(errs.Malformed, "bad-body", "the body is not a JSON object with a prefix").Because(err)
	}
	if err := blob.CheckKey(in.Prefix + "x"); err != nil || in.Prefix == "" {
		return none, "", errs.E(errs.Invalid, "bad-prefix", "%q is not a prefix of keys", in.Prefix).WithHint("such as training-data/old/")
	}
	if in.DataType == "" {
		in.DataType = "custom"
	}
	if err := upload.CheckDataType(in.DataType); err != nil {
		return none, "", err
	}
	o, err := s.rules(r.Context(), in.RuleSet, in.Rules)
	return upload.New{DataType: in.DataType, Metadata: json.RawMessage(`{"description":""}`), Rules: o, Actor: actor(r.Context())}, in.Prefix, err
}
