package e2e_test

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// deed is what a client asks of one file, or of one key.
type deed struct {
	object string
	what   string // create, complete, promote, delete, look; use, revoke
}

// linear asks for the same few files and keys from many clients, and writes down
// when it asked and when it was answered.
type linear struct {
	*server
	url   string
	admin string
	begun time.Time

	mu      sync.Mutex
	history []porcupine.Operation
	uploads map[string]string // of a file whose bytes are here
	keys    map[string]string // secrets by id
}

// TestLinearizable has five clients create, complete, promote, delete and look at
// the same files, and use and revoke the same keys, while the server is killed
// again and again. Some order in which one thing happens after another, none
// before it was asked nor after it was answered, must explain all answers. Of a
// request that a kill cut off it is open whether it took effect, and when.
func TestLinearizable(t *testing.T) {
	t.Parallel()
	length := tortureFor(t, 4*time.Second)
	address := freeAddress(t)
	s := start(t, "--listen", address, "--promote", "manual")
	_, admin := s.makeKey("root")
	s.key = admin
	w := &linear{server: s, url: "http://" + s.addr, admin: admin, begun: time.Now(), uploads: map[string]string{}, keys: map[string]string{}}
	if s.cluster == nil {
		w.url = "http://" + address
	}
	until := time.Now().Add(length)
	var rounds int
	for ; rounds == 0 || time.Now().Before(until); rounds++ { // a history of many short lives is checked sooner than one of long ones
		w.round(rounds)
	}
	ok, refused, open := 0, 0, 0
	for _, o := range w.history {
		switch o.Output {
		case "ok":
			ok++
		case "open":
			open++
		default:
			refused++
		}
	}
	t.Logf("%d rounds, %d requests: %d took effect, %d did not or looked, %d were cut off", rounds, len(w.history), ok, refused, open)
	if ok < 20 {
		t.Error("hardly anything was tried")
	}
	for name, m := range map[string]porcupine.Model{"files": fileModel, "keys": keyModel} {
		var own []porcupine.Operation
		for _, o := range w.history {
			if (o.Input.(deed).what == "use" || o.Input.(deed).what == "revoke") == (name == "keys") {
				own = append(own, o)
			}
		}
		if got := porcupine.CheckOperationsTimeout(m, own, 2*time.Minute); got != porcupine.Ok {
			t.Errorf("%s: %s", name, got)
			w.explain(m, own)
		}
	}
}

// round is one life of a few files and keys.
func (w *linear) round(n int) {
	var files, keys []string
	for range 3 {
		files = append(files, newID())
	}
	for i := range 2 {
		a := w.do("POST", api+"/keys", fmt.Sprintf(`{"name": "k%d-%d"}`, n, i), "Content-Type", "application/json").ok(201).json()
		w.keys[a.str("id")] = a.str("key")
		keys = append(keys, a.str("id"))
	}
	var wg sync.WaitGroup
	for c := range 5 {
		// from an address of its own, since who fails too often is not looked at for a while
		from := &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(n), byte(2+c))}}).DialContext}
		defer from.CloseIdleConnections()
		r := rand.New(rand.NewPCG(uint64(n), uint64(c)))
		wg.Go(func() {
			for range 10 {
				if r.IntN(4) == 0 {
					w.ask(c, from, deed{keys[r.IntN(len(keys))], []string{"use", "use", "use", "revoke"}[r.IntN(4)]})
					continue
				}
				w.ask(c, from, deed{files[r.IntN(len(files))], []string{"create", "create", "complete", "complete", "promote", "look", "look", "delete"}[r.IntN(8)]})
			}
		})
	}
	over := make(chan struct{})
	go func() { wg.Wait(); close(over) }()
	r := rand.New(rand.NewPCG(uint64(n), 99))
	for killed := false; ; {
		select {
		case <-over:
			return
		case <-time.After(time.Duration(20+r.IntN(200)) * time.Millisecond):
			if !killed {
				killed = true
				w.kill()
				w.launch()
			}
		}
	}
}

