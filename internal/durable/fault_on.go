//go:build faults

package durable

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Tests tell by the file that FRESHET_FAULTS names what is to go wrong:
//
//	OP N MODE   the Nth OP from now on is hit; MODE is error-before, error-after,
//	            kill-before or kill-after
//	count PATH  nothing is hit; each step is written to PATH as OP N, in turn
//
// The count begins anew whenever the content changes. What is hit is said on
// standard error.
var faults struct {
	sync.Mutex
	order string
	count map[string]int
}

// step does a durable step, unless it is hit: before it takes effect, or after,
// by an error or by the end of the process.
func step(op string, do func() error) error {
	what, when := fault(op)
	if when == "before" {
		return strike(op, what)
	}
	err := do()
	if when == "after" && (err == nil || what == "kill") {
		return strike(op, what)
	}
	return err
}

// fault counts a step and tells how it is hit, if it is.
func fault(op string) (what, when string) {
	path := os.Getenv("FRESHET_FAULTS")
	if path == "" {
		return "", ""
	}
	faults.Lock()
	defer faults.Unlock()
	b, err := os.ReadFile(path)
	if err != nil { // none are wanted
		b = nil
	}
	if order := string(b); order != faults.order || faults.count == nil {
		faults.order, faults.count = order, map[string]int{}
	}
	faults.count[op]++
	words := strings.Fields(faults.order)
	switch {
	case len(words) == 2 && words[0] == "count":
		note(words[1], op, faults.count[op])
	case len(words) == 3 && words[0] == op && words[1] == strconv.Itoa(faults.count[op]):
		fmt.Fprintf(os.Stderr, "fault: %s\n", faults.order)
		what, when, _ = strings.Cut(words[2], "-")
	}
	return what, when
}

// note adds a step to the list.
func note(path, op string, n int) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err == nil {
		_, err = fmt.Fprintf(f, "%s %d\n", op, n)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		panic(err)
	}
}

// strike is the fault.
func strike(op, what string) error {
	if what != "kill" {
		return fmt.Errorf("%s: a fault on demand: %w", op, syscall.EIO)
	}
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {} // it ends here
}
