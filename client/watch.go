package client

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"freshet/api"
)

// Watch follows the progress of all files that arrive or are checked, until the
// stream ends or ctx does.
func (c *Client) Watch(ctx context.Context, each func(api.Progress)) error {
	resp, err := c.do(ctx, http.MethodGet, "/events", nil, nil, nil, -1)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	for mine := false; ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		}
		if event, ok := strings.CutPrefix(line, "event: "); ok {
			mine = strings.TrimSpace(event) == "progress"
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !mine || !ok {
			continue
		}
		var p api.Progress
		if err := json.Unmarshal([]byte(data), &p); err != nil {
			return err
		}
		each(p)
	}
}
