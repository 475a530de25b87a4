package check

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"freshet/api"
	"freshet/internal/validate"

	"github.com/google/uuid"
)

// findingsLog writes findings to a scratch file, compressed, once there are more
// than the report shows.
type findingsLog struct {
	service *Service
	fileID  string
	held    []api.Finding
	file    *os.File
	buf     *bufio.Writer
	zip     *gzip.Writer
	enc     *json.Encoder
}

func (l *findingsLog) add(f *api.Finding) error {
	if l.file == nil {
		if len(l.held) < validate.ShownFindings {
			l.held = append(l.held, *f)
			return nil
		}
		file, err := l.service.Validate.Scratch()
		if err != nil {
			return err
		}
		l.file = file
		l.buf = bufio.NewWriterSize(file, 64<<10)
		l.zip, _ = gzip.NewWriterLevel(l.buf, gzip.BestSpeed)
		l.enc = json.NewEncoder(l.zip)
		l.enc.SetEscapeHTML(false)
		for i := range l.held {
			if err := l.enc.Encode(&l.held[i]); err != nil {
				return err
			}
		}
		l.held = nil
	}
	return l.enc.Encode(f)
}

// store makes an object of the findings and gives its key.
func (l *findingsLog) store(ctx context.Context) (string, error) {
	if l.file == nil {
		return "", nil
	}
	if err := errors.Join(l.zip.Close(), l.buf.Flush()); err != nil {
		return "", err
	}
	size, err := l.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return "", err
	}
	key := FindingsPrefix + l.fileID + "/" + uuid.NewString() + ".ndjson.gz"
	return key, l.service.Blobs.Put(ctx, key, l.file, size)
}

func (l *findingsLog) close() {
	if l.file != nil {
		l.file.Close()
	}
}
