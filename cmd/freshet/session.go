package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"freshet/internal/durable"
)

// session remembers the upload of a file, so that the same command goes on with
// it after whatever ended it. It lies in the user's cache directory, not beside
// the file. The server is the truth; this is only where to ask.
type session struct {
	Server   string `json:"server"`
	Path     string `json:"path"`
	Options  string `json:"options"` // what else was asked for: another upload if it differs
	UploadID string `json:"upload_id"`

	at string // of the session itself
}

// openSession finds the session of a file, or makes an empty one. Whether the
// file is still the same is told by comparing it with what the server has.
func openSession(c *uploadCmd, path string, rules []byte) *session {
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	s := &session{Server: c.Server, Path: abs, Options: digestOf(c.DataType, c.Description, c.Metadata, string(rules), c.RuleSet, c.SHA256, c.PartSize.String(), c.Project)}
	cache, err := os.UserCacheDir()
	if err != nil {
		return s // nowhere to remember it
	}
	s.at = filepath.Join(cache, "freshet", "uploads", digestOf(c.Server, abs)+".json")
	b, err := os.ReadFile(s.at)
	if err != nil {
		return s
	}
	var old session
	if json.Unmarshal(b, &old) == nil && old.Options == s.Options {
		s.UploadID = old.UploadID
	}
	return s
}

func digestOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// save remembers the upload, durably.
func (s *session) save(uploadID string) error {
	s.UploadID = uploadID
	if s.at == "" {
		return os.ErrNotExist
	}
	if err := os.MkdirAll(filepath.Dir(s.at), 0o700); err != nil {
		return err
	}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(s.at, append(b, '\n'))
}

// forget is for an upload that is complete. What stays is asked for in vain once.
func (s *session) forget() {
	if s.at != "" {
		os.Remove(s.at)
	}
}
