package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// browser measures uploads by the console in Chromium: beside the Go client, which
// is what freshet upload is, and what the page itself costs while bytes move.
func (b *bench) browser() error {
	file, err := b.data("text", b.two())
	if err != nil {
		return err
	}
	err = b.pair("console in Chromium, "+b.two()+" text to fresh, wall", "Go client", "≤ 1.43 (0.7 of its speed)",
		func() (time.Duration, usage, error) {
			s, err := b.freshet()
			if err != nil {
				return 0, usage{}, err
			}
			var out struct{ Seconds float64 }
			err = visit(&out, "upload", s.url, file)
			u, e := s.stop()
			return time.Duration(out.Seconds * float64(time.Second)), u, firstOf(err, e)
		},
		func() (time.Duration, usage, error) { return b.byClient(file) })
	if err != nil {
		return err
	}
	s, err := b.freshet()
	if err != nil {
		return err
	}
	var out struct{ Share float64 }
	err = visit(&out, "live", s.url, file)
	if _, e := s.stop(); firstOf(err, e) != nil {
		return firstOf(err, e)
	}
	b.add("the page's main thread while it sends, 4 updates a second", fmt.Sprintf("%.1f %% of a core", 100*out.Share), "", "", "< 10 %")
	return nil
}

// visit has Chromium use the console, see web/console/measure.mjs.
func visit(out any, args ...string) error {
	cmd := exec.Command("node", append([]string{"measure.mjs"}, args...)...)
	cmd.Dir, cmd.Stderr = "web/console", os.Stderr
	said, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("node measure.mjs: %w; scripts/test-deps.sh installs what it needs", err)
	}
	return json.Unmarshal(said, out)
}
