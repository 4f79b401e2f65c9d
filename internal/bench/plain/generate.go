// Package plain is the client that oapi-codegen writes by default from the
// published OpenAPI document, for comparison.
package plain

//go:generate go -C ../../.. tool oapi-codegen -config internal/bench/plain/client.yaml openapi/openapi.json
