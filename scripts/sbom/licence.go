package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// phrases tell licences by what only they say, in small letters and with single
// blanks. All of a licence's must be there. Texts that nobody may use unless he
// agrees to more are among them, so that they are seen beside one that is fine.
var phrases = []struct {
	id   string
	says []string
}{
	{"Apache-2.0", []string{"apache license version 2.0, january 2004", "grant of patent license"}},
	{"MIT", []string{"permission is hereby granted, free of charge, to any person obtaining a copy", "the above copyright notice and this permission notice shall be included in all copies"}},
	{"ISC", []string{"permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice"}},
	{"ISC", []string{"permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice"}},
	{"0BSD", []string{"distribute this software for any purpose with or without fee is hereby granted. the software is provided"}},
	{"BSD-3-Clause", []string{"redistributions of source code must retain the above copyright notice", "redistributions in binary form must reproduce", "endorse or promote products derived from"}},
	{"BSD-2-Clause", []string{"redistributions of source code must retain the above copyright notice", "redistributions in binary form must reproduce"}},
	{"MPL-2.0", []string{"mozilla public license version 2.0", "1.10. \"modifications\""}},
	{"Unlicense", []string{"this is free and unencumbered software released into the public domain"}},
	{"blessing", []string{"sqlite is public domain", "anyone is free to copy, modify, publish, use, compile, sell, or distribute the original sqlite code"}},
	{"OFL-1.1", []string{"sil open font license version 1.1"}},
	{"AGPL-3.0", []string{"gnu affero general public license"}},
	{"LGPL", []string{"gnu lesser general public license"}},
	{"GPL", []string{"gnu general public license"}},
	{"SSPL-1.0", []string{"server side public license"}},
	{"BUSL-1.1", []string{"business source license"}},
	{"Commons-Clause", []string{"commons clause"}},
	{"EPL", []string{"eclipse public license"}},
	{"CC-BY-NC", []string{"creative commons attribution-noncommercial"}},
}

var (
	// secondary is where the MPL speaks of licences that it is not
	secondary   = regexp.MustCompile(`"secondary license"\)? means either the gnu general public license, version 2\.0, the gnu lesser general public license, version 2\.1, the gnu affero general public license, version 3\.0, or any later versions of those licenses`)
	licenceFile = regexp.MustCompile(`(?i)^((un)?licen[sc]e|copying|patents)([.-].*)?$`)
	blanks      = regexp.MustCompile(`[\s*#/>]+`)
)

// told are the licences that a text is.
func told(text string) (ids []string) {
	text = strings.ToLower(blanks.ReplaceAllString(text, " "))
	text = strings.NewReplacer("“", `"`, "”", `"`).Replace(text)
	text = secondary.ReplaceAllString(text, "")
	for _, p := range phrases {
		missing := slices.ContainsFunc(p.says, func(s string) bool { return !strings.Contains(text, s) })
		if missing || slices.Contains(ids, p.id) || p.id == "BSD-2-Clause" && slices.Contains(ids, "BSD-3-Clause") {
			continue
		}
		ids = append(ids, p.id)
	}
	return ids
}

// licenceOf reads the licence files of a directory. One that is not known makes
// all of it unknown: it may take back what another grants.
func licenceOf(dir string) (ids []string, text string, err error) {
	if dir == "" {
		return nil, "", errors.New("it is not in the module cache: go mod download")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, "", err
	}
	for _, e := range entries {
		if e.IsDir() || e.Name() == "LICENSE-LOGO" || !licenceFile.MatchString(e.Name()) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, "", err
		}
		text += strings.TrimSpace(string(b)) + "\n\n"
		if strings.HasPrefix(strings.ToLower(e.Name()), "patents") {
			continue // a grant beside the licence
		}
		these := told(string(b))
		if len(these) == 0 {
			return []string{"unknown: " + e.Name()}, text, nil
		}
		for _, id := range these {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids, text, nil
}
