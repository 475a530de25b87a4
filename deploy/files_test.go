package deploy_test

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"freshet/internal/config"

	"gopkg.in/yaml.v3"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// documents gives those of a YAML file.
func documents(t *testing.T, path string) (docs []map[string]any) {
	t.Helper()
	for d := yaml.NewDecoder(strings.NewReader(read(t, path))); ; {
		var v map[string]any
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			return docs
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		docs = append(docs, v)
	}
}

// at follows keys and indices into what a YAML file holds; nil where there is nothing.
func at(v any, path ...any) any {
	for _, p := range path {
		switch c := v.(type) {
		case map[string]any:
			v = c[p.(string)]
		case []any:
			v = c[p.(int)]
		default:
			return nil
		}
	}
	return v
}

// Every FRESHET_ variable that a file here sets is a setting of the server, or
// what the command line reads.
func TestVariablesAreSettings(t *testing.T) {
	known := []string{"FRESHET_KEY", "FRESHET_SERVER", "FRESHET_CONFIG", "FRESHET_CA_FILE"}
	for f := range reflect.TypeFor[config.Config]().Fields() {
		known = append(known, f.Tag.Get("env"))
	}
	// of compose.yaml itself
	known = append(known, "FRESHET_SITE", "FRESHET_S3_SECRET")
	seen := 0
	for _, pattern := range []string{"*.yaml", ".env.example", "Dockerfile", "systemd/*", "kubernetes/*/*", "kubernetes/*/*/*", "proxy/*", "../docs/operations.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: no files, %v", pattern, err)
		}
		for _, path := range paths {
			if info, err := os.Stat(path); err != nil || info.IsDir() {
				continue
			}
			for _, name := range regexp.MustCompile(`FRESHET_[A-Z0-9_]+`).FindAllString(read(t, path), -1) {
				seen++
				if !slices.Contains(known, name) {
					t.Errorf("%s: %s is not a setting", path, name)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d variables were seen", seen)
	}
}

// The image is built from what it copies, by the flags of the Makefile.
func TestDockerfileHasAllSources(t *testing.T) {
	file := read(t, "Dockerfile")
	var copied []string
	for _, m := range regexp.MustCompile(`(?m)^COPY ([a-z]\S*(?: \S+)*) \S+$`).FindAllStringSubmatch(file, -1) {
		for _, src := range strings.Fields(m[1]) {
			if _, err := os.Stat(filepath.Join("..", src)); err != nil {
				t.Errorf("the Dockerfile copies what is not there: %v", err)
			}
			copied = append(copied, strings.TrimSuffix(src, "/"))
		}
	}
	ignore := strings.Fields(read(t, "Dockerfile.dockerignore"))
	for _, src := range copied {
		if !slices.Contains(ignore, "!"+src) {
			t.Errorf("%s is copied, and ignored", src)
		}
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.Dir}}{{end}}", "../cmd/freshet").Output()
	if err != nil {
		t.Fatal(err)
	}
	ours := 0
	for dir := range strings.FieldsSeq(string(out)) {
		rel, err := filepath.Rel(root, dir)
		if err != nil || strings.HasPrefix(rel, "..") {
			continue
		}
		ours++
		if top, _, _ := strings.Cut(filepath.ToSlash(rel), "/"); !slices.Contains(copied, top) {
			t.Errorf("the program needs %s, which the Dockerfile does not copy", rel)
		}
	}
	if ours < 10 {
		t.Errorf("only %d packages of ours were seen", ours)
	}
	makefile := read(t, "../Makefile")
	for _, flag := range regexp.MustCompile(`GOEXPERIMENT \?= (\S+)|CGO_ENABLED \?= (\S+)`).FindAllStringSubmatch(makefile, -1) {
		name, _, _ := strings.Cut(flag[0], " ")
		if setting := name + "=" + flag[1] + flag[2]; !strings.Contains(file, setting) {
			t.Errorf("the Makefile builds with %s, the Dockerfile does not", setting)
		}
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))[1]
	if !strings.Contains(file, "golang:"+version+"-") {
		t.Errorf("go.mod has Go %s, the Dockerfile does not", version)
	}
}

