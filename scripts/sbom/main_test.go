package main

import (
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// What is in the binary is in the bill, under a licence that may be there, and
// the same binary gives the same bill.
func TestBill(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "freshet")
	build := exec.Command("go", "build", "-o", binary, "./cmd/freshet")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := run(binary, root, dir); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(filepath.Join(dir, "freshet.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var b bom
	if err := json.Unmarshal(first, &b); err != nil {
		t.Fatal(err)
	}
	have := map[string]bomPart{}
	for _, c := range b.Components {
		if _, twice := have[c.PURL]; twice || len(c.Licences) == 0 {
			t.Errorf("%s is there twice, or without a licence", c.PURL)
		}
		have[c.PURL] = c
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range info.Deps {
		if c := have["pkg:golang/"+m.Path+"@"+m.Version]; len(c.Hashes) != 1 || len(c.Hashes[0].Content) != 64 {
			t.Errorf("%s %s is %+v", m.Path, m.Version, c)
		}
	}
	for _, name := range []string{"pkg:npm/react@", "pkg:npm/%40tanstack/react-query@", "pkg:npm/swagger-ui-dist@", "pkg:npm/tailwindcss@", "pkg:golang/std@1."} {
		if !slices.ContainsFunc(b.Components, func(c bomPart) bool { return strings.HasPrefix(c.PURL, name) }) {
			t.Errorf("%s is not there", name)
		}
	}
	for _, name := range []string{"vitest", "vite@", "typescript", "freshet/client"} {
		if slices.ContainsFunc(b.Components, func(c bomPart) bool { return strings.Contains(c.PURL, "npm/"+name) }) {
			t.Errorf("%s is there, which is not in the pages", name)
		}
	}
	if err := run(binary, root, dir); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(filepath.Join(dir, "freshet.cdx.json")); err != nil || string(again) != string(first) {
		t.Errorf("another bill of the same binary, %v", err)
	}
	texts, err := os.ReadFile(filepath.Join(dir, "LICENSES.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"modernc.org/sqlite v", "Mozilla Public License", "Permission is hereby granted, free of charge"} {
		if !strings.Contains(string(texts), want) {
			t.Errorf("the licences lack %q", want)
		}
	}
}

// What has no licence, or one that is not allowed, ends the build.
func TestLicencesAreRefused(t *testing.T) {
	gpl, err := os.ReadFile("/usr/share/common-licenses/GPL-3")
	if err != nil {
		gpl = []byte("SPDX-License-Identifier: GPL-3.0-only\n\nGNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n")
	}
	mit, err := os.ReadFile(filepath.Join(root, "LICENSE"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		files map[string]string
		ok    bool
	}{
		"none":                {map[string]string{"README": "free as in beer"}, false},
		"no text":             {map[string]string{"LICENSE": ""}, false},
		"of its own":          {map[string]string{"LICENSE": "You may use this on Tuesdays."}, false},
		"not allowed":         {map[string]string{"COPYING": string(gpl)}, false},
		"one of two":          {map[string]string{"LICENSE": string(mit), "LICENSE.GPL": string(gpl)}, false},
		"that of this itself": {map[string]string{"LICENSE.txt": string(mit)}, true},
	} {
		dir := t.TempDir()
		for file, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		ids, _, err := licenceOf(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := check([]component{{Name: name, Licences: ids}}); (err == nil) != c.ok {
			t.Errorf("%s: %v, %v", name, ids, err)
		}
	}
}

// docs/dependencies.md names every module that go.mod asks for, and only those,
// with the licence that lies beside its source.
func TestDependenciesAreDocumented(t *testing.T) {
	out, err := exec.Command("go", "mod", "edit", "-json", root+"/go.mod").Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile(root + "/docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	var direct []string
	for _, r := range mod.Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	list := exec.Command("go", append([]string{"list", "-m", "-f", "{{.Path}}\t{{.Dir}}"}, direct...)...)
	list.Dir = root
	if out, err = list.Output(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		base := path.Base(name)
		if regexp.MustCompile(`^v\d+$`).MatchString(base) {
			base = path.Base(path.Dir(name))
		}
		named := regexp.MustCompile(`(^|[\s(])(` + regexp.QuoteMeta(name) + `|…/` + regexp.QuoteMeta(base) + `|x/` + regexp.QuoteMeta(base) + `)($|[\s,|)/])`)
		ids, _, err := licenceOf(dir)
		if err != nil || len(ids) == 0 {
			t.Errorf("%s: %v, %v", name, ids, err)
			continue
		}
		found := false
		for row := range strings.Lines(string(doc)) {
			cells := strings.Split(row, "|")
			if len(cells) < 4 || !named.MatchString(cells[1]) {
				continue
			}
			found = true
			if !slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(cells[3], id) }) {
				t.Errorf("%s is under %v, docs/dependencies.md says %s", name, ids, cells[3])
			}
		}
		if !found {
			t.Errorf("docs/dependencies.md does not name %s", name)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)(?:^\| (?:tests: |bench: )?|[ (])((?:github\.com|golang\.org/x|gopkg\.in|modernc\.org|lukechampine\.com|pgregory\.net)/[^\s,|);]+)`).FindAllStringSubmatch(string(doc), -1) {
		if !slices.ContainsFunc(direct, func(d string) bool { return m[1] == d || strings.HasPrefix(m[1], d+"/") }) {
			t.Errorf("docs/dependencies.md names %s, which go.mod does not ask for", m[1])
		}
	}
}
