package fsck

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/promote"
)

// files looks at every file: its row, its bytes, its report.
func (c *Check) files(ctx context.Context) error {
	each := func(ctx context.Context, f func(catalog.File) error) error {
		for id := ""; ; {
			list, err := c.Catalog.FilesAfter(ctx, id, page)
			if err != nil || len(list) == 0 {
				return err
			}
			for _, file := range list {
				if id = file.ID; f(file) != nil {
					return ctx.Err()
				}
			}
		}
	}
	if err := sideBySide(ctx, each, c.file); err != nil {
		return err
	}
	return c.readLeast(ctx)
}

func (c *Check) file(ctx context.Context, f catalog.File) error {
	c.count(func(s *Summary) { s.Files++ })
	if s := contradiction(&f); s != "" {
		if err := c.tell(ctx, Problem{Kind: BadRow, FileID: f.ID, Detail: s}, nil); err != nil {
			return err
		}
	}
	sound, err := c.bytes(ctx, f)
	if err != nil {
		return err
	}
	if sound {
		if err := c.sample(ctx, &f); err != nil {
			return err
		}
	}
	return c.report(ctx, f)
}

// contradiction says what is impossible in a row.
func contradiction(f *catalog.File) string {
	kinds := []catalog.FailureKind{catalog.FailedUpload, catalog.FailedData, catalog.FailedSystem}
	verdicts := []catalog.Verdict{catalog.VerdictNone, catalog.VerdictInProgress, catalog.VerdictPassed, catalog.VerdictFailed}
	released := f.Status == catalog.Fresh || f.Status == catalog.Used
	switch {
	case !slices.Contains(catalog.Statuses, f.Status):
		return fmt.Sprintf("the status %q is not known", f.Status)
	case !slices.Contains(verdicts, f.Verdict):
		return fmt.Sprintf("the verdict %q is not known", f.Verdict)
	case f.Status == catalog.Failed && !slices.Contains(kinds, f.FailureKind):
		return fmt.Sprintf("the file has failed, by a kind of failure %q that is not known", f.FailureKind)
	case f.Rechecking && !released:
		return fmt.Sprintf("the file is checked again while it is %s", f.Status)
	case released && !f.Rechecking && f.Verdict != catalog.VerdictPassed:
		return fmt.Sprintf("the file is %s, and its verdict is %s", f.Status, f.Verdict)
	case catalog.HoldsContent(f.Status) && f.Hash == "":
		return fmt.Sprintf("the file is %s and has no hash", f.Status)
	case f.MovingTo != "" && !slices.Contains(promote.Places(f), f.MovingTo):
		return fmt.Sprintf("the file is on its way to %s, which is no place of it", f.MovingTo)
	}
	return ""
}

// hasBytes tells whether a file's bytes must be in the store. One whose loss was
// noted has no hash.
func hasBytes(f *catalog.File) bool {
	return f.Status != catalog.Uploading && f.Hash != "" && f.FailureKind != catalog.FailedUpload
}

// bytes compares a file's row with the store until the row stays as it is
// meanwhile: only then what is seen is true. sound tells that the object is
// there, with its size, and nothing is to be done about it.
func (c *Check) bytes(ctx context.Context, f catalog.File) (sound bool, err error) {
	for {
		if !hasBytes(&f) {
			return false, nil
		}
		p, repair, err := c.look(ctx, f)
		if err != nil || p == nil {
			return err == nil && f.MovingTo == "", err
		}
		again, err := c.Catalog.File(ctx, f.ID)
		if errs.Is(err, errs.NotFound) || err == nil && again.ID != f.ID {
			return false, nil // deleted meanwhile
		}
		if err != nil {
			return false, err
		}
		if again.Unchanged(&f) {
			return false, c.tell(ctx, *p, repair)
		}
		f = again
	}
}

