package rule

import (
	"bytes"
	"fmt"
	"math"
	"strings"
)

// Secret finds keys and passwords.
var Secret = &Rule{Name: "secret", Label: "Key, token or password", Severity: Off, Scope: Content, Scan: scanSecrets, Needs: always, Private: true,
	Doc:  "A value holds a key, a token or a password.\n\nFound by the prefixes that services give their keys, by the head of a private key, and by values that look random next to a name such as api_key, token, secret or password. Findings show no more of it than the prefix.",
	Hint: "revoke it, and take it out of the data"}

// service is who gives keys that begin like this.
type service struct {
	prefix string
	least  int // bytes in all
	most   int
	what   string
}

var services = []service{
	{"AKIA", 20, 20, "an AWS access key"}, {"ASIA", 20, 20, "an AWS access key"},
	{"ghp_", 40, 40, "a GitHub token"}, {"gho_", 40, 40, "a GitHub token"}, {"ghu_", 40, 40, "a GitHub token"}, {"ghs_", 40, 40, "a GitHub token"}, {"ghr_", 40, 90, "a GitHub token"},
	{"github_pat_", 40, 110, "a GitHub token"}, {"glpat-", 26, 60, "a GitLab token"},
	{"sk-ant-", 32, 200, "an Anthropic key"}, {"sk-proj-", 32, 250, "an OpenAI key"}, {"sk-svcacct-", 32, 250, "an OpenAI key"},
	{"sk-or-v1-", 32, 100, "an OpenRouter key"}, {"sk-", 35, 100, "an OpenAI key"},
	{"sk_live_", 24, 150, "a Stripe key"}, {"rk_live_", 24, 150, "a Stripe key"},
	{"xoxb-", 20, 100, "a Slack token"}, {"xoxa-", 20, 100, "a Slack token"}, {"xoxp-", 20, 100, "a Slack token"},
	{"AIza", 39, 39, "a Google API key"}, {"hf_", 37, 37, "a Hugging Face token"}, {"npm_", 40, 40, "an npm token"}, {"pypi-", 50, 250, "a PyPI token"},
}

const shortestRun = 16

// keyByte tells of bytes that keys of services are made of.
var keyByte = func() (t [256]bool) {
	for c := range 256 {
		t[c] = isAlnum(byte(c)) || c == '_' || c == '-'
	}
	return t
}()

func scanSecrets(v *Scanned) {
	p, done := v.Text, 0
	if s, ok := wholeSecret(v); ok {
		v.found(s, "a value that looks random under a name that speaks of a secret")
		return
	}
	for from := 0; ; {
		s, ok := privateKey(p, from)
		if !ok {
			break
		}
		v.found(s, "a private key")
		from = s.To
	}
	// a run of so many bytes has one of them at every such step: most bytes are never looked at
	for i := shortestRun - 1; i < len(p); i += shortestRun {
		if !keyByte[p[i]] {
			continue
		}
		from := i
		for from > done && keyByte[p[from-1]] {
			from--
		}
		to := i + 1
		for to < len(p) && keyByte[p[to]] {
			to++
		}
		done = to
		if to-from < shortestRun {
			continue
		}
		if what := serviceKey(p[from:to]); what != "" {
			v.found(Span{from, to}, what)
		} else if from, to = widened(p, from, to); namedBefore(p, from) && looksRandom(p[from:to]) {
			v.found(Span{from, to}, "a value that looks random after a name that speaks of a secret")
		}
		i = to
	}
}

// serviceKey tells whose key it is, with its prefix.
func serviceKey(run []byte) string {
	for _, s := range services {
		if !bytes.HasPrefix(run, []byte(s.prefix)) || len(run) < s.least || len(run) > s.most {
			continue
		}
		// words with hyphens between begin with sk- as well
		if rest := run[len(s.prefix):]; spread(rest) >= 2.5 && (s.prefix != "sk-" || bytes.IndexByte(rest, '-') < 0) {
			return fmt.Sprintf("%s, %s…", s.what, s.prefix)
		}
	}
	return ""
}

