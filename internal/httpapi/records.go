package httpapi

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"freshet/api"
	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/promote"
	"freshet/internal/record"
	"freshet/internal/rule"
	"freshet/internal/validate"
)

type recordsInput struct {
	FileParam
	Line  int64 `query:"line" default:"1" minimum:"1" doc:"Physical line to start at"`
	Limit int   `query:"limit" default:"20" minimum:"1" maximum:"1000"`
}

const (
	shownRecord = 64 << 10
	mostRecords = 4 << 20   // bytes of one answer
	farthest    = 256 << 20 // bytes read in search of the line
	// mostUnpacked is how far a compressed file is read, whose front must be read each time.
	mostUnpacked = farthest + rule.LargestMaxRecordBytes
)

// records reads from the nearest mark of the line index to the line asked for;
// a compressed file, which has no marks, from its front.
func (s *Server) records(ctx context.Context, in *recordsInput) (*body[api.Records], error) {
	f, err := s.Catalog.File(ctx, in.FileID)
	if err != nil {
		return nil, err
	}
	if f.Format == "parquet" {
		return nil, errs.E(errs.Invalid, "no-preview", "the file is Parquet, whose records are not shown").WithHint("download the file")
	}
	stored, err := s.Catalog.Report(ctx, f.ID)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	mark, err := validate.FindLine(stored.LineIndex, in.Line-1)
	if err != nil {
		return nil, err
	}
	r, err := s.open(ctx, &f, mark.Offset, -1)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if err := s.given(ctx, &f, "records", fmt.Sprintf("%d from line %d", in.Limit, in.Line)); err != nil {
		return nil, err
	}
	out := api.Records{FileID: f.ID, Records: []api.Record{}}
	unpacked, compressed := &io.LimitedReader{R: r, N: math.MaxInt64}, false
	if mark.Offset == 0 {
		if unpacked.R, compressed, err = validate.Unpack(r); err != nil {
			return nil, err
		}
	}
	if compressed {
		unpacked.N = mostUnpacked
	}
	size := 0
	err = walk(unpacked, f.Format, mark, func(line int64, raw *record.Raw) bool {
		if line+raw.Lines <= in.Line-1 {
			if raw.Offset-mark.Offset > farthest || ctx.Err() != nil {
				out.NextLine = nextLine(line) // there is no nearer mark: go on from here
				return false
			}
			return true
		}
		if len(out.Records) == in.Limit || size > mostRecords {
			out.NextLine = nextLine(line)
			return false
		}
		out.Records = append(out.Records, api.Record{Line: line + 1, ByteOffset: raw.Offset, Size: raw.Size, Text: strings.ToValidUTF8(string(raw.Bytes), "\uFFFD"), Truncated: raw.Oversized})
		size += len(raw.Bytes)
		return true
	})
	if err != nil {
		return nil, err
	}
	if compressed && len(out.Records) == 0 && (out.NextLine != nil || unpacked.N == 0) {
		return nil, errs.E(errs.Invalid, "line-too-far", "line %d lies behind the first %d MiB that the file unpacks to; a preview of a compressed file goes no further", in.Line, farthest>>20).WithHint("download the file")
	}
	return &body[api.Records]{out}, nil
}

// walk gives the records of a file from a mark on, and the lines from 0 on which they begin.
func walk(r io.Reader, format string, from validate.Mark, f func(line int64, raw *record.Raw) bool) error {
	if format == "json" {
		e := record.Elements{Max: shownRecord}
		if from.Offset > 0 {
			e.Resume(from.Offset, from.Line)
		}
		return e.Walk(r, func(raw *record.Raw) bool { return f(e.Line(), raw) })
	}
	split := record.Splitter{Quotes: format == "csv" || format == "tsv", Max: shownRecord}
	split.Reset(from.Offset, false)
	next := from.Line
	return split.Walk(r, func(raw *record.Raw) bool {
		line := next
		next += raw.Lines
		return f(line, raw)
	})
}

// nextLine is a line from 0 as an answer counts it.
func nextLine(line int64) *int64 {
	line++
	return &line
}

// open reads a file's bytes. Where its key has moved meanwhile the catalog is
// asked once more.
func (s *Server) open(ctx context.Context, f *catalog.File, offset, n int64) (io.ReadCloser, error) {
	if err := available(ctx, f); err != nil {
		return nil, err
	}
	r, err := s.Blobs.Read(ctx, f.ObjectKey, offset, n)
	if !errs.Is(err, errs.NotFound) {
		return r, err
	}
	again, err := s.Catalog.File(ctx, f.ID)
	if err == nil {
		err = available(ctx, &again)
	}
	if err != nil {
		return nil, err
	}
	key := again.ObjectKey
	if r, err = s.Blobs.Read(ctx, key, offset, n); errs.Is(err, errs.NotFound) && again.MovingTo != "" {
		r, err = s.Blobs.Read(ctx, again.MovingTo, offset, n)
	}
	if errs.Is(err, errs.NotFound) {
		return nil, errs.E(errs.Internal, "bytes-missing", "the bytes are not where the catalog says").Because(err)
	}
	return r, err
}

// readable refuses a file in quarantine to all but an administrator, who has to say
// who he is: without keys it is nobody's. Every route that gives bytes of a file,
// or of its records, passes through here. What was found is told by its row, its
// report and its history.
func readable(ctx context.Context, f *catalog.File) error {
	admin := requestFrom(ctx).who != nil && access.From(ctx).May(f.Project, access.Admin)
	if promote.Quarantined(f) && !admin {
		return errs.E(errs.Forbidden, "quarantined", "the file is in quarantine: %s", f.ProcessingError).
			WithHint("POST %s/process-file/%s checks and scans it again, DELETE %s/file/%s deletes it", Prefix, f.ID, Prefix, f.ID)
	}
	return nil
}

// available refuses a file whose bytes are not all here, or not for reading.
func available(ctx context.Context, f *catalog.File) error {
	if err := readable(ctx, f); err != nil {
		return err
	}
	switch {
	case f.Status == catalog.Uploading:
		return errs.E(errs.Conflict, "still-uploading", "the file is still arriving")
	case f.Status == catalog.Failed && f.FailureKind == catalog.FailedUpload:
		return errs.E(errs.Conflict, "send-again", "the bytes of the file did not all arrive").WithHint("send the file again")
	}
	return nil
}
