package e2e_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// atOnce is how quickly a request that may not wait is answered.
const atOnce = time.Second

// races are the rows that both protocols share: what faults, crashes and two
// clients may not do to an upload.
func races(prefix string) []requirement {
	return []requirement{
		{id: prefix + "01", says: "HEAD is answered while a request that adds bytes runs.", kept: "At once, with what is kept by then.", proof: headDuringPatch},
		{id: prefix + "02", says: "A newer request that adds bytes ends an older one that stalls.", kept: "Within a second; what the older sent is kept, and the offset never falls.", proof: newerEndsOlder},
		{id: prefix + "03", says: "What came before a connection was cut SHOULD be kept.", kept: "All that arrived; the rest completes the upload.", proof: cutMeanwhile},
		{id: prefix + "04", says: "What was told to be kept survives kill -9.", kept: "Bytes are on the disk before their offset is told.", once: true, proof: killedMeanwhile},
		{id: prefix + "05", says: "What a slow client sent is kept in time, so that a cut costs little.", kept: "After 2 s at most.", once: true, proof: keptInTime},
		{id: prefix + "06", says: "An upload that is completed while another request adds to it has the bytes that completed it.", kept: "The other request is ended.", proof: completedMeanwhile},
		{id: prefix + "07", says: "DELETE ends a request that adds bytes.", kept: "Within a second; all that follow are 410.", proof: deletedMeanwhile},
		{id: prefix + "08", says: "A server that stops keeps what came.", kept: "After a restart the upload goes on from there.", once: true, proof: stoppedMeanwhile},
		{id: prefix + "09", says: "In trouble that passes a request is answered with 503.", but: "HEAD with 423: clients take a 5xx of HEAD for the end of the upload and begin again from zero; after 423 they wait and ask again.", once: true, proof: catalogTrouble},
		{id: prefix + "10", says: "Of requests that add at one offset at once only one may.", kept: "The others are 409.", proof: allAtOnce},
		{id: prefix + "11", says: "A server that stops takes no new requests.", but: "503, but HEAD with 423, for the same reason.", once: true, proof: whileStopping},
	}
}

func (w *speaker) within(d time.Duration, what string, f func()) {
	w.t.Helper()
	begin := time.Now()
	f()
	if took := time.Since(begin); took > d {
		w.t.Errorf("%s took %s, more than %s", what, took, d)
	}
}

// stalled opens an upload for data, and a request that sends n bytes of it and then no more.
func (w *speaker) stalled(data string, n int) (at string, c *conn) {
	w.t.Helper()
	at = w.begin(len(data))
	c = w.sending(at, 0, len(data))
	c.say("%s", data[:n])
	w.until("the bytes came", func() bool { return w.received(at) >= n })
	return at, c
}

func headDuringPatch(w *speaker) {
	data := fixedRecords(64, 64)
	at, c := w.stalled(data, 1000)
	for range 3 {
		w.within(atOnce, "HEAD", func() {
			if n := w.head(at).code(w.fine()).offset(); n > 1000 {
				w.t.Errorf("%d bytes of 1000 are kept", n)
			}
		})
	}
	c.say("%s", data[1000:]) // the request did not notice
	if r := w.hear(c, "PATCH"); r.status/100 != 2 || r.offset() != len(data) {
		w.t.Errorf("the request was answered %d: %.300s", r.status, r.body)
	}
	w.stands(at, len(data))
}

func newerEndsOlder(w *speaker) {
	data := fixedRecords(64, 64)
	at, older := w.stalled(data, 1000)
	told := 0
	for end := 2000; end < len(data); end += 1000 {
		offset := w.head(at).offset()
		if offset < told {
			w.t.Fatalf("the offset fell from %d to %d", told, offset)
		}
		newer := w.sending(at, offset, len(data)-offset)
		newer.say("%s", data[offset:end])
		w.within(atOnce, "ending the older", func() {
			if r := w.hear(older, "PATCH"); r.status != 409 || r.offset() < offset || r.offset() > end {
				w.t.Errorf("the older is answered %d: %.300s", r.status, r.body)
			}
		})
		if told = w.head(at).offset(); told != end-1000 && told != end {
			w.t.Errorf("%d are kept of the %d that the older sent", told, end-1000)
		}
		if told > offset { // the newer one came too early: what the older had is kept
			r := w.hear(newer, "PATCH").code(409)
			if r.offset() != told {
				w.t.Errorf("409 with offset %d, want %d", r.offset(), told)
			}
			newer = w.sending(at, told, len(data)-told)
			newer.say("%s", data[told:end])
		}
		w.until("the bytes came", func() bool { return w.received(at) >= end })
		older = newer
	}
	w.rest(at, data)
}

func cutMeanwhile(w *speaker) {
	data := fixedRecords(3<<10, 1024)
	at := w.begin(len(data))
	for _, end := range []int{1000, 1 << 20, 1<<20 + 1, 2<<20 + 77} {
		offset := w.head(at).offset()
		c := w.sending(at, offset, len(data)-offset)
		c.say("%s", data[offset:end])
		c.Close()
		w.until("what arrived is kept", func() bool {
			n := w.head(at).offset()
			if n < offset || n > end {
				w.t.Fatalf("%d bytes are kept, of %d to %d", n, offset, end)
			}
			return n == end
		})
	}
	w.rest(at, data)
}

