package httpapi

import (
	"context"
	"io"
	"net/http"
	"time"

	"freshet/api"
	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/rule"
	"freshet/internal/validate"

	"github.com/danielgtaylor/huma/v2"
)

const (
	previewBytes   = 4 << 20 // unless asked for otherwise
	previewRecords = 100_000 // at most
)

type previewInput struct{ RawBody []byte }

func (s *Server) previewRoute() {
	handle(s, huma.Operation{OperationID: "rule-preview", Method: http.MethodPost, Path: "/rule-preview", Summary: "Try rules at a part of a stored file",
		Description: "The file stays as it is: no check is noted, no status changes.", Tags: []string{"rules"}, Errors: []int{403, 404, 409},
		SkipValidateBody: true, // as with process-file
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(typeOf[api.RulePreview](), true, "RulePreview")}}}}, s.preview)
}

func (s *Server) preview(ctx context.Context, raw *previewInput) (*body[api.RulePreviewed], error) {
	var in api.RulePreview
	if err := decodeStrict(raw.RawBody, &in); err != nil {
		return nil, err
	}
	if err := checkPart(&in); err != nil {
		return nil, err
	}
	f, err := s.Catalog.File(ctx, in.FileID)
	if err != nil {
		return nil, err
	}
	access.From(ctx).Project = f.Project // whose rule sets are meant
	options, err := s.rules(ctx, in.RuleSet, in.Rules)
	if err != nil {
		return nil, err
	}
	if err := available(ctx, &f); err != nil {
		return nil, err
	}
	if in.RuleSet == "" && text(in.Rules) == "" {
		if options, err = rule.ParseOptions(f.Rules); err != nil {
			return nil, err
		}
	}
	if options, err = s.Checks.Under(ctx, &f, options); err != nil {
		return nil, err
	}
	if err := s.given(ctx, &f, "rule-preview", ""); err != nil {
		return nil, err
	}
	started := time.Now().UTC()
	p, err := s.tryRules(ctx, &f, &in, options)
	if err != nil {
		return nil, err
	}
	finished := time.Now().UTC()
	r := p.Report
	r.FileID, r.Engine, r.Started, r.Finished = f.ID, s.Checks.Engine, started, &finished
	out := api.RulePreviewed{FileID: f.ID, Report: *r, NotJudged: []string{},
		LookedAt: api.LookedAt{Bytes: p.Bytes, Share: float64(p.Bytes) / float64(max(f.Size, 1)), Records: r.Records, Blocks: p.Blocks, Whole: p.Whole}}
	if !p.Whole {
		for _, r := range validate.NotJudged {
			out.NotJudged = append(out.NotJudged, r.Name)
		}
	}
	return &body[api.RulePreviewed]{out}, nil
}

// checkPart refuses a part that is not one, and gives first_bytes their default.
func checkPart(in *api.RulePreview) error {
	n := int64(previewBytes)
	switch {
	case in.FileID == "":
		return errs.E(errs.Invalid, "no-file", "/file_id: a file is needed")
	case in.Sample != nil && in.FirstBytes != nil:
		return errs.E(errs.Invalid, "two-parts", "/sample: stands beside first_bytes").WithHint("ask for one of them")
	case in.Sample != nil && (in.Sample.Records < 1 || in.Sample.Records > previewRecords):
		return errs.E(errs.Invalid, "bad-sample", "/sample/records: must be from 1 to %d, not %d", previewRecords, in.Sample.Records)
	case in.FirstBytes == nil:
		in.FirstBytes = &n
	case *in.FirstBytes < 1 || *in.FirstBytes > validate.MaxPreview:
		return errs.E(errs.Invalid, "bad-first-bytes", "/first_bytes: must be from 1 to %d, not %d", validate.MaxPreview, *in.FirstBytes)
	}
	return nil
}

func (s *Server) tryRules(ctx context.Context, f *catalog.File, in *api.RulePreview, o rule.Options) (*validate.Preview, error) {
	file := &validate.Stored{Name: f.Name, Size: f.Size, Records: f.Records, Open: func(offset, n int64) (io.ReadCloser, error) { return s.open(ctx, f, offset, n) }}
	if in.Sample == nil {
		return file.First(ctx, *in.FirstBytes, o, s.Checks.Validate)
	}
	_, report, err := s.judged(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	if report.Stopped != "" {
		return nil, errs.E(errs.Conflict, "check-stopped", "a sample needs the places of lines, and the check stopped before the end of the file: %s", report.Stopped).
			WithHint("ask for first_bytes, or check the file without fail_fast")
	}
	stored, err := s.Catalog.Report(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	file.Index = stored.LineIndex
	return file.Sample(ctx, in.Sample.Records, in.Sample.Seed, o, s.Checks.Validate)
}