// look compares a row with the store, once.
func (c *Check) look(ctx context.Context, f catalog.File) (*Problem, func(context.Context) error, error) {
	sizes := map[string]int64{}
	for _, key := range []string{f.ObjectKey, f.MovingTo} {
		if err := c.stat(ctx, key, sizes); err != nil {
			return nil, nil, err
		}
	}
	at, there := sizes[f.ObjectKey]
	to, moved := sizes[f.MovingTo]
	switch {
	case there && at != f.Size:
		return c.damaged(f, WrongSize, fmt.Sprintf("it has %d bytes instead of %d", at, f.Size), "")
	case moved && !there && to != f.Size:
		return c.damaged(f, WrongSize, fmt.Sprintf("at %s it has %d bytes instead of %d", f.MovingTo, to, f.Size), "")
	case (there || moved) && f.MovingTo != "":
		if f.UpdatedTime.After(c.Now.Add(-grace)) {
			return nil, nil, nil
		}
		return &Problem{Kind: UnfinishedMove, FileID: f.ID, Key: f.ObjectKey, Detail: "it was on its way to " + f.MovingTo},
			func(ctx context.Context) error { return c.Promoter.Forward(ctx, f.ID) }, nil
	case there && promote.At(f.Status, f.ObjectKey):
		return nil, nil, nil
	case there:
		return c.home(f, f.ObjectKey, fmt.Sprintf("a file that is %s does not lie there", f.Status))
	}
	for _, key := range promote.Places(&f) {
		if err := c.stat(ctx, key, sizes); err != nil {
			return nil, nil, err
		}
		if n, ok := sizes[key]; !ok || n != f.Size {
			continue
		}
		hash, err := c.hash(ctx, key)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return nil, nil, err
		}
		if err == nil && hash == f.Hash {
			return c.home(f, key, "there is no object; the bytes are at "+key)
		}
	}
	return &Problem{Kind: MissingObject, FileID: f.ID, Key: f.ObjectKey, Detail: "there is no object"}, c.failing(f, whyMissing), nil
}

func (c *Check) home(f catalog.File, key, detail string) (*Problem, func(context.Context) error, error) {
	p := &Problem{Kind: WrongPlace, FileID: f.ID, Key: f.ObjectKey, Detail: detail}
	if strings.HasPrefix(key, promote.Quarantine) && !promote.At(f.Status, key) {
		return p, nil, nil // what was found once is not let out because the catalog does not know of it
	}
	return p, func(ctx context.Context) error {
		_, err := c.Promoter.Home(ctx, &f, key, actor, "its bytes were at "+key)
		return err
	}, nil
}

// stat adds the size of an object to sizes, where it is there.
func (c *Check) stat(ctx context.Context, key string, sizes map[string]int64) error {
	if key == "" {
		return nil
	}
	info, err := c.Blobs.Stat(ctx, key)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err == nil {
		sizes[key] = info.Size
	}
	return err
}

// report compares what is kept of a file's check with its row and the store.
func (c *Check) report(ctx context.Context, f catalog.File) error {
	wrong, missing, err := c.reportOf(ctx, &f)
	if err != nil || wrong == "" && missing == "" {
		return err
	}
	f, err = c.Catalog.File(ctx, f.ID)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err == nil {
		wrong, missing, err = c.reportOf(ctx, &f)
	}
	if err == nil && wrong != "" {
		err = c.tell(ctx, Problem{Kind: BadReport, FileID: f.ID, Detail: wrong}, nil)
	}
	if err == nil && missing != "" {
		err = c.tell(ctx, Problem{Kind: MissingFindings, FileID: f.ID, Key: missing, Detail: "there is no object"},
			func(ctx context.Context) error { return c.Catalog.ForgetFindings(ctx, f.ID, missing) })
	}
	return err
}

// reportOf says what is wrong with a report, and which object of it is missing.
func (c *Check) reportOf(ctx context.Context, f *catalog.File) (wrong, missing string, err error) {
	stored, err := c.Catalog.Report(ctx, f.ID)
	settled := !f.Rechecking && f.Status != catalog.Processing && f.Status != catalog.Uploading
	checked := settled && (f.Verdict == catalog.VerdictPassed || f.Verdict == catalog.VerdictFailed)
	if errs.Is(err, errs.NotFound) {
		if checked {
			wrong = "there is none, and the verdict is " + string(f.Verdict)
		}
		return wrong, "", nil
	}
	if err != nil {
		return "", "", err
	}
	var r api.Report
	switch err := json.Unmarshal(stored.JSON, &r); {
	case err != nil:
		wrong = "it cannot be read: " + err.Error()
	case checked && (r.Verdict != string(f.Verdict) || r.Errors != f.Errors):
		wrong = fmt.Sprintf("it says %s with %d errors, the row %s with %d", r.Verdict, r.Errors, f.Verdict, f.Errors)
	}
	if stored.FindingsKey != "" {
		sizes := map[string]int64{}
		if err := c.stat(ctx, stored.FindingsKey, sizes); err != nil {
			return "", "", err
		}
		if len(sizes) == 0 {
			missing = stored.FindingsKey
		}
	}
	return wrong, missing, nil
}
