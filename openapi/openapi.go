// Package openapi embeds the published OpenAPI document that the client is
// generated from.
//
// openapi.json is the document as published, or the part of it that the client uses:
// internal/spec takes it from what publishers offer. overlay.yaml adds what is known
// beyond it before the code is generated; openapi.json itself is never edited.
package openapi

import _ "embed"

//go:embed openapi.json
var document string

// Document returns the published OpenAPI document in JSON.
// Each call returns a new copy.
func Document() []byte { return []byte(document) }
