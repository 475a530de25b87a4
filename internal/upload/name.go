package upload

import (
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Prefixes under which files lie.
const (
	rootPrefix    = "training-data/"
	StagingPrefix = "training-data/uploads/"
	maxNameBytes  = 180
)

// StagingKey is where a file waits until its checks hold.
func StagingKey(fileID, name string) string { return StagingPrefix + fileID + "/" + SafeName(name) }

// OriginalName is a name as it is kept and shown: what the client gave, as
// valid text.
func OriginalName(name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	name = strings.ReplaceAll(name, "\x00", "\uFFFD")
	if len(name) > 1024 {
		name = cut(name, 1024)
	}
	return name
}

var device = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)

// SafeName makes a name that is one plain path element on every system: no
// separators, control or direction characters, no leading dot, not too long.
// Its ending stays, since readers choose by it.
func SafeName(name string) string {
	name = strings.ReplaceAll(OriginalName(name), `\`, "/")
	name = path.Base(name)
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r), strings.ContainsRune(`/\:*?"<>|`, r):
			return '_'
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimLeft(name, ". "), ". ")
	if name == "" {
		return "file"
	}
	if device.MatchString(name) {
		name = "_" + name // Windows takes it for a device, whatever its ending
	}
	if len(name) > maxNameBytes {
		ext := path.Ext(name)
		if len(ext) > 20 {
			ext = ""
		}
		name = strings.TrimRight(cut(name, maxNameBytes-len(ext)), ". ") + ext
	}
	return name
}

// cut shortens s to at most n bytes, between characters.
func cut(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
