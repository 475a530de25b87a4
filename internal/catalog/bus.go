package catalog

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"sync"

	"freshet/internal/errs"

	"github.com/jackc/pgx/v5"
)

// MaxMessage is how many bytes of JSON a message may have: what Postgres takes
// in a notification, 7,999, less who sends it to which topic.
const MaxMessage = 7900

// Channels of LISTEN and NOTIFY. The trigger on history notifies the first.
const (
	eventChannel = "freshet_event"
	busChannel   = "freshet_bus"
)

var topicName = regexp.MustCompile(`^[a-z0-9_.-]{1,64}$`)

// Publish sends a message as JSON to the subscribers of a topic on the other
// nodes, none where the catalog is not shared. It arrives at once or, where a
// node is cut off from the database at that moment, never: what must not be lost
// is a fact. One that is longer than MaxMessage is an error.
func (s *Store) Publish(ctx context.Context, topic string, payload any) error {
	b, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	if !topicName.MatchString(topic) {
		return errs.E(errs.Internal, "bad-topic", "%q cannot be a topic", topic)
	}
	if len(b) > MaxMessage {
		return errs.E(errs.Internal, "message-too-long", "a message to other nodes has %d bytes, more than %d", len(b), MaxMessage)
	}
	if !s.shared {
		return nil
	}
	// reading again where the connection broke may send it twice, which subscribers do not mind
	return s.look(ctx, func(ctx context.Context, q querier) error {
		var void string
		return q.QueryRowContext(ctx, `SELECT pg_notify($1, $2)::TEXT`, busChannel, s.node+" "+topic+" "+string(b)).Scan(&void)
	})
}

// Subscribe has f called with each message that another node publishes to a
// topic, one after the other; a message may come twice. f must be quick: it
// holds up all other messages and events. It listens when Subscribe returns,
// unless the database is away.
func (s *Store) Subscribe(topic string, f func(payload []byte)) {
	if s.bus != nil {
		s.bus.subscribe(topic, f)
	}
}

// bus hears what other nodes publish, and the events of all nodes, over one
// connection of its own.
type bus struct {
	store  *Store
	config *pgx.ConnConfig
	last   int64 // event that was told last; the loop's own

	mu     sync.Mutex
	topics map[string][]func([]byte)
	notify func(Event, File)
	woken  chan struct{} // there is a first follower: what is behind is told
	stop   context.CancelFunc
	done   chan struct{}
}

func newBus(s *Store, config *pgx.ConnConfig, last int64) *bus {
	delete(config.RuntimeParams, "statement_timeout") // it waits
	return &bus{store: s, config: config, last: last, topics: map[string][]func([]byte){}, woken: make(chan struct{}, 1)}
}

func (b *bus) subscribe(topic string, f func([]byte)) {
	b.mu.Lock()
	b.topics[topic] = append(b.topics[topic], f)
	b.mu.Unlock()
	b.start()
}

func (b *bus) follow(f func(Event, File)) {
	b.mu.Lock()
	b.notify = f
	b.mu.Unlock()
	b.start()
	select {
	case b.woken <- struct{}{}:
	default: // it is to wake up already
	}
}

// start begins to listen, unless it does, and waits for the first try.
func (b *bus) start() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	b.stop, b.done = stop, make(chan struct{})
	tried := make(chan struct{})
	go func() {
		defer close(b.done)
		b.run(ctx, sync.OnceFunc(func() { close(tried) }))
	}()
	<-tried
}

// close stops listening. No function is called any more when it returns.
func (b *bus) close() {
	b.mu.Lock()
	stop := b.stop
	b.mu.Unlock()
	if stop != nil {
		stop()
		<-b.done
	}
}

// message hands a message to its topic's subscribers, unless it is our own.
func (b *bus) message(payload string) {
	node, rest, _ := strings.Cut(payload, " ")
	topic, body, ok := strings.Cut(rest, " ")
	if !ok || node == b.store.node {
		return
	}
	b.mu.Lock()
	subscribers := b.topics[topic]
	b.mu.Unlock()
	for _, f := range subscribers {
		f([]byte(body))
	}
}

// follower is who is told of events, nil before there is one.
func (b *bus) follower() func(Event, File) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.notify
}
