package upload

import (
	"context"
	"encoding/json"

	"freshet/internal/catalog"
	"freshet/internal/live"
)

// What nodes tell each other of uploads. Nothing depends on it: epochs keep an
// older request from committing, and a part whose plan is not known is checked
// at the end. It only spares clients a wait.
const (
	yieldTopic = "yield" // whoever adds to an upload is to let go
	freeTopic  = "free"  // that is done
	frontTopic = "front" // where the front of a file arrives, whose plan later parts need
)

// Listen hears what other nodes tell.
func (s *Service) Listen() {
	s.Catalog.Subscribe(live.Topic, s.Board.Hear)
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
