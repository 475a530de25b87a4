package client

import (
	"context"
	"encoding/json"
	"net/http"

	"freshet/api"
)

// PreviewRules tries rules at a part of a stored file, which stays as it is.
func (c *Client) PreviewRules(ctx context.Context, in api.RulePreview) (api.RulePreviewed, error) {
	var out api.RulePreviewed
	b, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	return out, c.call(ctx, http.MethodPost, "/rule-preview", nil, b, &out)
}
