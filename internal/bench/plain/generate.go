// Package plain is the client that oapi-codegen writes by default: what users of
// the document have without us.
package plain

//go:generate go -C ../../.. tool oapi-codegen -config internal/bench/plain/client.yaml openapi/openapi.json
