// Package web holds the browser console as it was built: what the program
// serves is in the program.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:console/dist
var dist embed.FS

// Console is its files: index.html, and under assets/ those whose names change
// with what is in them.
var Console = sub()

func sub() fs.FS {
	f, err := fs.Sub(dist, "console/dist")
	if err != nil {
		panic(err) // the directory is embedded
	}
	return f
}
