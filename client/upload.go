package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"sync/atomic"

	"freshet/api"
)

// File is what is sent.
type File struct {
	Name        string
	Body        io.Reader
	Size        int64 // -1 if it is not known
	ID          string
	DataType    string
	Description string
	Metadata    []byte // a JSON object, or nothing
	Rules       []byte // as JSON, or nothing
	SHA256      string // hex, to be compared with what arrives
	// Sent, unless nil, counts bytes as they leave.
	Sent *atomic.Int64
}

// Upload sends a file as a form. It returns once the server has it safely; the
// verdict in the answer is on its data.
func (c *Client) Upload(ctx context.Context, f File) (api.Uploaded, error) {
	var out api.Uploaded
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	for _, kv := range []struct{ name, value string }{
		{"file_id", f.ID}, {"data_type", f.DataType}, {"description", f.Description},
		{"metadata", string(f.Metadata)}, {"validation_rules", string(f.Rules)}, {"sha256", f.SHA256},
	} {
		if kv.value == "" {
			continue
		}
		if err := form.WriteField(kv.name, kv.value); err != nil {
			return out, err
		}
	}
	if _, err := form.CreateFormFile("file", f.Name); err != nil {
		return out, err
	}
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	length := int64(-1)
	if f.Size >= 0 {
		length = int64(head.Len()) + f.Size + int64(len(tail))
	}
	body := io.MultiReader(&head, &counted{f.Body, f.Sent}, bytes.NewReader([]byte(tail)))
	header := http.Header{"Content-Type": {form.FormDataContentType()}, "Expect": {"100-continue"}}
	resp, err := c.do(ctx, http.MethodPost, "/upload-large-file", nil, io.NopCloser(body), header, length)
	if err != nil {
		return out, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("read the answer: %w", err)
	}
	return out, nil
}

type counted struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.n != nil {
		c.n.Add(int64(n))
	}
	return n, err
}
