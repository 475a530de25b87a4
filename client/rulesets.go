package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"freshet/api"
)

// PutRuleSet makes a new version of a named rule set, of rules as JSON. The
// rules of its latest version again make none.
func (c *Client) PutRuleSet(ctx context.Context, name string, rules []byte) (api.RuleSet, error) {
	var out api.RuleSet
	return out, c.call(ctx, http.MethodPut, "/rule-sets/"+url.PathEscape(name), nil, rules, &out)
}

// RuleSet is a version of a rule set; 0 is the latest.
func (c *Client) RuleSet(ctx context.Context, name string, version int64) (api.RuleSet, error) {
	q := url.Values{}
	if version > 0 {
		q.Set("version", strconv.FormatInt(version, 10))
	}
	return get[api.RuleSet](ctx, c, "/rule-sets/"+url.PathEscape(name), q)
}

// RuleSets lists the rule sets in force.
func (c *Client) RuleSets(ctx context.Context) (api.RuleSetList, error) {
	return get[api.RuleSetList](ctx, c, "/rule-sets", nil)
}

// DeleteRuleSet takes a rule set out of force.
func (c *Client) DeleteRuleSet(ctx context.Context, name string) error {
	resp, err := c.do(ctx, http.MethodDelete, "/rule-sets/"+url.PathEscape(name), nil, nil, nil, -1)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