// What compose.yaml names is there: variables, files, services to wait for.
func TestComposeFile(t *testing.T) {
	text, example := read(t, "compose.yaml"), read(t, ".env.example")
	for _, m := range regexp.MustCompile(`[^$]\$\{(\w+)`).FindAllStringSubmatch(text, -1) {
		if !regexp.MustCompile(`(?m)^#?` + m[1] + `=`).MatchString(example) {
			t.Errorf(".env.example does not have %s", m[1])
		}
	}
	file := documents(t, "compose.yaml")[0]
	services := file["services"].(map[string]any)
	for name, s := range services {
		for of, need := range asMap(at(s, "depends_on")) {
			other, ok := services[of]
			switch condition := at(need, "condition"); {
			case !ok:
				t.Errorf("%s waits for %s, which is not there", name, of)
			case condition == "service_healthy" && at(other, "healthcheck") == nil:
				t.Errorf("%s waits for the health of %s, which does not tell", name, of)
			}
		}
		volumes, _ := at(s, "volumes").([]any)
		for _, v := range volumes {
			src, _, _ := strings.Cut(v.(string), ":")
			_, named := asMap(file["volumes"])[src]
			if _, err := os.Stat(src); !named && err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	proxy, _ := at(services["proxy"], "networks", "default", "ipv4_address").(string)
	subnet, _ := at(file["networks"], "default", "ipam", "config", 0, "subnet").(string)
	dynamic, _ := at(file["networks"], "default", "ipam", "config", 0, "ip_range").(string)
	address, err := netip.ParseAddr(proxy)
	if err != nil || !netip.MustParsePrefix(subnet).Contains(address) || netip.MustParsePrefix(dynamic).Contains(address) {
		t.Errorf("the proxy is at %q, %v, in %s without %s", proxy, err, subnet, dynamic)
	}
	for _, node := range []string{"freshet-1", "freshet-2"} {
		if got := at(services[node], "environment", "FRESHET_BEHIND_PROXY"); got != proxy {
			t.Errorf("%s is behind %v, the proxy is at %s", node, got, proxy)
		}
		grace, err := time.ParseDuration(at(services[node], "stop_grace_period").(string))
		if err != nil || grace < 45*time.Second {
			t.Errorf("%s is killed after %v, %v; draining takes 30 s", node, grace, err)
		}
		if !strings.Contains(read(t, "proxy/Caddyfile"), node+":8002") || !strings.Contains(read(t, "proxy/nginx.conf"), node+":8002") {
			t.Errorf("a proxy does not know %s", node)
		}
		test := at(services[node], "healthcheck", "test").([]any)
		probes(t, test[2].(string))
	}
}

// probes fails unless a verb of the program tells a server that works from none.
func probes(t *testing.T, verb string) {
	t.Helper()
	_, addr := serve(t, t.TempDir(), "--bootstrap-key", strings.Repeat("k", 32))
	for server, want := range map[string]int{"http://" + addr: 0, "http://" + freeAddress(t): 4} {
		cmd := exec.Command(binary, verb)
		cmd.Env = clean("FRESHET_SERVER="+server, "FRESHET_KEY="+strings.Repeat("k", 32))
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != want {
			t.Errorf("freshet %s on %s: %v, want exit code %d\n%s", verb, server, err, want, out)
		}
	}
}

func asMap(v any) map[string]any { m, _ := v.(map[string]any); return m }

// The manifests fit together: what one names another defines, the pods' port
// and probes are those of the server.
func TestManifestsFitTogether(t *testing.T) {
	objects := map[string]map[string]any{}
	const base = "kubernetes/base"
	k := documents(t, base+"/kustomization.yaml")[0]
	for _, name := range k["resources"].([]any) {
		for _, d := range documents(t, filepath.Join(base, name.(string))) {
			objects[d["kind"].(string)] = d
		}
	}
	found, err := filepath.Glob(base + "/*")
	if err != nil || len(found) != len(k["resources"].([]any))+2 { // the kustomization, settings.env
		t.Errorf("%d files, %v: one is not among the resources", len(found), err)
	}
	spec := at(objects["Deployment"], "spec", "template", "spec")
	pod := at(spec, "containers", 0)
	port := at(pod, "ports", 0)
	if got := at(objects["Service"], "spec", "ports", 0, "targetPort"); got != at(port, "name") {
		t.Errorf("the service sends to %v, the pod listens on %v", got, port)
	}
	settings := read(t, base+"/settings.env")
	if !strings.Contains(settings, "FRESHET_LISTEN=0.0.0.0:8002\n") || at(port, "containerPort") != 8002 {
		t.Errorf("the pod listens elsewhere than at port %v", at(port, "containerPort"))
	}
	if !strings.Contains(settings, "FRESHET_DATA_DIR="+at(pod, "volumeMounts", 0, "mountPath").(string)+"\n") {
		t.Error("the data directory is not on the scratch volume, and all else is read-only")
	}
	if got := at(objects["Ingress"], "spec", "rules", 0, "http", "paths", 0, "backend", "service", "name"); got != at(objects["Service"], "metadata", "name") {
		t.Errorf("the ingress sends to %v", got)
	}
	if at(spec, "serviceAccountName") != at(objects["ServiceAccount"], "metadata", "name") {
		t.Error("the pod's account is not there")
	}
	if grace := at(spec, "terminationGracePeriodSeconds").(int); grace < 45 {
		t.Errorf("a pod is killed after %d s; draining takes 30 s", grace)
	}
	_, addr := serve(t, t.TempDir())
	for _, probe := range []string{"startupProbe", "readinessProbe", "livenessProbe"} {
		reachable(t, "http://"+addr+at(pod, probe, "httpGet", "path").(string))
	}

	const overlay = "kubernetes/overlays/example"
	o := documents(t, overlay+"/kustomization.yaml")[0]
	for i, kind := range []string{"configMapRef", "secretRef"} {
		name := at(pod, "envFrom", i, kind, "name")
		if name == nil || name != at(o, []string{"configMapGenerator", "secretGenerator"}[i], 0, "name") {
			t.Errorf("the pod reads %s %v, which the overlay does not make", kind, name)
		}
	}
	for _, name := range []string{"namespace.yaml", at(o, "patches", 0, "path").(string), at(o, "secretGenerator", 0, "envs", 0).(string) + ".example"} {
		if _, err := os.Stat(filepath.Join(overlay, name)); err != nil {
			t.Error(err)
		}
	}
	for _, setting := range []string{"FRESHET_CATALOG=", "FRESHET_BOOTSTRAP_KEY=", "AWS_SECRET_ACCESS_KEY="} {
		if !strings.Contains(read(t, overlay+"/secret.env.example"), "\n"+setting) && !strings.HasPrefix(read(t, overlay+"/secret.env.example"), setting) {
			t.Errorf("the secret's example has no %s", setting)
		}
	}
	holds(t, settings, at(pod, "resources", "limits", "memory"))
	patch := documents(t, overlay+"/"+at(o, "patches", 0, "path").(string))[0]
	holds(t, at(o, "configMapGenerator", 0, "literals", 1).(string), at(patch, "spec", "template", "spec", "containers", 0, "resources", "limits", "memory"))
}

// holds fails unless a limit of memory has room for the budget in settings, the
// 64 MiB that the program aims at beside it, and as much again.
func holds(t *testing.T, settings string, limit any) {
	t.Helper()
	m := regexp.MustCompile(`FRESHET_MEMORY_BUDGET=(\S+)`).FindStringSubmatch(settings)
	var budget, most config.Size
	if m == nil || budget.UnmarshalText([]byte(m[1])) != nil || most.UnmarshalText([]byte(limit.(string)+"B")) != nil || most < budget+128<<20 {
		t.Errorf("a limit of %v has no room for a budget of %v and 128 MiB", limit, budget)
	}
}

// The unit runs the program as it is called, and waits for it to drain.
func TestUnit(t *testing.T) {
	unit := read(t, "systemd/freshet.service")
	value := func(key string) string {
		m := regexp.MustCompile(`(?m)^` + key + `=(.*)$`).FindStringSubmatch(unit)
		if m == nil {
			t.Fatalf("the unit has no %s", key)
		}
		return m[1]
	}
	program, verb, _ := strings.Cut(value("ExecStart"), " ")
	if filepath.Base(program) != "freshet" || exec.Command(binary, verb, "--help").Run() != nil {
		t.Errorf("ExecStart=%s is not a command", value("ExecStart"))
	}
	if stop, err := time.ParseDuration(value("TimeoutStopSec") + "s"); err != nil || stop < 45*time.Second {
		t.Errorf("the server is killed after %v, %v; draining takes 30 s", stop, err)
	}
	if value("Environment") != "FRESHET_DATA_DIR=/var/lib/"+value("StateDirectory") {
		t.Error("the data directory is not the one that may be written to")
	}
	if !strings.HasPrefix(read(t, "systemd/freshet.sysusers"), "u "+value("User")+" ") {
		t.Errorf("the user %s is not made", value("User"))
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		return // only Linux with systemd can say more
	}
	path := filepath.Join(t.TempDir(), "freshet.service")
	if err := os.WriteFile(path, bytes.ReplaceAll([]byte(unit), []byte(program), []byte(binary)), 0o644); err != nil {
		t.Fatal(err)
	}
	// other units of this machine may have faults of their own
	if out, err := exec.Command("systemd-analyze", "verify", path).CombinedOutput(); err != nil || bytes.Contains(out, []byte("freshet.service:")) {
		t.Errorf("systemd-analyze: %v\n%s", err, out)
	}
}

// What containers start with is enough to listen beyond loopback, and the image
// alone says what it lacks, and goes by each way that is documented for it.
func TestContainersListen(t *testing.T) {
	start := func(env ...string) (string, int) {
		cmd := exec.Command(binary, "serve")
		cmd.Env = clean(append([]string{"FRESHET_LISTEN=0.0.0.0:0", "FRESHET_DATA_DIR=" + t.TempDir()}, env...)...)
		var out syncBuffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		over := make(chan struct{})
		go func() { cmd.Wait(); close(over) }()
		for end := time.Now().Add(patience); !strings.Contains(out.String(), `"msg":"ready"`) && time.Now().Before(end); time.Sleep(15 * time.Millisecond) {
			select {
			case <-over:
				return out.String(), cmd.ProcessState.ExitCode()
			default:
			}
		}
		cmd.Process.Signal(syscall.SIGTERM)
		<-over
		return out.String(), cmd.ProcessState.ExitCode()
	}
	key := "FRESHET_BOOTSTRAP_KEY=" + strings.Repeat("k", 32)
	if !strings.Contains(read(t, "Dockerfile"), "FRESHET_LISTEN=0.0.0.0:8002") {
		t.Fatal("the image listens elsewhere")
	}
	if out, code := start(key); code != 2 || !strings.Contains(out, "--behind-proxy") || !strings.Contains(out, "--tls-cert") {
		t.Errorf("without TLS and proxy: exit code %d\n%s", code, out)
	}
	compose := at(documents(t, "compose.yaml")[0], "services", "freshet-1", "environment", "FRESHET_BEHIND_PROXY").(string)
	kubernetes := regexp.MustCompile(`(?m)^FRESHET_BEHIND_PROXY=(.*)$`).FindStringSubmatch(read(t, "kubernetes/base/settings.env"))
	for _, behind := range []string{"none", compose, kubernetes[1]} {
		if out, code := start(key, "FRESHET_BEHIND_PROXY="+behind); code != 0 || !strings.Contains(out, `"msg":"ready"`) {
			t.Errorf("behind %s: exit code %d\n%s", behind, code, out)
		}
	}
}

// syncBuffer takes what a program says while others read it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }
