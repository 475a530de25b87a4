package catalog

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// AuditRow is a row of the audit log. All its text is safe to print: see SafeText.
type AuditRow struct {
	Number    int64 // from 1, without gaps, in the order of commits
	At        time.Time
	Actor     string // "key:ID", "oidc:SUBJECT", "command:USER", "local", "anonymous", "system"
	Source    string // address, empty where nobody asked
	RequestID string // as X-Request-Id of the answer and request_id of the log
	Project   string // "*": several, or the server itself
	Action    string
	Object    string
	Result    string // "ok", or the code of a refusal
	Detail    string
	Hash      []byte // SHA-256 of the hash of the row before and of Canonical
}

const auditColumns = `number, at, actor, source, request_id, project, action, object, result, detail, hash`

func scanAudit(row scanner) (AuditRow, error) {
	var r AuditRow
	var at int64
	err := row.Scan(&r.Number, &at, &r.Actor, &r.Source, &r.RequestID, &r.Project, &r.Action, &r.Object, &r.Result, &r.Detail, &r.Hash)
	r.At = fromMicros(at)
	return r, err
}

// canonicalForm begins each row's bytes, so that another form can follow it.
const canonicalForm = "freshet audit 1\n"

// Canonical is all of a row but its hash as bytes that no other row has: the
// number and the time in microseconds, 8 bytes each, then every text behind its
// length in 4 bytes, all big-endian. It is a leaf of the tree that is signed.
func (r *AuditRow) Canonical() []byte {
	texts := [...]string{r.Actor, r.Source, r.RequestID, r.Project, r.Action, r.Object, r.Result, r.Detail}
	size := len(canonicalForm) + 16
	for _, t := range texts {
		size += 4 + len(t)
	}
	b := append(make([]byte, 0, size), canonicalForm...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Number))
	b = binary.BigEndian.AppendUint64(b, uint64(micros(r.At)))
	for _, t := range texts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(t)))
		b = append(b, t...)
	}
	return b
}

// Chain is the hash that the row has behind one with that hash, nil before the first.
func (r *AuditRow) Chain(before []byte) []byte {
	h := sha256.New()
	var none [sha256.Size]byte
	if len(before) == 0 {
		before = none[:]
	}
	h.Write(before)
	h.Write(r.Canonical())
	return h.Sum(nil)
}

// What is kept of a text of a row, in bytes.
const (
	mostAuditText   = 1 << 10
	mostAuditDetail = 4 << 10
)

func (r *AuditRow) makeSafe() {
	for _, t := range []*string{&r.Actor, &r.Source, &r.RequestID, &r.Project, &r.Action, &r.Object, &r.Result} {
		*t = SafeText(*t, mostAuditText)
	}
	r.Detail = SafeText(r.Detail, mostAuditDetail)
}

// A secret is what may stand in a text that somebody else chose, and must not be
// kept or shown.
type secret struct {
	hint string
	find *regexp.Regexp
	as   string
}

// credentials are keys, tokens and cookies, the underscore of a key as addresses
// may write it, too.
var credentials = []secret{
	{"fsh", regexp.MustCompile(`fsh(?:_|%(?:25)*5[Ff])[0-9A-Za-z_%-]{13,}`), "fsh_[secret]"},
	{"eyJ", regexp.MustCompile(`eyJ[0-9A-Za-z_-]+\.[0-9A-Za-z_.-]+`), "[token]"},
	{"freshet_session=", regexp.MustCompile(`freshet_session=[^;\s]+`), "freshet_session=[secret]"},
}

// inAddresses are what follows Bearer and Basic, passwords in addresses, and the
// queries of these.
var inAddresses = []secret{
	{"earer ", regexp.MustCompile(`([Bb]earer) +\S+`), "$1 [secret]"},
	{"asic ", regexp.MustCompile(`([Bb]asic) +[0-9A-Za-z+/=]{8,}`), "$1 [secret]"},
	{"://", regexp.MustCompile(`(://)[^/\s@]*@`), "$1[secret]@"},
	{"://", regexp.MustCompile(`(://[^\s?"]*)\?[^\s"]*`), "$1?[query]"},
}

// WithoutCredentials is a text without the keys, tokens and cookies in it, which
// people paste where they do not belong.
func WithoutCredentials(s string) string { return without(s, credentials) }

func without(s string, secrets []secret) string {
	for _, secret := range secrets {
		if strings.Contains(s, secret.hint) {
			s = secret.find.ReplaceAllString(s, secret.as)
		}
	}
	return s
}

// SafeText is a text as the audit log keeps it: what could forge a line or show
// as something else (control, format and separator characters, broken UTF-8) is
// written as \u and four or more digits in braces, a backslash as two, so that no
// two texts look alike; secrets are left out, and it has most bytes at most, with
// how many are missing at its end.
func SafeText(s string, most int) string {
	s = without(without(s, credentials), inAddresses)
	if plainText(s) && len(s) <= most {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		piece := string(r)
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], piece):
			piece = fmt.Sprintf(`\x{%02x}`, s[i])
		case r == '\\':
			piece = `\\`
		case unicode.In(r, unicode.C, unicode.Zl, unicode.Zp):
			piece = fmt.Sprintf(`\u{%04x}`, r)
		}
		if b.Len()+len(piece) > most {
			fmt.Fprintf(&b, `\…%d`, len(s)-i)
			break
		}
		b.WriteString(piece)
	}
	return b.String()
}

func plainText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return true
}
