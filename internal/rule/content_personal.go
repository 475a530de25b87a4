package rule

import (
	"bytes"
	"fmt"
)

// Email finds addresses of people.
var Email = &Rule{Name: "email", Label: "E-mail address", Severity: Off, Scope: Content, Scan: scanEmails, Needs: hasAt, Private: true,
	Doc: "A value holds an e-mail address.\n\nThose of the domains example.com, example.org, example.net and of .example, .test and .invalid belong to nobody and are not told.", Hint: "remove it, or put an address of example.com in its place"}

const (
	longestLocal  = 64
	longestDomain = 255
)

func scanEmails(v *Scanned) {
	p := v.Text
	for at, done := 0, 0; ; {
		k := bytes.IndexByte(p[at:], '@')
		if k < 0 {
			return
		}
		at += k
		from := at
		for from > done && at-from < longestLocal && localByte(p[from-1]) {
			from--
		}
		for from < at && p[from] == '.' {
			from++
		}
		to := at + 1
		for to < len(p) && to-at < longestDomain && (isAlnum(p[to]) || p[to] == '.' || p[to] == '-') {
			to++
		}
		for to > at && !isAlnum(p[to-1]) {
			to--
		}
		if to > at && from < at && p[at-1] != '.' && isDomain(p[at+1:to]) {
			v.found(Span{from, to}, "an e-mail address")
			done = to
		}
		at++
	}
}

func localByte(c byte) bool { return isAlnum(c) || bytes.IndexByte([]byte("._%+-"), c) >= 0 }

// isDomain tells of a name with a top level of letters that people may have.
func isDomain(d []byte) bool {
	labels := bytes.Split(bytes.ToLower(d), []byte("."))
	if len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if len(l) == 0 || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	top := string(labels[len(labels)-1])
	if len(top) < 2 || bytes.ContainsAny([]byte(top), "0123456789") {
		return false
	}
	second := string(labels[len(labels)-2])
	reserved := second == "example" && (top == "com" || top == "org" || top == "net")
	return !reserved && top != "example" && top != "test" && top != "invalid"
}

// USSSN finds social security numbers of the United States.
var USSSN = &Rule{Name: "us-ssn", Label: "US social security number", Severity: Off, Scope: Content, Scan: scanSSN, Needs: hasDigit, Private: true,
	Doc: "A value holds a social security number of the United States.\n\nWritten 123-45-6789; numbers that were never given (000, 666 and 9xx in front, 00 in the middle, 0000 at the end) are not told.", Hint: "remove it"}

func scanSSN(v *Scanned) {
	const shape = "ddd-dd-dddd"
	p := v.Text
	for i := 0; i+len(shape) <= len(p); i++ {
		if p[i+3] != '-' { // rarely one
			continue
		}
		s := p[i : i+len(shape)]
		fits := true
		for k := range shape {
			fits = fits && (shape[k] == '-' && s[k] == '-' || shape[k] == 'd' && isDigit(s[k]))
		}
		b, a := before(p, i), after(p, i+len(shape))
		if !fits || isAlnum(b) || b == '-' || isAlnum(a) || a == '-' {
			continue
		}
		area, group, serial := string(s[:3]), string(s[4:6]), string(s[7:])
		if area != "000" && area != "666" && area[0] != '9' && group != "00" && serial != "0000" {
			v.found(Span{i, i + len(shape)}, "a US social security number")
		}
	}
}

// CardNumber finds numbers of payment cards.
var CardNumber = &Rule{Name: "card-number", Label: "Payment card number", Severity: Off, Scope: Content, Scan: scanCards, Needs: hasDigit, Private: true,
	Doc: "A value holds the number of a payment card.\n\n13 to 19 digits that begin as cards do and pass the Luhn check, in one piece or in the groups that are printed on cards, with blanks or hyphens between.", Hint: "remove it"}

func scanCards(v *Scanned) {
	p := v.Text
	for i := 0; i < len(p); i++ {
		if !isDigit(p[i]) {
			continue
		}
		r := readGroups(p, i)
		end := r.end
		b, a := before(p, i), after(p, end)
		alone := !isAlnum(b) && b != '.' && b != '-' && b != '_' && !isAlnum(a) && a != '_' && !((a == '.' || a == '-' || a == ' ') && isDigit(after(p, end+1)))
		if alone && r.likeACard() && isCard(r.digits[:r.n]) {
			v.found(Span{i, end}, fmt.Sprintf("a payment card's number, of %d digits", r.n))
			i = end - 1
			continue
		}
		for i+1 < len(p) && isDigit(p[i+1]) {
			i++
		}
	}
}

// grouped is digits as they were read, in groups.
type grouped struct {
	digits [20]byte
	n      int
	groups [5]int
	count  int
	end    int
}

// readGroups reads digits from p[i], in groups with one kind of byte between.
func readGroups(p []byte, i int) (r grouped) {
	sep := byte(0)
	for {
		for i < len(p) && isDigit(p[i]) && r.n < len(r.digits) {
			r.digits[r.n] = p[i]
			r.n++
			r.groups[r.count]++
			i++
		}
		r.count++
		c := after(p, i)
		if c != ' ' && c != '-' || sep != 0 && c != sep || !isDigit(after(p, i+1)) || r.count == len(r.groups) {
			r.end = i
			return r
		}
		sep = c
		i++
	}
}

// likeACard tells of groups that are printed on cards, or one.
func (r *grouped) likeACard() bool {
	g := r.groups
	switch r.count {
	case 1:
		return r.n >= 13 && r.n <= 19
	case 3:
		return g[0] == 4 && g[1] == 6 && (g[2] == 4 || g[2] == 5)
	case 4:
		return g[0] == 4 && g[1] == 4 && g[2] == 4 && g[3] <= 4
	case 5:
		return r.n == 19 && g[0] == 4 && g[1] == 4 && g[2] == 4 && g[3] == 4
	}
	return false
}

func isCard(d []byte) bool {
	if d[0] < '2' || d[0] > '6' || d[0] == '2' && (string(d[:4]) < "2221" || string(d[:4]) > "2720") {
		return false
	}
	sum, same := 0, true
	for i := range d {
		n := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
		same = same && d[i] == d[0]
	}
	return sum%10 == 0 && !same
}
