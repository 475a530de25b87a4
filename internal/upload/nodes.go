package upload

import (
	"context"
	"encoding/json"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/live"
)

// What nodes tell each other of uploads. Nothing depends on it: epochs keep an
// older request from committing, and a part whose plan is not known is checked
// at the end. It only spares clients a wait.
const (
	leaseTopic = "lease" // a request appends from now on
	yieldTopic = "yield" // whoever adds to an upload is to let go
	freeTopic  = "free"  // that is done
	frontTopic = "front" // where the front of a file arrives, whose plan later parts need
)

type leased struct {
	Upload string `json:"upload"`
	Epoch  int64  `json:"epoch"`
}

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

// Listen hears what other nodes tell.
func (s *Service) Listen() {
	s.Catalog.Subscribe(live.Topic, s.Board.Hear)
	s.Catalog.Subscribe(leaseTopic, func(message []byte) {
		var l leased
		if json.Unmarshal(message, &l) == nil {
			s.claims.outdated(l.Upload, l.Epoch)
		}
	})
	s.Catalog.Subscribe(yieldTopic, func(message []byte) {
		var y yield
		if json.Unmarshal(message, &y) == nil && (y.To == "" || y.To == s.Catalog.Node()) {
			go s.yields(y)
		}
	})
	s.Catalog.Subscribe(freeTopic, func(message []byte) {
		var upload string
		if json.Unmarshal(message, &upload) == nil {
			s.frees.tell(upload)
		}
	})
	s.Catalog.Subscribe(frontTopic, func(message []byte) {
		var f frontNews
		if json.Unmarshal(message, &f) == nil && s.heads.hear(f.Upload, f.What) {
			s.tell(frontTopic, frontNews{f.Upload, frontBegun})
		}
	})
}

// yield asks a node, or all, to have its requests let go of an upload.
type yield struct {
	Upload string `json:"upload"`
	To     string `json:"to,omitempty"`
	Ending bool   `json:"ending,omitempty"`
}

// yieldWait is how long a request waits for one on another node to commit what
// it has. It goes on without after that: the epoch keeps the other from it.
const yieldWait = 2 * time.Second

// yields has the requests of this node let go.
func (s *Service) yields(y yield) {
	var err error
	if y.Ending {
		err = s.claims.end(context.Background(), y.Upload, errEnding)
	} else {
		err = s.claims.stop(context.Background(), y.Upload, appending, errTakenOver)
	}
	if err != nil {
		s.Log.Warn("a request does not let go of an upload that another node goes on with", "upload_id", y.Upload, "error", err.Error())
		return
	}
	s.tell(freeTopic, y.Upload)
}

// letGo has the node that appended last commit what it has, and stop. With
// ending all nodes do, whatever they add.
func (s *Service) letGo(ctx context.Context, u *catalog.Upload, ending bool) {
	holder := u.Holder
	if !s.Catalog.Shared() || !ending && (holder == "" || holder == s.Catalog.Node()) {
		return
	}
	free, forget := s.frees.await(u.ID)
	defer forget()
	y := yield{Upload: u.ID, To: holder, Ending: ending}
	if ending {
		y.To = ""
	}
	s.tell(yieldTopic, y)
	if holder == "" || holder == s.Catalog.Node() {
		return
	}
	wait, cancel := context.WithTimeout(ctx, yieldWait)
	defer cancel()
	select {
	case <-free:
	case <-wait.Done():
	}
}

// lease makes the caller, who has the claim here, the one that appends anywhere.
func (s *Service) lease(ctx context.Context, id string) (catalog.Upload, error) {
	if s.Catalog.Shared() {
		before, err := s.Catalog.Upload(ctx, id)
		if err != nil {
			return before, err
		}
		s.letGo(ctx, &before, false)
	}
	u, err := s.Catalog.Lease(ctx, id)
	if err == nil {
		s.claims.leased(id, u.Epoch)
		s.tell(leaseTopic, leased{id, u.Epoch})
	}
	return u, err
}

// tell publishes what other nodes are glad to know, and can do without.
func (s *Service) tell(topic string, news any) {
	if err := s.Catalog.Publish(context.Background(), topic, news); err != nil {
		s.Log.Warn("other nodes could not be told", "topic", topic, "error", err.Error())
	}
}

// Alive marks the uploads that requests of this node add to, so that no node
// takes them for abandoned.
func (s *Service) Alive(ctx context.Context) error {
	ids := s.claims.uploads()
	if len(ids) == 0 {
		return nil
	}
	return s.Catalog.Touch(ctx, ids)
}

// RecoverJob ends, again and again, what nodes that died left.
const RecoverJob = "recover"

// RecoverShared is Recover where other nodes are at work: what shows no sign of
// life is what a node that died was receiving.
func (s *Service) RecoverShared(ctx context.Context) error {
	return s.eachUpload(ctx, func(u *catalog.Upload) error {
		switch {
		case s.busy(u) || s.Catalog.Now().Sub(u.Updated) < catalog.NodeDead:
			return nil
		case whole(u):
			return s.Catalog.Queue(ctx, catalog.Job{Kind: CompleteJob, FileID: u.FileID})
		case u.Protocol != catalog.Form:
			return nil // its client goes on
		}
		return s.passing(u.ID, s.end(ctx, u, ended{how: catalog.UploadFailed, why: whyStopped, actor: "system", since: u.Updated}))
	})
}

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
