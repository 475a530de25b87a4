package upload

import (
	"context"

	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// frontNews is what a node tells of, or asks about, the front of a file.
type frontNews struct {
	Upload string    `json:"upload"`
	What   frontWord `json:"what"`
}

type frontWord string

const (
	frontAsked   frontWord = "asked"
	frontBegun   frontWord = "begun"
	frontPlanned frontWord = "planned" // the plan is in the upload's row
	frontOver    frontWord = "over"    // without a plan
)

// announce lets other nodes know that the front of a file arrives here.
func (s *Service) announce(u *catalog.Upload) (made func(*planned), over func()) {
	s.tell(frontTopic, frontNews{u.ID, frontBegun})
	known := false
	return func(p *planned) {
			_, _, err := s.Catalog.Commit(context.Background(), *u, catalog.Commit{Plan: p.data, Expires: s.Catalog.Now().Add(s.Lifetime)})
			if err != nil {
				s.Log.Warn("the plan of a file is known to other nodes only once its first part is here", "upload_id", u.ID, "error", err.Error())
				return
			}
			known = true
			s.tell(frontTopic, frontNews{u.ID, frontPlanned})
		}, func() {
			if !known {
				s.tell(frontTopic, frontNews{u.ID, frontOver})
			}
		}
}

// planElsewhere is the plan that another node made.
func (c *checker) planElsewhere(ctx context.Context) *planned {
	u, err := c.service.Catalog.UploadOf(ctx, c.fileID)
	if err != nil || len(u.Plan) == 0 {
		return nil
	}
	p, err := openPlan(u.Plan, c.options, c.config)
	if err != nil && !errs.Is(err, errs.NotFound) {
		c.service.Log.Warn("the plan of another node cannot be used", "file_id", c.fileID, "error", err.Error())
		return nil
	}
	return p
}
