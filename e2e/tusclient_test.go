package e2e_test

import (
	"io"
	"path/filepath"
	"slices"
	"testing"
)

// tusJob is what clients/tus.mjs is told.
type tusJob struct {
	Endpoint string `json:"endpoint"`
	File     string `json:"file"`
	Options  obj    `json:"options,omitempty"`
	Stream   bool   `json:"stream,omitempty"`
	Storage  string `json:"storage,omitempty"`
	StopAt   int64  `json:"stopAt,omitempty"`
}

// counted gives how often a client made requests of a method that went well, and
// the lowest offset at which it sent bytes.
func counted(all []said) (n map[string]int, from int64) {
	n, from = map[string]int{}, -1
	for _, v := range all {
		r := v.Request
		if r == nil || r.Status >= 300 {
			continue
		}
		n[r.Method]++
		if r.Method == "PATCH" && (from < 0 || r.Offset < from) {
			from = r.Offset
		}
	}
	return n, from
}

// last is the address at which a client says that it sent its file.
func last(t *testing.T, all []said) string {
	t.Helper()
	url := all[len(all)-1].Done
	if url == "" {
		t.Fatalf("the client did not end well: %+v", all[len(all)-1])
	}
	return url
}

// The ways in which tus-js-client sends a file.
func TestTusClient(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name    string
		options obj
		stream  bool
		posts   int
		patches int
	}{
		{"in one request", nil, false, 1, 1},
		{"in small chunks", obj{"chunkSize": 256 * kib}, false, 1, 17},
		{"a stream of unknown length", obj{"chunkSize": 512 * kib, "uploadLengthDeferred": true}, true, 1, 9},
		{"bytes with the creation", obj{"chunkSize": mib, "uploadDataDuringCreation": true}, false, 1, 4},
		{"four parts side by side", obj{"parallelUploads": 4}, false, 5, 4},
		{"four parts in small chunks", obj{"parallelUploads": 4, "chunkSize": 256 * kib}, false, 5, 20},
		{"PATCH as POST", obj{"chunkSize": mib, "overridePatchMethod": true}, false, 6, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			f := newSample(t, 4*mib, "tus "+c.name)
			all := runNode(t, "tus.mjs", tusJob{Endpoint: s.url(tusAt), File: f.path, Options: c.options, Stream: c.stream}, nil)
			info := s.wantSent(f, last(t, all))
			m, _ := info["metadata"].(map[string]any)
			obj(m).want(t, obj{"sent_by": "tus-js-client"})
			if n, _ := counted(all); n["POST"] != c.posts || n["PATCH"] < c.patches || n["PATCH"] > c.patches && !c.stream {
				t.Errorf("the client made %v requests, want %d POST and %d PATCH", n, c.posts, c.patches)
			}
		})
	}
}

// A client that is stopped, and another process that remembers where it was.
func TestTusClientGoesOn(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name    string
		options obj
		stopAt  int64 // of the file, or of any of its parts
		chunks  int   // of the whole file
		posts   int   // of the second process
	}{
		{"one after another", obj{"chunkSize": 512 * kib}, 2 * mib, 13, 0},
		{"side by side", obj{"chunkSize": 256 * kib, "parallelUploads": 4}, mib, 28, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			f := newSample(t, 6*mib, "stopped "+c.name)
			job := tusJob{Endpoint: s.url(tusAt), File: f.path, Options: c.options, Storage: filepath.Join(t.TempDir(), "uploads.json"), StopAt: c.stopAt}
			if all := runNode(t, "tus.mjs", job, nil); !slices.ContainsFunc(all, func(v said) bool { return v.Stopped }) || all[len(all)-1].Done != "" {
				t.Fatalf("the client was not stopped: %+v", all[len(all)-1])
			}
			job.StopAt = 0
			all := runNode(t, "tus.mjs", job, nil)
			if all[0].Resumed == "" {
				t.Error("the client knew of no upload")
			}
			s.wantSent(f, last(t, all))
			n, from := counted(all)
			if n["POST"] != c.posts || n["HEAD"] == 0 || n["PATCH"] >= c.chunks {
				t.Errorf("the client made %v requests, want %d POST and fewer PATCH than %d", n, c.posts, c.chunks)
			}
			if c.posts == 0 && from < c.stopAt {
				t.Errorf("the client went on at %d, had %d accepted", from, c.stopAt)
			}
		})
	}
}

// The server dies while a client sends, and comes back at the same address: the
// client goes on by itself, where the server says.
func TestTusClientAcrossAKill(t *testing.T) {
	s := start(t, listenAgain(t)...)
	for _, c := range []struct {
		name    string
		options obj
		posts   int
	}{
		{"one after another", obj{"chunkSize": 128 * kib}, 1},
		{"side by side", obj{"chunkSize": 128 * kib, "parallelUploads": 3}, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			f := newSample(t, 12*mib, "killed "+c.name)
			var lines, before int
			var accepted int64
			all := runNode(t, "tus.mjs", tusJob{Endpoint: s.url(tusAt), File: f.path, Options: c.options}, func(v said, _ io.Writer) {
				lines++
				if v.Accepted >= mib && accepted == 0 {
					before, accepted = lines, v.Accepted
					s.kill()
					s.launch()
				}
			})
			s.wantSent(f, last(t, all))
			if n, _ := counted(all); n["POST"] != c.posts || n["HEAD"] == 0 {
				t.Errorf("the client made %v requests, want %d POST and a HEAD after the kill", n, c.posts)
			}
			if _, from := counted(all[before:]); c.posts == 1 && from < accepted {
				t.Errorf("after the kill the client went on at %d, had %d accepted", from, accepted)
			}
		})
	}
}
