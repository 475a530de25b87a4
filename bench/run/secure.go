package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// secure measures one form POST to fresh with all that guards a server but a
// scanner (a key, a project with limits and retention, rates, the disk sealed,
// the audit log, which is always written) against the same with nothing of it.
func (b *bench) secure() error {
	size := b.two()
	file, err := b.data("chat", size)
	if err != nil {
		return err
	}
	master := filepath.Join(b.dir, "master.key")
	if err := os.WriteFile(master, []byte(strings.Repeat("5a", 32)+"\n"), 0o600); err != nil {
		return err
	}
	const key = "a key that only this bench knows of, for once"
	guarded := func(args ...string) func() (time.Duration, usage, error) {
		return func() (took time.Duration, u usage, err error) {
			s, err := b.freshet(append(args, "--bootstrap-key", key, "--key-requests", "1000")...)
			if err != nil {
				return 0, usage{}, err
			}
			defer func() {
				var e error
				if u, e = s.stop(); err == nil {
					err = e
				}
			}()
			if err := limits(s.url, key); err != nil {
				return 0, u, err
			}
			took, body, err := postAs(key, s.url, file)
			if err == nil && !strings.Contains(string(body), `"file_status":"fresh"`) {
				err = fmt.Errorf("not fresh: %s", body)
			}
			return took, u, err
		}
	}
	open := func() (time.Duration, usage, error) {
		took, u, err := b.once(b.freshet, file)
		return time.Duration(took * float64(time.Second)), u, err
	}
	return b.pair("form POST "+size+" chat to fresh, guarded and sealed, wall", "not", "≤ 1.5", guarded("--master-key", "file:"+master), open)
}

// limits gives the default project some.
func limits(url, key string) error {
	req, err := http.NewRequest(http.MethodPut, url+"/data/efficient/projects/default",
		bytes.NewReader([]byte(`{"max_bytes": 1000000000000, "max_files": 100000, "max_open_uploads": 1000, "retention": [{"status": "failed", "keep_days": 7}]}`)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the limits were answered %s", resp.Status)
	}
	return nil
}
