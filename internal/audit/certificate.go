package audit

import (
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// certificateFirst is the first line of a certificate, by which it is told from a head.
const certificateFirst = "freshet deletion certificate"

// Certify signs lines that tell of a deletion. They end with a newline.
func (l *Log) Certify(lines string) (string, error) {
	text, err := note.Sign(&note.Note{Text: certificateFirst + "\n" + lines}, l.Key)
	if err != nil {
		return "", fmt.Errorf("sign a certificate: %w", err)
	}
	return string(text), nil
}
