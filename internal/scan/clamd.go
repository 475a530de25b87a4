// Package scan has bytes looked at by ClamAV's clamd, over a unix socket or TCP.
//
// clamd says OK to what exceeds its limits, so that silence proves nothing. A
// stream is scanned in windows that are within limits which a probe has proved:
// a test string at the end of a window must be found, else the scanner is not
// trusted, and what waits for it waits on.
package scan

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// How long clamd may take.
const (
	dialTime  = 5 * time.Second
	sendTime  = 60 * time.Second  // to take a piece of a stream: it may be busy with others
	replyTime = 110 * time.Second // to say what it found in a window; less than its own MaxScanTime of 120 s, after which it gives up and says OK
)

// pieceSize is how much is sent at once. clamd wants each piece's length before it.
const pieceSize = 256 << 10

// Client speaks to one clamd. It may be used by several goroutines.
type Client struct {
	network, address string
	turns            chan struct{}
}

// AtOnce is how many windows one process has looked at at the same time: clamd
// serves others, too, and has 10 threads unless told otherwise.
const AtOnce = 4

// Down says that the scanner cannot be used now, why, and what to do about it.
type Down struct {
	Reason string // a sentence without a path or address
	Hint   string
	cause  error
}

func (d *Down) Error() string {
	if d.cause != nil {
		return d.Reason + ": " + d.cause.Error()
	}
	return d.Reason
}

func (d *Down) Unwrap() error { return d.cause }

const hintUnreachable = "start clamd, and check --scan and clamd.conf (LocalSocket, LocalSocketMode, TCPSocket, TCPAddr)"

func unreachable(what string, err error) *Down {
	return &Down{what, hintUnreachable, err}
}

// session is one connection, which clamd ends after one command.
type session struct {
	net.Conn
	stop func() bool
}

func (c *Client) open(ctx context.Context, command string) (*session, error) {
	d := net.Dialer{Timeout: dialTime}
	conn, err := d.DialContext(ctx, c.network, c.address)
	if err != nil {
		return nil, unreachable("the scanner cannot be reached", err)
	}
	s := &session{conn, context.AfterFunc(ctx, func() { conn.Close() })}
	if err := s.send([]byte("z" + command + "\x00")); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *session) Close() error {
	s.stop()
	return s.Conn.Close()
}

func (s *session) send(p []byte) error {
	if err := s.SetWriteDeadline(time.Now().Add(sendTime)); err != nil {
		return unreachable("the connection to the scanner broke", err)
	}
	if _, err := s.Write(p); err != nil {
		return unreachable("the connection to the scanner broke", err)
	}
	return nil
}

// mostReply bounds what is read of an answer.
const mostReply = 4 << 10

// reply reads what ends with a zero byte.
func (s *session) reply(within time.Duration) (string, error) {
	if err := s.SetReadDeadline(time.Now().Add(within)); err != nil {
		return "", unreachable("the connection to the scanner broke", err)
	}
	line, err := bufio.NewReader(io.LimitReader(s, mostReply)).ReadString(0)
	var timeout net.Error
	switch {
	case err == nil:
		return strings.TrimRight(line, "\x00\n"), nil
	case errors.As(err, &timeout) && timeout.Timeout():
		return "", &Down{fmt.Sprintf("the scanner did not answer within %s", within), "see what clamd is busy with; give it more threads (MaxThreads) or a faster machine", err}
	}
	return "", unreachable("the connection to the scanner broke", err)
}

// Version is what clamd says of itself and its signatures: ClamAV 1.4.6/27400/DATE.
func (c *Client) Version(ctx context.Context) (string, error) {
	s, err := c.open(ctx, "VERSION")
	if err != nil {
		return "", err
	}
	defer s.Close()
	v, err := s.reply(dialTime)
	if err == nil && !strings.HasPrefix(v, "ClamAV ") {
		err = &Down{"what answers at the scanner's address is not clamd", hintUnreachable, nil}
	}
	return v, err
}

// window has one stream looked at, which fill gives, and tells the name of what
// was found in it, or nothing. An error of fill is given back as it is.
func (c *Client) window(ctx context.Context, fill func(io.Writer) error) (found string, err error) {
	select {
	case c.turns <- struct{}{}:
		defer func() { <-c.turns }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	s, err := c.open(ctx, "INSTREAM")
	if err != nil {
		return "", err
	}
	defer s.Close()
	w := bufio.NewWriterSize(pieces{s}, pieceSize)
	err = fill(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = s.send([]byte{0, 0, 0, 0})
	}
	var down *Down
	if err != nil && !errors.As(err, &down) {
		return "", err
	}
	within := replyTime
	if down != nil { // it took no more, and may say why
		within = dialTime
	}
	line, e := s.reply(within)
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case e == nil:
		return verdict(line)
	case down != nil:
		return "", &Down{"the scanner broke off in the middle of a window of 64 MiB", "clamd's log says why; if its limits are too small, " + limitsHint, err}
	}
	return "", e
}

// pieces frames what is written: a length, and so many bytes.
type pieces struct{ s *session }

func (p pieces) Write(b []byte) (int, error) {
	var length [4]byte
	binary.BigEndian.PutUint32(length[:], uint32(len(b)))
	if err := p.s.SetWriteDeadline(time.Now().Add(sendTime)); err != nil {
		return 0, unreachable("the connection to the scanner broke", err)
	}
	bufs := net.Buffers{length[:], b}
	if _, err := bufs.WriteTo(p.s.Conn); err != nil {
		return 0, unreachable("the connection to the scanner broke", err)
	}
	return len(b), nil
}

// verdict reads an answer to INSTREAM.
func verdict(line string) (found string, err error) {
	result := line
	if _, r, ok := strings.Cut(line, ": "); ok {
		result = r
	}
	switch {
	case result == "OK":
		return "", nil
	case strings.HasSuffix(result, " FOUND") && len(result) > len(" FOUND"):
		return strings.TrimSuffix(result, " FOUND"), nil
	case strings.Contains(line, "size limit exceeded"):
		return "", &Down{"the scanner does not take a window of 64 MiB", limitsHint, nil}
	}
	return "", &Down{"the scanner answered with an error", "clamd's log says more", errors.New(line)}
}