// privateKey finds the head of one at from or behind it; it reaches to its foot or the end.
func privateKey(p []byte, from int) (Span, bool) {
	head := []byte("-----BEGIN ")
	for {
		i := bytes.Index(p[from:], head)
		if i < 0 {
			return Span{}, false
		}
		start := from + i
		from = start + len(head)
		title, _, ok := bytes.Cut(p[from:min(len(p), from+60)], []byte("-----"))
		if !ok || !bytes.HasSuffix(title, []byte("PRIVATE KEY")) && !bytes.HasSuffix(title, []byte("PRIVATE KEY BLOCK")) {
			continue
		}
		end := len(p)
		body := from + len(title) + 5
		if k := bytes.Index(p[body:], []byte("-----END ")); k >= 0 {
			end = body + k
		}
		return Span{start, end}, true
	}
}

// widened takes in what passwords and base64 have besides letters and digits,
// within bounds, as there may be a long row of such runs.
func widened(p []byte, from, to int) (int, int) {
	const most = 256
	first, last := max(0, from-most), min(len(p), to+most)
	for from > first && (keyByte[p[from-1]] || strings.IndexByte("+/.~!@#%^*", p[from-1]) >= 0) {
		from--
	}
	for to < last && (keyByte[p[to]] || strings.IndexByte("+/.~!@#%^*=", p[to]) >= 0) {
		to++
	}
	return from, to
}

// namedBefore tells whether name = or name: comes before p[i:], whatever quotes.
func namedBefore(p []byte, i int) bool {
	assigned := false
	for n := 0; i > 0 && n < 6; n, i = n+1, i-1 {
		switch c := p[i-1]; c {
		case '=', ':':
			assigned = true
			continue
		case ' ', '"', '\'', '\\', '>', '`', '\t':
			continue
		}
		break
	}
	end := i
	for i > 0 && end-i < 64 && keyByte[p[i-1]] {
		i--
	}
	return assigned && namesSecret(p[i:end])
}

// wholeSecret is the whole value where its name speaks of a secret.
func wholeSecret(v *Scanned) (Span, bool) {
	if n := len(v.Text); n < 12 || n > 512 || !namesSecret(v.Name) {
		return Span{}, false
	}
	return Span{0, len(v.Text)}, looksRandom(v.Text)
}

var secretWords = bytes.Fields([]byte("key apikey token secret password passwd passphrase pwd credential credentials"))

// namesSecret tells whether a word of the name does: api_key, apiKey, API-KEY.
func namesSecret(name []byte) bool {
	if len(name) < 3 || len(name) > 64 {
		return false
	}
	from := 0
	for i := 0; i <= len(name); i++ {
		if i < len(name) && isAlnum(name[i]) && !(i > from && isUpper(name[i]) && !isUpper(name[i-1])) {
			continue
		}
		for _, w := range secretWords {
			if len(w) == i-from && bytes.EqualFold(name[from:i], w) {
				return true
			}
		}
		if from = i; i < len(name) && !isAlnum(name[i]) {
			from++
		}
	}
	return false
}

// looksRandom tells of text without blanks, of letters and digits, in which
// hardly any byte comes often. UUIDs are names rather than secrets.
func looksRandom(p []byte) bool {
	digits := 0
	for _, c := range p {
		if c <= ' ' || c >= 127 {
			return false
		}
		if isDigit(c) {
			digits++
		}
	}
	return digits >= 2 && spread(p) >= 3 && !isUUID(p)
}

// spread is the entropy of the bytes, in bits a byte; 0 where they are not
// letters and digits both.
func spread(p []byte) float64 {
	var count [256]int
	letters, digits := false, false
	for _, c := range p {
		digits = digits || isDigit(c)
		letters = letters || isUpper(c&^0x20)
		count[c]++
	}
	if !letters || !digits {
		return 0
	}
	bits, n := 0.0, float64(len(p))
	for _, k := range count {
		if k > 0 {
			bits -= float64(k) / n * math.Log2(float64(k)/n)
		}
	}
	return bits
}

func isUUID(p []byte) bool {
	if len(p) != 36 {
		return false
	}
	for i, c := range p {
		if (i == 8 || i == 13 || i == 18 || i == 23) != (c == '-') {
			return false
		}
	}
	return true
}
