// Package webhook tells another server of files that became fresh, failed or
// quarantined. What is told is queued in the transaction of the step, so that
// none is lost, and may come twice: receivers compare event ids.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"freshet/internal/catalog"
)

// Job is the kind of job that sends one message.
const Job = "webhook"

// Message is the body of a request.
type Message struct {
	Event    string    `json:"event"` // file.fresh, file.failed, file.quarantined
	FileID   string    `json:"file_id"`
	Name     string    `json:"original_name"`
	DataType string    `json:"data_type"`
	Status   string    `json:"status"`
	Failure  string    `json:"failure_kind"`
	Verdict  string    `json:"verdict"`
	Size     int64     `json:"file_size"`
	Hash     string    `json:"file_hash"`
	Errors   int64     `json:"errors_found"`
	Reason   string    `json:"processing_error"`
	At       time.Time `json:"at"`
	EventID  string    `json:"event_id"` // the same when a message is sent again
}

// Wanted tells whether a step is worth a message: the file came into the status.
func Wanted(e catalog.Event) bool {
	return e.From != e.To && (e.To == catalog.Fresh || e.To == catalog.Failed || e.To == catalog.Quarantined)
}

// For is the job that tells of a step.
func For(e catalog.Event, f catalog.File) (catalog.Job, error) {
	b, err := json.Marshal(Message{
		Event: "file." + string(e.To), FileID: f.ID, Name: f.Name, DataType: f.DataType, Status: string(f.Status), Failure: string(f.FailureKind), Verdict: string(f.Verdict),
		Size: f.Size, Hash: f.Hash, Errors: f.Errors, Reason: f.ProcessingError, At: e.At, EventID: strconv.FormatInt(e.ID, 10),
	})
	return catalog.Job{Kind: Job, FileID: f.ID, Args: map[string]string{"message": string(b)}}, err
}

// Sender posts messages to one URL.
type Sender struct {
	URL    string
	Secret string
	Client *http.Client
}

// Signature is the header value of a body sent at a time: receivers compute
// HMAC-SHA-256 over "TIME.BODY" and refuse old times.
func Signature(secret string, at time.Time, body []byte) string {
	ts := strconv.FormatInt(at.Unix(), 10)
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(ts + "."))
	m.Write(body)
	return "t=" + ts + ",v1=" + hex.EncodeToString(m.Sum(nil))
}

// Send posts one message. Any answer but 2xx is an error, so that it is tried again.
func (s *Sender) Send(ctx context.Context, message string) error {
	body := []byte(message)
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "freshet")
	if s.Secret != "" {
		req.Header.Set("Freshet-Signature", Signature(s.Secret, time.Now(), body))
	}
	resp, err := s.Client.Do(req)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("webhook: %s answered %s", req.URL.Redacted(), resp.Status)
	}
	return nil
}
