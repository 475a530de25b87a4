package deploy_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// exported is what a server that did some work tells Prometheus: for each
// metric its labels, with the values that were there.
type exported map[string]map[string][]string

// alert is a rule of prometheus/alerts.yaml.
type alert struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

// The dashboard and the alerts ask for what the server has: every metric, every
// label, and every value of those labels that the program alone decides.
func TestDashboardAndAlertsNameWhatExists(t *testing.T) {
	_, addr := serve(t, t.TempDir())
	base := "http://" + addr
	have := work(t, base)
	for where, expr := range expressions(t) {
		t.Run(where, func(t *testing.T) { have.covers(t, base, expr) })
	}
}

// Every alert has a severity, says what is the matter, and is explained.
func TestAlertsAreExplained(t *testing.T) {
	guide, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range alerts(t) {
		if !slices.Contains([]string{"page", "ticket"}, a.Labels["severity"]) || a.Annotations["summary"] == "" {
			t.Errorf("%s needs a severity, page or ticket, and a summary", a.Alert)
		}
		if !bytes.Contains(guide, []byte("### "+a.Alert+"\n")) {
			t.Errorf("docs/operations.md does not say what to do about %s", a.Alert)
		}
	}
}

// work has a server take a file in each way that metrics tell apart, and refuse
// one, and gives what it exports then.
func work(t *testing.T, base string) exported {
	t.Helper()
	c := &through{t: t, ctx: t.Context(), base: base}
	id := c.send(bytes.NewReader(records("metrics", 1<<20)), "metrics.jsonl", -1)
	c.get(api + "/upload-progress/" + id)
	var u struct {
		ID string `json:"upload_id"`
	}
	ask(t, http.MethodPost, base+api+"/uploads", "application/json", `{"file_name":"a.jsonl","file_size":13}`, http.StatusCreated, &u)
	ask(t, http.MethodPut, base+api+"/uploads/"+u.ID+"/parts/1", "", `{"text":"one"`, http.StatusOK, nil)
	ask(t, http.MethodPost, base+api+"/upload-large-file", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"validation_rules\"\r\n\r\n{\"no\":1}\r\n--x--\r\n", http.StatusUnprocessableEntity, nil)

	text, err := io.ReadAll(c.get("/metrics").Body)
	if err != nil {
		t.Fatal(err)
	}
	have := exported{}
	for _, m := range regexp.MustCompile(`(?m)^([a-z]\w*)(?:\{(.*)\})? \S+$`).FindAllStringSubmatch(string(text), -1) {
		if have[m[1]] == nil {
			have[m[1]] = map[string][]string{}
		}
		for _, l := range regexp.MustCompile(`(\w+)="([^"]*)"`).FindAllStringSubmatch(m[2], -1) {
			have[m[1]][l[1]] = append(have[m[1]][l[1]], l[2])
		}
	}
	if len(have) < 30 {
		t.Fatalf("%d metrics were read of:\n%s", len(have), text)
	}
	return have
}

var (
	selector = regexp.MustCompile(`([a-zA-Z_]\w*)\s*\{((?:[^"}]|"[^"]*")*)\}`)
	matcher  = regexp.MustCompile(`(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"`)
	grouping = regexp.MustCompile(`\b(?:by|without|on|ignoring)\s*\(([^)]*)\)`)
	noise    = regexp.MustCompile(`\[[^]]*\]|\b\d[\w.]*`)
	word     = regexp.MustCompile(`([a-zA-Z_]\w*)\s*(\(?)`)
)

// covers fails unless all that an expression of PromQL names is there. That the
// expression is well formed is not looked at.
func (have exported) covers(t *testing.T, base, expr string) {
	labels := map[string]bool{"instance": true, "job": true}
	rest := selector.ReplaceAllStringFunc(expr, func(s string) string {
		m := selector.FindStringSubmatch(s)
		for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
			have.matches(t, base, m[1], l[1], l[2], l[3])
		}
		return m[1] + " "
	})
	groups := grouping.FindAllStringSubmatch(rest, -1)
	rest = noise.ReplaceAllString(grouping.ReplaceAllString(rest, " "), " ")
	metrics := 0
	for _, w := range word.FindAllStringSubmatch(rest, -1) {
		if w[2] == "(" || slices.Contains([]string{"and", "or", "unless", "bool"}, w[1]) {
			continue
		}
		metrics++
		if w[1] == "up" { // Prometheus' own
			continue
		}
		if have[w[1]] == nil {
			t.Errorf("the server does not export %s", w[1])
		}
		for l := range have[w[1]] {
			labels[l] = true
		}
	}
	if metrics == 0 {
		t.Errorf("no metric in %s", expr)
	}
	for _, g := range groups {
		for l := range strings.SplitSeq(g[1], ",") {
			if l = strings.TrimSpace(l); !labels[l] {
				t.Errorf("nothing in %s has the label %s", expr, l)
			}
		}
	}
}

// matches fails unless a metric has a label and, where only the program decides
// on its values, this one.
func (have exported) matches(t *testing.T, base, metric, label, op, value string) {
	if label == "instance" || label == "job" {
		return
	}
	values, ok := have[metric][label]
	switch {
	case !ok:
		t.Errorf("%s has no label %s", metric, label)
	case label == "status" && metric != "freshet_http_request_duration_seconds_count":
		for status := range strings.SplitSeq(value, "|") {
			ask(t, http.MethodGet, base+api+"/staged-files?status="+status, "", "", http.StatusOK, nil)
		}
	case label == "status":
		if !regexp.MustCompile(`^[1-5]\d\d(\|[1-5]\d\d)*$`).MatchString(value) {
			t.Errorf("%q is not a status of HTTP", value)
		}
	case op == "=" && !slices.Contains(values, value):
		t.Errorf("%s never has %s=%q, but %q", metric, label, value, slices.Compact(slices.Sorted(slices.Values(values))))
	}
}

func alerts(t *testing.T) []alert {
	t.Helper()
	b, err := os.ReadFile("prometheus/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string
			Rules []alert
		}
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if len(file.Groups) != 1 || len(file.Groups[0].Rules) == 0 {
		t.Fatal("there are no alerts")
	}
	return file.Groups[0].Rules
}

// expressions gives those of alerts and panels, by where they are.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, a := range alerts(t) {
		out[a.Alert] = a.Expr
	}
	b, err := os.ReadFile("grafana/freshet.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			ID      int
			Type    string
			Title   string
			Targets []struct{ RefID, Expr string }
		}
		Templating struct {
			List []struct{ Name, Definition string }
		}
	}
	if err := json.Unmarshal(b, &board); err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] {
			t.Errorf("two panels have the id %d", p.ID)
		}
		ids[p.ID] = true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("the panel %q asks for nothing", p.Title)
		}
		for _, q := range p.Targets {
			out[p.Title+" "+q.RefID] = q.Expr
		}
	}
	for _, v := range board.Templating.List {
		if m := regexp.MustCompile(`^label_values\((\w+), \w+\)$`).FindStringSubmatch(v.Definition); m != nil {
			out["variable "+v.Name] = m[1]
		}
	}
	return out
}

// ask sends a request, wants a status, and decodes the answer.
func ask(t *testing.T, method, url, contentType, body string, status int, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		t.Fatalf("%s %s: %s, %v, want %d\n%s", method, url, res.Status, err, status, b)
	}
	if into != nil {
		if err := json.Unmarshal(b, into); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
	}
}
