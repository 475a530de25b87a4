package e2e_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// message is what a receiver got.
type message struct {
	header http.Header
	raw    []byte
	body   obj
}

// receiver takes messages and gives each the answer that a test says.
func receiver(t *testing.T, status func(n int) int) (string, <-chan message) {
	t.Helper()
	c := make(chan message, 100)
	n := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		m := message{header: r.Header, raw: raw}
		json.Unmarshal(raw, &m.body)
		n++
		w.WriteHeader(status(n))
		c <- m
	}))
	t.Cleanup(srv.Close)
	return srv.URL, c
}

func (s *server) message(c <-chan message) message {
	s.t.Helper()
	select {
	case m := <-c:
		return m
	case <-time.After(patience):
		s.t.Fatal("no message came")
	}
	return message{}
}

// signed fails unless a message is signed with the secret, now.
func signed(t *testing.T, m message, secret string) {
	t.Helper()
	stamp, sum, ok := strings.Cut(strings.TrimPrefix(m.header.Get("Freshet-Signature"), "t="), ",v1=")
	if !ok {
		t.Fatalf("Freshet-Signature %q", m.header.Get("Freshet-Signature"))
	}
	sec, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || time.Since(time.Unix(sec, 0)).Abs() > time.Minute {
		t.Errorf("the signature's time is %q", stamp)
	}
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(stamp + "."))
	h.Write(m.raw)
	if want := hex.EncodeToString(h.Sum(nil)); sum != want {
		t.Errorf("the signature is %s, want %s", sum, want)
	}
}

func TestWebhook(t *testing.T) {
	const secret = "a secret that only two know"
	url, c := receiver(t, func(int) int { return 204 })
	s := start(t, "--webhook-url", url, "--webhook-secret", secret)
	for _, w := range []struct {
		event, data string
		want        obj
	}{
		{"file.fresh", good(3, "hook"), obj{"status": "fresh", "verdict": "passed", "errors_found": 0, "failure_kind": ""}},
		{"file.failed", bad("hook"), obj{"status": "failed", "verdict": "failed", "errors_found": 1, "failure_kind": "data"}},
	} {
		t.Run(w.event, func(t *testing.T) {
			s.t = t
			id := s.upload(text("data_type", "sample"), file("a.jsonl", w.data)).ok(200).json().str("file_id")
			m := s.message(c)
			m.body.want(t, obj{"event": w.event, "file_id": id, "original_name": "a.jsonl", "data_type": "sample", "file_size": len(w.data)})
			m.body.want(t, w.want)
			if m.body.str("event_id") == "" || m.body.str("at") == "" || !strings.HasPrefix(m.body.str("file_hash"), "blake3:") {
				t.Errorf("the message is %v", m.body)
			}
			signed(t, m, secret)
		})
	}
	s.t = t
	u := s.slowUpload("cut.jsonl")
	u.feed(good(100, "hook cut"))
	u.received(1000)
	u.Close()
	s.message(c).body.want(t, obj{"event": "file.failed", "file_id": u.id, "failure_kind": "upload"})
	if strings.Contains(s.log.String(), secret) {
		t.Error("the log tells the secret")
	}
}

// A message that was not taken comes again, and tells that it is the same.
func TestWebhookIsRetried(t *testing.T) {
	t.Parallel()
	url, c := receiver(t, func(n int) int {
		if n == 1 {
			return 500
		}
		return 200
	})
	s := start(t, "--webhook-url", url, "--webhook-secret", "s")
	id := s.upload(file("a.jsonl", good(3, "again"))).ok(200).json().str("file_id")
	first := s.message(c)
	second := s.message(c)
	second.body.want(t, obj{"event": "file.fresh", "file_id": id, "event_id": first.body.str("event_id")})
	signed(t, second, "s")
}

// A receiver that is away keeps nobody waiting, and hears of it after a restart.
func TestWebhookOutlivesTheServer(t *testing.T) {
	t.Parallel()
	up := make(chan bool, 100)
	url, c := receiver(t, func(int) int {
		select {
		case <-up:
			return 200
		default:
			return 503
		}
	})
	s := start(t, "--webhook-url", url)
	id := s.upload(file("a.jsonl", good(3, "outlives"))).ok(200).json().str("file_id")
	if m := s.message(c); m.header.Get("Freshet-Signature") != "" {
		t.Error("signed without a secret")
	}
	s.stop()
	for range cap(up) {
		up <- true
	}
	s.restart()
	s.message(c).body.want(t, obj{"event": "file.fresh", "file_id": id})
}
