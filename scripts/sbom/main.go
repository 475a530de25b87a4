// Command sbom writes down what the program is made of: a bill of materials
// (CycloneDX 1.6) and all licences with their texts. It asks nobody: Go modules
// are those that the built binary names, their licences lie in the module cache,
// and the console's packages are in web/package-lock.json.
//
//	go run ./scripts/sbom -binary bin/freshet -out dist
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// component is one thing that is in the binary.
type component struct {
	Name     string
	Version  string
	PURL     string
	Licences []string // SPDX ids
	Hash     [2]string
	Text     string // of its licence, empty where it is not at hand
	From     string // how it got in
}

// allowed are the licences under which things may be in the binary.
var allowed = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "OFL-1.1", "Unlicense", "blessing"}

func main() {
	binary := flag.String("binary", "bin/freshet", "the program")
	out := flag.String("out", "dist", "directory to write to")
	flag.Parse()
	if err := run(*binary, ".", *out); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// run writes freshet.cdx.json and LICENSES.txt of a binary that was built from
// the repository at root.
func run(binary, root, out string) error {
	version, all, err := collect(binary, root)
	if err != nil {
		return err
	}
	if err := check(all); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	bom, err := json.MarshalIndent(cyclone(version, all), "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "freshet.cdx.json"), append(bom, '\n'), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "LICENSES.txt"), []byte(licences(version, all)), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %d components\n%s\n", filepath.Join(out, "freshet.cdx.json"), len(all), filepath.Join(out, "LICENSES.txt"))
	missing := 0
	for _, c := range all {
		if c.Text == "" {
			missing++
		}
	}
	if missing > 0 {
		fmt.Fprintf(os.Stderr, "sbom: %d licences are named without their texts: scripts/web-deps.sh installs the console's packages, which have them\n", missing)
	}
	return nil
}

// collect gives the program's version and everything in it, by name.
func collect(binary, root string) (string, []component, error) {
	version, all, err := modules(binary, root)
	if err != nil {
		return "", nil, err
	}
	pages, err := packages(filepath.Join(root, "web"))
	if err != nil {
		return "", nil, err
	}
	reader, err := swagger(filepath.Join(root, "internal", "httpapi"))
	if err != nil {
		return "", nil, err
	}
	all = append(append(all, pages...), reader)
	slices.SortFunc(all, func(a, b component) int { return cmp.Compare(a.PURL, b.PURL) })
	return version, all, nil
}

// check refuses what has no licence, or one that may not be in the binary.
func check(all []component) error {
	for _, c := range all {
		if len(c.Licences) == 0 {
			return fmt.Errorf("%s %s has no licence that is known", c.Name, c.Version)
		}
		for _, l := range c.Licences {
			if !slices.Contains(allowed, l) {
				return fmt.Errorf("%s %s is under %s, which is not among %s", c.Name, c.Version, l, strings.Join(allowed, ", "))
			}
		}
	}
	return nil
}

// licences is all of them, a text that several share once.
func licences(version string, all []component) string {
	var b strings.Builder
	fmt.Fprintf(&b, "What freshet %s is made of, and under which licences\n\n", version)
	for _, c := range all {
		fmt.Fprintf(&b, "%-70s %s\n", c.Name+" "+c.Version, strings.Join(c.Licences, ", "))
	}
	of := map[string][]string{}
	var texts []string
	for _, c := range all {
		if c.Text == "" {
			continue
		}
		if of[c.Text] == nil {
			texts = append(texts, c.Text)
		}
		of[c.Text] = append(of[c.Text], c.Name+" "+c.Version)
	}
	for _, text := range texts {
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(of[text], "\n"), strings.TrimSpace(text))
	}
	return b.String()
}