// ask does one thing and writes down what came of it.
func (w *linear) ask(client int, from http.RoundTripper, d deed) {
	w.mu.Lock()
	upload, known := w.uploads[d.object]
	key := w.keys[d.object]
	w.mu.Unlock()
	method, path, body, by := http.MethodPost, "", "", w.admin
	switch d.what {
	case "create":
		path, body = "/uploads", fmt.Sprintf(`{"file_id": %q, "file_name": "l.jsonl", "file_size": %d}`, d.object, len(content(d.object)))
	case "complete":
		if !known {
			return
		}
		path = "/uploads/" + upload + "/complete"
	case "promote":
		path = "/promote-file/" + d.object
	case "delete":
		method, path = http.MethodDelete, "/file/"+d.object
	case "look":
		method, path = http.MethodGet, "/file-info/"+d.object
	case "use":
		method, path, by = http.MethodGet, "/limits", key
	case "revoke":
		method, path = http.MethodDelete, "/keys/"+d.object
	}
	called := time.Since(w.begun).Nanoseconds()
	status, answer := w.send(from, method, path, body, by)
	o := porcupine.Operation{ClientId: client, Input: d, Call: called, Output: told(d, status, answer), Return: time.Since(w.begun).Nanoseconds()}
	if o.Output == "open" {
		o.Return = math.MaxInt64
	}
	w.mu.Lock()
	w.history = append(w.history, o)
	w.mu.Unlock()
	if d.what == "create" && status == 201 {
		id := answer.str("upload_id")
		for range 100 { // its bytes, which are nobody else's business
			if status, _ := w.send(from, http.MethodPut, "/uploads/"+id+"/parts/1", content(d.object), w.admin); status == 200 || status >= 400 && status < 500 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		w.mu.Lock()
		w.uploads[d.object] = id
		w.mu.Unlock()
	}
}

func content(object string) string { return good(3, object) }

// send gives the status, 0 where there was no answer.
func (w *linear) send(from http.RoundTripper, method, path, body, key string) (int, obj) {
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+api+path, strings.NewReader(body))
	if err != nil {
		w.t.Error(err)
		return 0, nil
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+key)
	resp, err := from.RoundTrip(r)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil
	}
	if len(b) == 0 {
		return resp.StatusCode, nil
	}
	return resp.StatusCode, answer{t: w.t, what: path, body: b}.json()
}

// told is what an answer says: ok, refused, gone, a status; open where it says nothing.
func told(d deed, status int, answer obj) string {
	switch {
	case status == 0, status >= 500:
		return "open"
	case d.what == "look" && status == 200:
		return answer.str("status")
	case status < 300:
		return "ok"
	case status == 404, status == 410:
		return "gone"
	}
	return "refused"
}

// fileModel is the life of one file: absent, uploading, uploaded, fresh, deleted.
var fileModel = (&porcupine.NondeterministicModel{
	Partition: byObject,
	Init:      func() []any { return []any{"absent"} },
	Step: func(state, input, output any) []any {
		was, what := state.(string), input.(deed).what
		next := map[string]map[string]string{
			"create": {"absent": "uploading"}, "complete": {"uploading": "uploaded", "uploaded": "uploaded", "fresh": "fresh"},
			"promote": {"uploaded": "fresh"}, "delete": {"uploaded": "deleted", "fresh": "deleted"},
		}[what]
		to, may := next[was]
		there := was != "absent" && was != "deleted"
		yes := false
		switch output {
		case "ok":
			if may {
				return []any{to}
			}
		case "open":
			if may && to != was {
				return []any{was, to}
			}
			return []any{was}
		case "gone":
			yes = !there || what == "create"
		case "refused": // also what is in the middle of something else
			yes = what == "create" && was != "absent" || what != "create" && there
		case "processing": // on its way to fresh
			yes = was == "uploaded" || was == "fresh"
		default:
			yes = output == was
		}
		if yes {
			return []any{was}
		}
		return nil
	},
	DescribeOperation: inWords,
}).ToModel()

// keyModel is that of one key: it opens, until it is revoked.
var keyModel = (&porcupine.NondeterministicModel{
	Partition: byObject,
	Init:      func() []any { return []any{true} },
	Step: func(state, input, output any) []any {
		live, use := state.(bool), input.(deed).what == "use"
		switch {
		case output == "open" && use:
			return []any{live}
		case output == "open":
			return []any{live, false}
		case use && live == (output == "ok"):
			return []any{live}
		case !use && output == "ok" && live:
			return []any{false}
		case !use && output == "gone" && !live:
			return []any{false}
		}
		return nil
	},
	DescribeOperation: inWords,
}).ToModel()

func byObject(history []porcupine.Operation) [][]porcupine.Operation {
	of := map[string][]porcupine.Operation{}
	for _, o := range history {
		of[o.Input.(deed).object] = append(of[o.Input.(deed).object], o)
	}
	var out [][]porcupine.Operation
	for _, one := range of {
		out = append(out, one)
	}
	return out
}

func inWords(input, output any) string { return fmt.Sprintf("%s: %v", input.(deed).what, output) }

// explain tells of the objects whose history no order explains.
func (w *linear) explain(m porcupine.Model, history []porcupine.Operation) {
	for _, one := range byObject(history) {
		if porcupine.CheckOperationsTimeout(m, one, time.Minute) == porcupine.Ok {
			continue
		}
		for _, o := range one {
			w.t.Logf("%s client %d %8.3f to %8.3f ms: %s", o.Input.(deed).object, o.ClientId, float64(o.Call)/1e6, float64(min(o.Return, 1e15))/1e6, inWords(o.Input, o.Output))
		}
	}
}
