package s3

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"freshet/internal/blob"

	"github.com/minio/minio-go/v7"
)

// Complete implements blob.Store.
func (s *Store) Complete(ctx context.Context, key, handle string, size int64, parts []blob.Part) error {
	name, id, err := s.upload(key, handle)
	if err != nil {
		return err
	}
	err = s.complete(ctx, name, id, size, parts)
	if noUpload(err) {
		err = s.completed(ctx, name, size, err) // done before, perhaps
	}
	if err == nil {
		err = s.clear(ctx, id, parts)
	}
	return s.fault(ctx, "complete", key, err)
}

// complete makes the object of the parts, if the store has them as they were
// written.
func (s *Store) complete(ctx context.Context, name, id string, size int64, parts []blob.Part) error {
	there, err := s.parts(ctx, name, id)
	if err != nil {
		return err
	}
	list, replaced, err := s.compare(ctx, name, id, size, parts, there)
	if err != nil {
		return err
	}
	if len(replaced) > 0 {
		return blob.PartsReplaced(nil, replaced...)
	}
	_, err = again(ctx, s, func() (minio.UploadInfo, error) {
		return s.core.CompleteMultipartUpload(ctx, s.bucket, name, id, list, minio.PutObjectOptions{ServerSideEncryption: s.sse})
	})
	var e minio.ErrorResponse
	if errors.As(err, &e) && e.Code == minio.InvalidPart { // it was replaced since
		there, listErr := s.parts(ctx, name, id)
		if listErr != nil {
			return listErr
		}
		if _, replaced, cmpErr := s.compare(ctx, name, id, size, parts, there); cmpErr == nil && len(replaced) > 0 {
			return blob.PartsReplaced(err, replaced...)
		}
	}
	if err != nil {
		return err
	}
	i, err := s.stat(ctx, name)
	if err == nil && i.Size != size {
		err = misuse("the store made an object of %d bytes from parts of %d", i.Size, size)
	}
	return err
}

// parts lists the parts that the store has.
func (s *Store) parts(ctx context.Context, name, id string) (map[int]minio.ObjectPart, error) {
	there := map[int]minio.ObjectPart{}
	for after := 0; ; {
		l, err := s.listParts(ctx, name, id, after, page)
		if err != nil {
			return nil, err
		}
		for _, p := range l.ObjectParts {
			there[p.PartNumber] = p
		}
		if !l.IsTruncated || l.NextPartNumberMarker <= after {
			return there, nil
		}
		after = l.NextPartNumberMarker
	}
}

// compare gives the parts as the store wants to be told of them, and the numbers
// of those that it has otherwise. A part that is in tails becomes one of the store's.
func (s *Store) compare(ctx context.Context, name, id string, size int64, parts []blob.Part, there map[int]minio.ObjectPart) (list []minio.CompletePart, replaced []int, err error) {
	parts = slices.DeleteFunc(slices.Clone(parts), func(p blob.Part) bool { return p.Size == 0 })
	if size == 0 && len(parts) == 0 {
		parts = []blob.Part{{Number: 1, Tag: "t:"}} // an object has at least one, if an empty one
	}
	slices.SortFunc(parts, func(a, b blob.Part) int { return cmp.Compare(a.Number, b.Number) })
	total := int64(0)
	for _, p := range parts {
		total += p.Size
		t, err := parseTag(p.Tag)
		if err != nil {
			return nil, nil, err
		}
		have := there[p.Number]
		if t.etag == "" {
			if have, err = s.seal(ctx, name, id, &p, &t); err != nil {
				return nil, nil, err
			}
			t.etag = have.ETag
		}
		if plain(have.ETag) != plain(t.etag) || have.Size != p.Size {
			replaced = append(replaced, p.Number)
		}
		list = append(list, minio.CompletePart{PartNumber: p.Number, ETag: t.etag, ChecksumCRC64NVME: have.ChecksumCRC64NVME})
	}
	if total != size {
		return nil, nil, misuse("parts of %d bytes cannot become an object of %d", total, size)
	}
	return list, replaced, nil
}

func plain(etag string) string { return strings.Trim(etag, `"`) }

// seal makes a part of tails.
func (s *Store) seal(ctx context.Context, name, id string, p *blob.Part, t *tag) (minio.ObjectPart, error) {
	if t.size() != p.Size {
		return minio.ObjectPart{}, misuse("part %d has %d bytes by its tag, and should have %d", p.Number, t.size(), p.Size)
	}
	got, err := s.whole(ctx, name, id, p.Number, t.tails, strings.NewReader(""), 0)
	return got, s.gone(ctx, name, id, p.Number, err)
}

func noUpload(err error) bool {
	var e minio.ErrorResponse
	return errors.As(err, &e) && e.Code == minio.NoSuchUpload
}

// completed tells whether an upload that is not there, and why says so, has become
// its object.
func (s *Store) completed(ctx context.Context, name string, size int64, why error) error {
	i, err := s.stat(ctx, name)
	if err != nil {
		return err
	}
	if !s.ours(name, &i) || i.Size != size {
		return why
	}
	return nil
}

// ours tells whether an object was uploaded for where it is.
func (s *Store) ours(name string, i *minio.ObjectInfo) bool {
	return i.Metadata.Get("X-Amz-Meta-"+idHeader) == s.mark(name)
}

// clear removes an upload's tails, as far as its parts ever had any. What others
// may have left Handles gives.
func (s *Store) clear(ctx context.Context, id string, parts []blob.Part) error {
	if !slices.ContainsFunc(parts, func(p blob.Part) bool { return strings.HasPrefix(p.Tag, "t:") || strings.Contains(p.Tag, "|") }) {
		return nil
	}
	return s.removeAll(ctx, s.uploadDir(id))
}

func (s *Store) removeAll(ctx context.Context, prefix string) error {
	for o, err := range s.objects(ctx, prefix) {
		if err != nil {
			return err
		}
		if err := s.remove(ctx, o.Key); err != nil {
			return err
		}
	}
	return nil
}

// Abort implements blob.Store.
func (s *Store) Abort(ctx context.Context, key, handle string) error {
	name, id, err := s.upload(key, handle)
	if err != nil {
		return err
	}
	_, err = again(ctx, s, func() (struct{}, error) {
		return struct{}{}, s.core.AbortMultipartUpload(ctx, s.bucket, name, id)
	})
	if noUpload(err) {
		err = nil
	}
	if err == nil {
		err = s.removeAll(ctx, s.uploadDir(id))
	}
	return s.fault(ctx, "abort", key, err)
}
