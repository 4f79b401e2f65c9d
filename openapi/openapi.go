// Package openapi hands out the published OpenAPI document that the client is
// generated from.
//
// openapi.json is the document as published. overlay.yaml adds what we know
// beyond it, before the code is generated; the document itself stays untouched.
package openapi

import _ "embed"

//go:embed openapi.json
var document string

// Document returns the published document: OpenAPI 3.1.0 in JSON, byte for byte.
// Each call returns a new copy.
func Document() []byte { return []byte(document) }
