package e2e_test

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"freshet/internal/blob/s3"
	"freshet/internal/servers"
)

// clustered: every server of these tests is two nodes behind a round-robin
// proxy, on Postgres and MinIO. FRESHET_E2E=cluster says so.
var clustered = os.Getenv("FRESHET_E2E") == "cluster"

// onDisk is for tests of what only a single process with a disk has.
func onDisk(t *testing.T) {
	if clustered {
		t.Skip("of a single process with a disk")
	}
}

// noRoom is the answer to a file that no store has room for: a bucket does not
// tell how much there is, but how large an object may be.
var noRoom = map[bool]int{false: 507, true: 413}[clustered]

// single is the server, or one node of it: for what only the node that receives
// bytes can tell before they are facts.
func (s *server) single() *server {
	if s.cluster == nil {
		return s
	}
	return s.node(0)
}

// cluster is what the nodes of a server share, and the proxy before them.
type cluster struct {
	t       *testing.T
	catalog string
	blobs   string
	store   *s3.Store // the bucket, seen from outside
	aws     []string
	nodes   []*process
	addrs   []string
	proxy   *roundRobin
}

// newCluster makes stores of their own for a server; nil where it is to be a single process.
func newCluster(t *testing.T) *cluster {
	if !clustered {
		return nil
	}
	return newNodes(t)
}

func newNodes(t *testing.T) *cluster {
	t.Helper()
	m := servers.MinIO(t)
	at := m.URL(m.Bucket(t))
	store, err := s3.Open(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	return &cluster{t: t, catalog: servers.Postgres(t), blobs: at, store: store, aws: m.Env()}
}

func (c *cluster) env() []string {
	if c == nil {
		return nil
	}
	return append([]string{"FRESHET_CATALOG=" + c.catalog, "FRESHET_BLOBS=" + c.blobs}, c.aws...)
}

// launch starts two nodes behind the address that the server has, or gets.
func (c *cluster) launch(s *server) {
	s.t.Helper()
	c.nodes, c.addrs = nil, nil
	for i := range 2 {
		p, addr := s.run(filepath.Join(s.dir, "node-"+strconv.Itoa(i)), "127.0.0.1:0")
		c.nodes, c.addrs = append(c.nodes, p), append(c.addrs, addr)
	}
	if c.proxy == nil {
		c.proxy = newRoundRobin(s.t)
		s.addr = c.proxy.addr
	}
	c.proxy.to(c.addrs)
	s.process = c.nodes[0]
}

// purge aborts all open uploads of the bucket, as its owner may.
func (c *cluster) purge() {
	c.t.Helper()
	store := c.store
	for h, err := range store.Handles(c.t.Context()) {
		if err == nil {
			err = store.Abort(c.t.Context(), h.Key, h.Handle)
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
}

// files lists the keys under a prefix; of .parts the handles of open uploads.
func (c *cluster) files(under string) []string {
	c.t.Helper()
	store := c.store
	var keys []string
	if under == ".parts" {
		for h, err := range store.Handles(c.t.Context()) {
			if err != nil {
				c.t.Fatal(err)
			}
			keys = append(keys, h.Handle)
		}
		return keys
	}
	for o, err := range store.List(c.t.Context(), strings.TrimSuffix(under, "/")+"/") {
		if err != nil {
			c.t.Fatal(err)
		}
		keys = append(keys, o.Key)
	}
	return keys
}

// roundRobin passes each connection on to the next node that answers.
type roundRobin struct {
	addr string
	mu   sync.Mutex
	next int
	all  []string
}

func newRoundRobin(t *testing.T) *roundRobin {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	r := &roundRobin{addr: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.pass(c.(*net.TCPConn))
		}
	}()
	return r
}

// to sets the nodes.
func (r *roundRobin) to(addrs []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = addrs
}

func (r *roundRobin) dial() *net.TCPConn {
	r.mu.Lock()
	defer r.mu.Unlock()
	for range r.all {
		r.next++
		if c, err := net.Dial("tcp", r.all[r.next%len(r.all)]); err == nil {
			return c.(*net.TCPConn)
		}
	}
	return nil
}

func (r *roundRobin) pass(from *net.TCPConn) {
	defer from.Close()
	to := r.dial()
	if to == nil {
		return
	}
	defer to.Close()
	done := make(chan bool, 2)
	half := func(dst, src *net.TCPConn) {
		io.Copy(dst, src) // however it ends, the other side hears of an end
		dst.CloseWrite()
		done <- true
	}
	go half(to, from)
	go half(from, to)
	<-done
	<-done
}

// endpoint is the URL of the store, catalogHost the address of the database.
func (c *cluster) endpoint() string { return c.query().Get("endpoint") }

func (c *cluster) query() url.Values {
	u, err := url.Parse(c.blobs)
	if err != nil {
		c.t.Fatal(err)
	}
	return u.Query()
}

func (c *cluster) catalogHost() string {
	u, err := url.Parse(c.catalog)
	if err != nil {
		c.t.Fatal(err)
	}
	return u.Host
}

// detour leads the nodes to their stores over links.
func (c *cluster) detour(database, bucket *link) {
	c.catalog = database.through(c.catalog)
	u, err := url.Parse(c.blobs)
	if err != nil {
		c.t.Fatal(err)
	}
	q := u.Query()
	q.Set("endpoint", "http://"+bucket.proxy.Listen)
	u.RawQuery = q.Encode()
	c.blobs = u.String()
}
