// Package server contains the server interface that package xiexustest implements. It is
// exempt from semantic versioning: every version may change it with the OpenAPI document.
package server
