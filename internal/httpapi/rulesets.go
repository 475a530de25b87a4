package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/rule"

	"github.com/danielgtaylor/huma/v2"
)

// RuleSetName is the path parameter of the routes of a rule set.
type RuleSetName struct {
	Name string `path:"name" pattern:"^[a-z0-9][a-z0-9_-]{0,63}$" doc:"a to z, 0 to 9, _ and -, at most 64 long"`
}

type putRuleSetInput struct {
	RuleSetName
	RawBody []byte
}

type ruleSetInput struct {
	RuleSetName
	Version int64 `query:"version" minimum:"1" doc:"The latest unless given; also of a set that was deleted"`
}

type ruleSetOutput struct {
	Status int
	Body   api.RuleSet
}

// ruleSetRoutes are those of rules, and of sets of them with names.
func (s *Server) ruleSetRoutes() {
	tag := []string{"rules"}
	handle(s, huma.Operation{OperationID: "rules", Method: http.MethodGet, Path: "/rules", Summary: "Every rule there is", Tags: tag},
		func(context.Context, *struct{}) (*body[api.RuleList], error) {
			return &body[api.RuleList]{allRules()}, nil
		})
	put := huma.Operation{OperationID: "put-rule-set", Method: http.MethodPut, Path: "/rule-sets/{name}", Summary: "Make a new version of a rule set",
		Description: "201 tells of a new version; the same rules as the latest make none and answer 200.", Tags: tag, DefaultStatus: http.StatusCreated,
		SkipValidateBody: true, // as with process-file
		RequestBody: &huma.RequestBody{Description: "Rules", Required: true, Content: map[string]*huma.MediaType{
			"application/json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(typeOf[api.Rules](), true, "Rules")}}}}
	handle(s, put, s.putRuleSet)
	handle(s, huma.Operation{OperationID: "rule-sets", Method: http.MethodGet, Path: "/rule-sets", Summary: "List rule sets", Tags: tag},
		func(ctx context.Context, _ *struct{}) (*body[api.RuleSetList], error) {
			sets, err := s.Catalog.RuleSets(ctx)
			return &body[api.RuleSetList]{api.RuleSetList{RuleSets: versions(sets)}}, err
		})
	handle(s, huma.Operation{OperationID: "rule-set", Method: http.MethodGet, Path: "/rule-sets/{name}", Summary: "A rule set", Tags: tag, Errors: []int{404}},
		func(ctx context.Context, in *ruleSetInput) (*ruleSetOutput, error) {
			set, err := s.Catalog.RuleSet(ctx, in.Name, in.Version)
			if err != nil {
				return nil, err
			}
			return s.showRuleSet(ctx, &set, http.StatusOK)
		})
	handle(s, huma.Operation{OperationID: "delete-rule-set", Method: http.MethodDelete, Path: "/rule-sets/{name}", Summary: "Take a rule set out of force",
		Description: "Files keep the rules that they were checked by, and its versions can be read.", Tags: tag, DefaultStatus: http.StatusNoContent, Errors: []int{404}},
		func(ctx context.Context, in *RuleSetName) (*struct{}, error) {
			return nil, s.Catalog.DeleteRuleSet(ctx, in.Name)
		})
}

// allRules is the list that docs/rules.md is made from.
func allRules() api.RuleList {
	out := api.RuleList{Rules: make([]api.Rule, 0, len(rule.All))}
	for _, r := range rule.All {
		out.Rules = append(out.Rules, api.Rule{Rule: r.Name, Title: r.Label, Severity: r.Severity.String(), Fixed: r.Structural, Content: r.Scan != nil, Scope: string(r.Scope), Description: r.Doc, Hint: r.Hint})
	}
	return out
}

func (s *Server) putRuleSet(ctx context.Context, in *putRuleSetInput) (*ruleSetOutput, error) {
	if len(bytes.TrimSpace(in.RawBody)) == 0 {
		return nil, errs.E(errs.Malformed, "no-body", "the body must be rules, as JSON")
	}
	o, err := rule.ParseOptions(in.RawBody)
	if err != nil {
		return nil, err
	}
	if o.RuleSet != "" {
		return nil, errs.E(errs.Invalid, "invalid-rules", "validation rule /rule_set: a rule set cannot be made of another").WithHint("write out its rules")
	}
	set, made, err := s.Catalog.PutRuleSet(ctx, in.Name, o.Marshal(), actor(ctx))
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if made {
		status = http.StatusCreated
	}
	return s.showRuleSet(ctx, &set, status)
}

func (s *Server) showRuleSet(ctx context.Context, set *catalog.RuleSet, status int) (*ruleSetOutput, error) {
	all, err := s.Catalog.RuleSetVersions(ctx, set.Name)
	return &ruleSetOutput{status, api.RuleSet{RuleSetVersion: version(set), Rules: set.Rules, Versions: versions(all)}}, err
}

func version(r *catalog.RuleSet) api.RuleSetVersion {
	return api.RuleSetVersion{Name: r.Name, Version: r.Version, CreatedBy: r.CreatedBy, CreatedTime: r.Created}
}

func versions(sets []catalog.RuleSet) []api.RuleSetVersion {
	out := make([]api.RuleSetVersion, 0, len(sets))
	for i := range sets {
		out = append(out, version(&sets[i]))
	}
	return out
}

var ruleSetForm = regexp.MustCompile(`^([a-z0-9][a-z0-9_-]{0,63})(?:@([1-9][0-9]{0,8}))?$`)

// rules are those of a set, NAME or NAME@VERSION, with the keys of given before
// its own. Either may be empty; given may name the set as well. What comes back
// says which version it was.
func (s *Server) rules(ctx context.Context, set string, given []byte) (rule.Options, error) {
	o, err := rule.ParseOptions(given)
	if err != nil {
		return o, err
	}
	if set != "" && o.RuleSet != "" && set != o.RuleSet {
		return o, errs.E(errs.Invalid, "two-rule-sets", "rule_set is %q, and in validation_rules %q", set, o.RuleSet).WithHint("name one of them, once")
	}
	if set == "" {
		set = o.RuleSet
	}
	if set == "" {
		return o, nil
	}
	m := ruleSetForm.FindStringSubmatch(set)
	if m == nil {
		return o, errs.E(errs.Invalid, "bad-rule-set", "rule_set %q is not NAME or NAME@VERSION", set)
	}
	n, _ := strconv.ParseInt(m[2], 10, 64) // none is 0: the latest
	r, err := s.Catalog.RuleSet(ctx, m[1], n)
	if errs.Is(err, errs.NotFound) {
		return o, errs.E(errs.Invalid, "unknown-rule-set", "there is no rule set %q", set).WithHint("GET %s/rule-sets lists them", Prefix)
	}
	if err != nil {
		return o, err
	}
	if o, err = rule.ParseOptions(r.Rules, given); err != nil {
		return o, err
	}
	o.RuleSet = fmt.Sprintf("%s@%d", r.Name, r.Version)
	return o, nil
}