func killedMeanwhile(w *speaker) {
	w = w.own()
	data := fixedRecords(20<<10, 1024)
	at := w.begin(len(data))
	c := w.sending(at, 0, len(data))
	c.say("%s", data[:18<<20])
	told := 0
	w.until("a part is told", func() bool {
		n := 0
		if w.version == 0 {
			n = w.head(at).offset()
		} else {
			resp := w.next(c, "PATCH")
			n = (&reply{answer: answer{t: w.t, what: "PATCH", status: resp.StatusCode, header: resp.Header}}).code(104).offset()
		}
		if n < told {
			w.t.Fatalf("the offset fell from %d to %d", told, n)
		}
		told = n
		return told >= 16<<20
	})
	w.kill()
	w.restart()
	if n := w.head(at).offset(); n < told || n > 18<<20 {
		w.t.Errorf("%d were told, %d are there", told, n)
	}
	w.rest(at, data)
}

func keptInTime(w *speaker) {
	data := fixedRecords(64, 64)
	at, c := w.stalled(data, 1000)
	w.within(3*time.Second, "keeping it", func() {
		w.until("it is kept", func() bool { return w.head(at).offset() == 1000 })
	})
	c.say("%s", data[1000:])
	w.hear(c, "PATCH")
	w.rest(at, data)
}

func completedMeanwhile(w *speaker) {
	data := fixedRecords(64, 64)
	at, older := w.stalled(data, 1000)
	w.rest(at, data)
	if r := w.hear(older, "PATCH"); r.status != 409 {
		w.t.Errorf("the other request is answered %d: %.300s", r.status, r.body)
	}
	w.head(at).code(w.fine())
}

func allAtOnce(w *speaker) {
	data := fixedRecords(64, 64)
	at := w.begin(len(data))
	var cs []*conn
	for range 8 {
		c := w.sending(at, 0, len(data))
		c.say("%s", data[:100])
		cs = append(cs, c)
	}
	for _, c := range cs {
		c.Write([]byte(data[100:])) // of one that was ended it may fail
	}
	taken := 0
	for _, c := range cs {
		switch r := w.hear(c, "PATCH"); {
		case r.status/100 == 2:
			taken++
		case r.status != 409:
			w.t.Errorf("answered %d: %.300s", r.status, r.body)
		}
	}
	if taken > 1 {
		w.t.Errorf("%d requests added the same bytes", taken)
	}
	w.rest(at, data)
}

func deletedMeanwhile(w *speaker) {
	before := len(w.files(".parts"))
	data := fixedRecords(64, 64)
	at, c := w.stalled(data, 1000)
	w.within(atOnce, "DELETE and the end of the other", func() {
		w.do("DELETE", at, "").code(204)
		if r := w.hear(c, "PATCH"); r.status != 409 && r.status != 410 {
			w.t.Errorf("the other request is answered %d: %.300s", r.status, r.body)
		}
	})
	w.gone(at)
	w.patch(at, 1000, data[1000:]).code(410)
	if n := len(w.files(".parts")); n != before {
		w.t.Errorf("%d uploads on the disk, want %d", n, before)
	}
}

func stoppedMeanwhile(w *speaker) {
	w = w.own("--stall-timeout", "300ms")
	data := fixedRecords(64, 64)
	at, _ := w.stalled(data, 1000)
	w.restart()
	w.stands(at, 1000)
	w.rest(at, data)
	if strings.Contains(w.log.String(), `"level":"ERROR"`) {
		w.t.Errorf("the server complains:\n%s", w.log)
	}
}

func whileStopping(w *speaker) {
	w = w.own("--stall-timeout", "1s")
	data := fixedRecords(64, 64)
	at, _ := w.stalled(data, 1000) // keeps it from stopping at once
	w.signal(syscall.SIGTERM)
	w.until("it takes no more", func() bool { return w.do("GET", "/readyz", "").status == 503 })
	w.head(at).code(423)
	w.patch(at, 0, data).code(503)
	w.ended()
	w.restart()
	w.rest(at, data)
}

// catalogTrouble has the catalog's table of uploads unreadable for a moment.
func catalogTrouble(w *speaker) {
	onDisk(w.t)
	w = w.own()
	data := fixedRecords(4, 64)
	at := w.begin(len(data))
	w.patch(at, 0, data[:100])
	path := filepath.Join(w.dir, "catalog.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	exec := func(statement string) {
		if _, err := db.Exec(statement); err != nil {
			w.t.Fatal(err)
		}
	}
	var page, size int64
	if err := db.QueryRow("SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE type = 'table' AND name = 'uploads'").Scan(&page, &size); err != nil {
		w.t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	content := make([]byte, size)
	// what is written reaches the server once its connections see a newer commit
	put := func(b []byte) {
		if _, err := f.WriteAt(b, (page-1)*size); err != nil {
			w.t.Fatal(err)
		}
		exec("CREATE TABLE IF NOT EXISTS e2e (n INTEGER)")
		exec("INSERT INTO e2e VALUES (1)")
	}
	exec("PRAGMA wal_checkpoint(TRUNCATE)")
	if _, err := f.ReadAt(content, (page-1)*size); err != nil {
		w.t.Fatal(err)
	}
	put(bytes.Repeat([]byte{0xff}, int(size)))
	if r := w.head(at).code(423).lacks("Upload-Offset"); r.header.Get("Retry-After") == "" {
		w.t.Error("423 does not say when to try again")
	}
	w.patch(at, 100, data[100:]).code(503)
	put(content)
	w.stands(at, 100)
	w.rest(at, data)
}
