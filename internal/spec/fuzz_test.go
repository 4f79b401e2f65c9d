package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A document is taken from what is offered as it is there, and what is kept of it has no
// number that it does not have.
func FuzzExtract(f *testing.F) {
	overlay, err := os.ReadFile(filepath.Join("testdata", "overlay.yaml"))
	require.NoError(f, err)
	for _, name := range []string{"inline.json", "components.json", "kept.json"} {
		document, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(document)
	}
	const task = `"paths":{"` + taskPath + `":{"get":{"parameters":[{"$ref":"#/components/parameters/a"}]}}}`
	for _, offered := range []string{
		`{"openapi":"3.1.0",` + task + `}`,
		`{"openapi":"3.0.1",` + task + `,"components":{"parameters":{"a":{"schema":{"$ref":"#/components/schemas/b"}}},` +
			`"schemas":{"b":{"type":["string","null"],"maximum":18446744073709551615,"items":{"$ref":"#/components/schemas/b"}}}}}`,
		`<pre>{&quot;openapi&quot;:"3.1.0",` + task + `}</pre>`,
		`{"data":{"openapi":"3.1.0",` + task + `,"security":[{"key":[]}],"tags":[{"name":"x"}]}}`,
		"openapi: 3.1.0\npaths:\n  " + taskPath + ":\n    get:\n      maximum: 9007199254740993\n",
		"openapi: &a 3.1.0\npaths: {x: *a, " + taskPath + ": {get: {}}}\n",
		`{"swagger":"2.0"}`, "\xff\xfe{", "{{{{[[[[",
	} {
		f.Add([]byte(offered))
	}
	f.Fuzz(func(t *testing.T, offered []byte) {
		published, err := extract(offered)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		require.True(t, published.hasTask())
		before := numbersIn(t, published.raw)
		if !yamlStart.Match(offered) && !bytes.ContainsAny(offered, "<&") {
			require.True(t, bytes.Contains(offered, published.raw))
		}

		kept, _, err := published.keep([]operation{{"get", taskPath}}, nil, string(overlay))
		if err != nil {
			return
		}
		require.True(t, kept.hasTask())
		for number := range numbersIn(t, kept.raw) {
			require.True(t, before[number], number)
		}
	})
}

// numbersIn returns the numbers in JSON as they are written.
func numbersIn(t *testing.T, document []byte) map[string]bool {
	found := map[string]bool{}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	for decoder.More() {
		token, err := decoder.Token()
		require.NoError(t, err)
		if number, ok := token.(json.Number); ok {
			found[number.String()] = true
		}
	}
	return found
}

// An integer of 64 bits in YAML is that integer in the document.
func TestExtract_KeepsTheNumbersOfYAML(t *testing.T) {
	for _, number := range []string{"9007199254740993", "18446744073709551615", "-9223372036854775808", "0.1"} {
		t.Run(number, func(t *testing.T) {
			d, err := extract([]byte("openapi: 3.1.0\npaths:\n  " + taskPath + ":\n    get:\n      maximum: " + number + "\n"))
			require.NoError(t, err)
			require.Equal(t, map[string]bool{number: true}, numbersIn(t, d.raw))
		})
	}
}
