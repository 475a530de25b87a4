package main

import (
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// modules are the Go modules in a binary, and Go itself.
func modules(binary, root string) (version string, all []component, err error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return "", nil, fmt.Errorf("%w; make build makes it", err)
	}
	list := exec.Command("go", "list", "-m", "-f", "{{.Path}}\t{{.Dir}}")
	for _, m := range info.Deps {
		list.Args = append(list.Args, m.Path)
	}
	list.Dir, list.Stderr = root, os.Stderr
	out, err := list.Output()
	if err != nil {
		return "", nil, fmt.Errorf("go list -m: %w", err)
	}
	dirs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		dirs[name] = dir
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := component{Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + m.Path + "@" + m.Version, Hash: digest("SHA-256", "h1:", m.Sum), From: "Go module"}
		if c.Licences, c.Text, err = licenceOf(dirs[m.Path]); err != nil {
			return "", nil, fmt.Errorf("%s: %w", m.Path, err)
		}
		all = append(all, c)
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", nil, fmt.Errorf("go env: %w", err)
	}
	std := component{Name: "std", Version: info.GoVersion, PURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"), From: "Go's standard library"}
	if std.Licences, std.Text, err = licenceOf(strings.TrimSpace(string(goroot))); err != nil {
		return "", nil, err
	}
	said, err := os.ReadFile(filepath.Join(root, "cmd", "freshet", "main.go"))
	if err != nil {
		return "", nil, err
	}
	m := regexp.MustCompile(`(?m)^var version = "(.*)"`).FindSubmatch(said)
	if m == nil {
		return "", nil, errors.New("cmd/freshet/main.go has no version")
	}
	return string(m[1]), append(all, std), nil
}

// locked is an entry of package-lock.json.
type locked struct {
	Version      string            `json:"version"`
	License      string            `json:"license"`
	Integrity    string            `json:"integrity"`
	Resolved     string            `json:"resolved"`
	Link         bool              `json:"link"`
	Dependencies map[string]string `json:"dependencies"`
}

// packages are those of npm that the console's pages are built from: what it
// depends on, and what that does. Some are left out of the pages by the bundler.
func packages(web string) (all []component, err error) {
	b, err := os.ReadFile(filepath.Join(web, "package-lock.json"))
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]locked `json:"packages"`
	}
	if err := json.Unmarshal(b, &lock); err != nil {
		return nil, fmt.Errorf("package-lock.json: %w", err)
	}
	seen := map[string]bool{}
	var visit func(at string) error
	need := func(from, name string) error {
		// as Node looks for it: beside, then further up
		for dir := from; ; dir = path.Dir(dir) {
			at := path.Join(dir, "node_modules", name)
			if p, ok := lock.Packages[at]; ok {
				if p.Link {
					at = p.Resolved
				}
				return visit(at)
			}
			if dir == "." {
				return fmt.Errorf("package-lock.json: %s needs %s, which is not there", from, name)
			}
		}
	}
	visit = func(at string) error {
		if seen[at] {
			return nil
		}
		seen[at] = true
		p, ok := lock.Packages[at]
		if !ok {
			return fmt.Errorf("package-lock.json has no %s", at)
		}
		if i := strings.LastIndex(at, "node_modules/"); i >= 0 {
			name := at[i+len("node_modules/"):]
			c := component{Name: name, Version: p.Version, PURL: "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + p.Version, Hash: digest("SHA-512", "sha512-", p.Integrity), From: "the console's pages"}
			if p.License != "" {
				c.Licences = []string{p.License}
			}
			if _, text, err := licenceOf(filepath.Join(web, filepath.FromSlash(at))); err == nil { // it may not be installed
				c.Text = text
			}
			all = append(all, c)
		}
		for name := range p.Dependencies {
			if err := need(at, name); err != nil {
				return err
			}
		}
		return nil
	}
	if err := visit("console"); err != nil {
		return nil, err
	}
	return all, need("console", "tailwindcss") // its styles are in the pages, though it runs at build time only
}

// swagger is the reader of the API's document, which is kept in the repository.
func swagger(dir string) (component, error) {
	c := component{Name: "swagger-ui-dist", From: "kept in internal/httpapi/docs"}
	b, err := os.ReadFile(filepath.Join(dir, "docs.go"))
	if err != nil {
		return c, err
	}
	m := regexp.MustCompile(`swagger-ui-dist (\d+\.\d+\.\d+)`).FindSubmatch(b)
	if m == nil {
		return c, errors.New("docs.go does not say which version of swagger-ui-dist is there")
	}
	c.Version = string(m[1])
	c.PURL = "pkg:npm/swagger-ui-dist@" + c.Version
	c.Licences, c.Text, err = licenceOf(filepath.Join(dir, "docs"))
	return c, err
}

// digest is a checksum in base64 after a prefix, as CycloneDX has it: in hexadecimal.
func digest(alg, prefix, v string) [2]string {
	text, ok := strings.CutPrefix(v, prefix)
	b, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil {
		return [2]string{}
	}
	return [2]string{alg, hex.EncodeToString(b)}
}
