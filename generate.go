package xiexus

//go:generate go tool oapi-codegen -config openapi/client.yaml openapi/openapi.json
//go:generate go tool oapi-codegen -config openapi/server.yaml openapi/openapi.json
//go:generate go run ./internal/godoc
