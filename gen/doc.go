// Package gen contains the models and the client generated from the OpenAPI document. It is
// as stable as package xiexus, with one exception: minor and patch versions may add methods to
// [ClientInterface], because every new operation does.
package gen
