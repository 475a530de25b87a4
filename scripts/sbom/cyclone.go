package main

import (
	"crypto/sha256"
	"encoding/json"
	"strings"

	"github.com/google/uuid"
)

// The shape of CycloneDX 1.6, as far as it is used.
type (
	bom struct {
		Schema       string       `json:"$schema"`
		Format       string       `json:"bomFormat"`
		Spec         string       `json:"specVersion"`
		Serial       string       `json:"serialNumber"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []bomPart    `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Component bomPart `json:"component"`
	}
	bomPart struct {
		Type        string       `json:"type"`
		Ref         string       `json:"bom-ref"`
		Name        string       `json:"name"`
		Version     string       `json:"version"`
		Description string       `json:"description,omitempty"`
		Hashes      []bomHash    `json:"hashes,omitempty"`
		Licences    []bomLicence `json:"licenses"`
		PURL        string       `json:"purl,omitempty"`
	}
	bomHash struct {
		Alg     string `json:"alg"`
		Content string `json:"content"`
	}
	bomLicence struct {
		Licence struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn,omitempty"`
	}
)

// cyclone is the bill of materials. The same things give the same bill: it has
// no time in it, and its number is made from what it says.
func cyclone(version string, all []component) bom {
	self := bomPart{Type: "application", Ref: "freshet", Name: "freshet", Version: version, Licences: ids("Apache-2.0")}
	b := bom{Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1, Metadata: metadata{self}}
	root := dependency{Ref: self.Ref}
	for _, c := range all {
		p := bomPart{Type: "library", Ref: c.PURL, Name: c.Name, Version: c.Version, Description: c.From, Licences: ids(c.Licences...), PURL: c.PURL}
		if c.Hash[0] != "" {
			p.Hashes = []bomHash{{c.Hash[0], c.Hash[1]}}
		}
		b.Components = append(b.Components, p)
		root.DependsOn = append(root.DependsOn, c.PURL)
	}
	b.Dependencies = []dependency{root}
	said, err := json.Marshal(b)
	if err != nil {
		panic(err) // strings always encode
	}
	b.Serial = "urn:uuid:" + strings.ToLower(uuid.NewHash(sha256.New(), uuid.NameSpaceOID, said, 8).String())
	return b
}

func ids(all ...string) (out []bomLicence) {
	for _, id := range all {
		var l bomLicence
		l.Licence.ID = id
		out = append(out, l)
	}
	return out
}
