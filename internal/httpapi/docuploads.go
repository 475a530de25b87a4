package httpapi

import (
	"net/http"

	"freshet/api"

	"github.com/danielgtaylor/huma/v2"
)

// describeUploads adds the byte routes of uploads to the document.
func (s *Server) describeUploads() {
	doc := s.api.OpenAPI()
	schemas := doc.Components.Schemas
	problem := map[string]*huma.MediaType{"application/problem+json": {Schema: schemas.Schema(typeOf[api.Problem](), true, "Problem")}}
	str := func(desc string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: desc} }
	header := func(name, desc string, required bool) *huma.Param {
		return &huma.Param{Name: name, In: "header", Description: desc, Required: required, Schema: str("")}
	}
	inPath := func(name string) *huma.Param {
		return &huma.Param{Name: name, In: "path", Required: true, Schema: str("")}
	}
	raw := func(kind string) *huma.RequestBody {
		return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	}
	answers := func(ok map[string]*huma.Response, refusals ...string) map[string]*huma.Response {
		for _, st := range refusals {
			ok[st] = &huma.Response{Description: "A problem", Content: problem}
		}
		return ok
	}
	jsonOf := func(desc string, schema *huma.Schema) *huma.Response {
		return &huma.Response{Description: desc, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
	}
	plain := func(desc string) *huma.Response { return &huma.Response{Description: desc} }
	add := func(o *huma.Operation) {
		o.Tags = []string{"uploads"}
		doc.AddOperation(o)
	}
	uploaded := schemas.Schema(typeOf[api.Uploaded](), true, "Uploaded")
	add(&huma.Operation{OperationID: "create-upload", Method: http.MethodPost, Path: Prefix + "/uploads", Summary: "Begin an upload that is sent in parts",
		Description: "Then PUT its parts, in any order and side by side, and complete it. Send part 1 first, or with the others: it tells how the file is read, so that all parts are checked while they arrive.",
		Parameters:  []*huma.Param{header("Idempotency-Key", "A repeated request with the same key gives the same upload", false)},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(typeOf[api.NewUpload](), true, "NewUpload")}}},
		Responses: answers(map[string]*huma.Response{
			"201": jsonOf("The upload is open", schemas.Schema(typeOf[api.UploadCreated](), true, "UploadCreated")),
			"200": jsonOf("The content is held already: nothing is to be sent", uploaded),
		}, "400", "409", "413", "422", "503", "507")})
	add(&huma.Operation{OperationID: "put-part", Method: http.MethodPut, Path: Prefix + "/uploads/{upload_id}/parts/{number}", Summary: "Send one part",
		Description: "Once it is answered the part is safe. The same part again is compared: 200 if its bytes are the same, 409 if not. Of a part whose checksum does not match nothing is kept.",
		Parameters: []*huma.Param{inPath("upload_id"), {Name: "number", In: "path", Required: true, Description: "From 1", Schema: &huma.Schema{Type: huma.TypeInteger}},
			header("Content-Digest", "sha-256 or sha-512 of the part (RFC 9530)", false), header("X-Checksum-CRC32", "Of the part, 4 bytes in base64", false),
			header("X-Checksum-CRC64NVME", "Of the part, 8 bytes in base64", false)},
		RequestBody: raw("application/octet-stream"),
		Responses: answers(map[string]*huma.Response{"200": jsonOf("The part is safe", schemas.Schema(typeOf[api.PartReceived](), true, "PartReceived"))},
			"400", "404", "408", "409", "410", "413", "422", "503", "507")})

	const both = "Speaks tus 1.0.0, and the IETF's draft of resumable uploads where the request has Upload-Draft-Interop-Version 6 or 8 (or Upload-Complete). "
	version := []*huma.Param{header("Tus-Resumable", "1.0.0, in tus", false), header("Upload-Draft-Interop-Version", "6 or 8, in the draft", false)}
	offsets := []*huma.Param{header("Upload-Offset", "Where the bytes go on", true), header("Upload-Length", "Of the upload, if it was not told before", false),
		header("Upload-Checksum", "sha1, sha256 or crc32, a space, and the checksum of this body in base64; also as a trailer", false),
		header("Upload-Complete", "?1 with the last bytes, ?0 before; in the draft", false)}
	id := inPath("upload_id")
	one := tusPath + "{upload_id}"
	add(&huma.Operation{OperationID: "resumable-create", Method: http.MethodPost, Path: tusPath, Summary: "Begin an upload whose bytes come in order",
		Description: both + "Upload-Metadata maps filename, data_type, description, validation_rules, rule_set, sha256 and file_id to the file; other keys become its metadata. Extensions: " + tusExtensions + ".",
		Parameters: append(version, header("Upload-Length", "Of the file in bytes", false), header("Upload-Defer-Length", "1: the length comes later", false),
			header("Upload-Metadata", "key BASE64,key BASE64", false), header("Upload-Concat", "partial, or final;URL URL…", false), header("Upload-Complete", "?1 with the last bytes, ?0 before; in the draft", false)),
		Responses: answers(map[string]*huma.Response{"201": plain("The upload is at Location")}, "400", "409", "410", "412", "413", "422", "460", "503", "507")})
	add(&huma.Operation{OperationID: "resumable-options", Method: http.MethodOptions, Path: tusPath, Summary: "What the server can do",
		Responses: answers(map[string]*huma.Response{"204": plain("Tus-Version, Tus-Extension, Tus-Checksum-Algorithm, Accept-Patch, Upload-Limit")})})
	add(&huma.Operation{OperationID: "resumable-status", Method: http.MethodHead, Path: one, Summary: "Where an upload stands", Description: both, Parameters: append([]*huma.Param{id}, version...),
		Responses: answers(map[string]*huma.Response{"200": plain("Upload-Offset and more, in tus"), "204": plain("The same, in the draft")}, "404", "410", "412", "423")})
	add(&huma.Operation{OperationID: "resumable-append", Method: http.MethodPatch, Path: one, Summary: "Add bytes", Description: both + "What came before a cut is kept, at least every 16 MiB or 2 s. A newer request on an upload ends the older.",
		Parameters: append(append([]*huma.Param{id}, version...), offsets...), RequestBody: raw(tusType),
		Responses: answers(map[string]*huma.Response{"204": plain("Upload-Offset tells what is safe"), "200": jsonOf("The draft's last bytes: the file", uploaded), "201": plain("Not the last bytes, in version 6 of the draft")},
			"400", "403", "404", "408", "409", "410", "412", "413", "415", "422", "460", "503", "507")})
	add(&huma.Operation{OperationID: "resumable-delete", Method: http.MethodDelete, Path: one, Summary: "Take an upload back", Description: "Of one that is complete the file stays.", Parameters: append([]*huma.Param{id}, version...),
		Responses: answers(map[string]*huma.Response{"204": plain("It is gone")}, "404", "410", "412")})
	add(&huma.Operation{OperationID: "resumable-bytes", Method: http.MethodGet, Path: one, Summary: "The bytes of an upload that is complete", Parameters: []*huma.Param{id},
		Responses: answers(map[string]*huma.Response{"200": {Description: "The bytes", Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}, "404", "409", "410", "416")})
}
