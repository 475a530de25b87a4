package validate

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"freshet/api"
	"freshet/internal/parquet"
	"freshet/internal/rule"
)

// Parquet files say at their end what they hold. They are looked at once they
// are here whole: footer, places and counts, the headers and checksums of all
// pages. Their values are not decoded, so that there are no records to check.

// mostFaults is how many faults of one Parquet file are told.
const mostFaults = 100

// readParquet reads the footer of a Parquet file and walks over its pages. What is
// wrong with the file is kept for wholeFile.
func (f *finisher) readParquet() error {
	size := f.sum.Bytes
	if f.plan.Format != "parquet" || size == 0 {
		return nil
	}
	if size < int64(2*len(parquet.Magic)+parquet.TailSize) {
		return f.faulty(errors.New("the file is too short for a footer"))
	}
	tail, err := f.plan.reread(size-parquet.TailSize, parquet.TailSize)
	if err != nil {
		return err
	}
	at, n, bad := parquet.FooterAt(tail, size)
	if bad != nil {
		return f.faulty(bad)
	}
	data, err := f.plan.reread(at, n)
	if err != nil {
		return err
	}
	footer, bad := parquet.ParseFooter(data, at)
	if bad != nil {
		return f.faulty(fmt.Errorf("the footer cannot be read: %w", bad))
	}
	f.footer = footer
	f.sum.counts.records = footer.Rows
	return footer.Chunks(f.walk, func(bad error) bool {
		f.faulty(bad)
		return len(f.faults) < mostFaults
	})
}

// faulty keeps what is wrong with the file.
func (f *finisher) faulty(bad error) error {
	f.faults = append(f.faults, bad.Error())
	return nil
}

func (f *finisher) walk(k *parquet.Chunk) error {
	if k.Size == 0 && k.Values == 0 || len(f.faults) >= mostFaults {
		return nil
	}
	r, err := f.plan.config.Reread(k.Offset, k.Size)
	if err != nil {
		return err
	}
	bad, err := k.Walk(r)
	if bad != nil {
		f.faulty(bad)
	}
	return errors.Join(err, r.Close())
}

// parquetFindings are those of a Parquet file as a whole.
func (f *finisher) parquetFindings(tell teller) {
	for _, message := range f.faults {
		tell(rule.ParquetDamaged, place{}, "", "%s", message)
	}
	if f.footer == nil {
		return
	}
	f.numberOfRecords(tell)
	for _, name := range f.plan.Options.RequiredFields {
		found, nulls := false, int64(0)
		for _, c := range f.footer.Columns {
			path := strings.Join(c.Path, ".")
			if path == name {
				nulls = c.Nulls
			}
			found = found || path == name || strings.HasPrefix(path, name+".")
		}
		switch {
		case !found:
			tell(rule.RequiredField, place{}, "", "column %q is missing", name)
		case nulls > 0:
			tell(rule.RequiredField, place{}, "", "column %q is null in %d records", name, nulls)
		}
	}
}

// parquetKinds are the types of JSON that columns are like.
var parquetKinds = map[parquet.Type]string{parquet.Boolean: "boolean", parquet.ByteArray: "string", parquet.FixedByteArray: "string"}

// parquetFields are the statistics of columns, as far as the file tells them.
func (f *finisher) parquetFields() []api.Field {
	out := []api.Field{}
	for _, c := range f.footer.Columns {
		kind := orElse(parquetKinds[c.Type], "number")
		path := strings.Join(c.Path, ".")
		if c.Repeated() {
			path += "[]"
		}
		field := api.Field{Path: path, Present: c.Values, Null: c.Nulls, Types: map[string]int64{}, Min: c.Min, Max: c.Max}
		if n := c.Values - c.Nulls; n > 0 {
			field.Types[kind] = n
		}
		if c.Nulls > 0 {
			field.Types["null"] = c.Nulls
		}
		out = append(out, field)
	}
	return out
}

// reread reads bytes of the file once more.
func (p *Plan) reread(offset, n int64) ([]byte, error) {
	if p.config.Reread == nil {
		return nil, fmt.Errorf("%w: bytes %d to %d", ErrReread, offset, offset+n)
	}
	in, err := p.config.Reread(offset, n)
	if err != nil {
		return nil, err
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(in, b); err != nil {
		return nil, errors.Join(fmt.Errorf("read bytes %d to %d again: %w", offset, offset+n, err), in.Close())
	}
	return b, in.Close()
}
