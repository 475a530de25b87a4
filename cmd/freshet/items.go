package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"freshet/internal/config"
)

// byteSize is a number of bytes on the command line: 64MiB.
type byteSize = config.Size

// item is one file to send.
type item struct {
	path string // empty: standard input
	name string // as the server is told it
	size int64  // as far as it is known, else 0
}

// findItems lists what the arguments name: files, all files in folders, what
// patterns match, standard input.
func findItems(args []string, stdin string) ([]item, error) {
	var items []item
	for _, arg := range args {
		if arg == "-" {
			items = append(items, item{name: stdin})
			continue
		}
		paths := []string{arg}
		if _, err := os.Stat(arg); os.IsNotExist(err) && strings.ContainsAny(arg, "*?[") { // where no shell did it
			matches, err := filepath.Glob(arg)
			if err != nil || len(matches) == 0 {
				return nil, errUsage{fmt.Errorf("%s: no such file", clean(arg))}
			}
			paths = matches
		}
		for _, p := range paths {
			found, err := itemsAt(p)
			if err != nil {
				return nil, err
			}
			items = append(items, found...)
		}
	}
	return items, nil
}

// itemsAt is the file at a path, or all in the folder there, in order of their
// names; those whose names begin with a dot are not meant.
func itemsAt(path string) ([]item, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []item{{path, filepath.Base(path), info.Size()}}, nil
	}
	var items []item
	root := filepath.Clean(path)
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if p != root && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := os.Stat(p) // what a link leads to
		if err != nil || !info.Mode().IsRegular() {
			return nil // a link to nowhere, a pipe
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		items = append(items, item{p, filepath.ToSlash(rel), info.Size()})
		return nil
	})
	if err == nil && len(items) == 0 {
		err = errUsage{fmt.Errorf("%s: the folder has no files", clean(path))}
	}
	return items, err
}
