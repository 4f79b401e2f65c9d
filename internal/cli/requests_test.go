package cli

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBatch_Formats(t *testing.T) {
	const first, second = `{"model":"m","prompt":"a \"cat\", black","seed":0,"metadata":{"a":1}}`, `{"model":"m","prompt":"5","duration":5,"seconds":"5","cfg_scale":0.5,"images":["https://i.example.com/1"]}`
	tests := []struct{ name, content string }{
		{"JSON Lines", first + "\n\n" + `{"model":"m","prompt":"5","duration":5,"cfg_scale":0.5,"images":["https://i.example.com/1"]}`},
		{"JSON Lines with carriage returns", first + "\r\n" + `{"model":"m","prompt":5,"duration":"5","cfg_scale":0.5,"images":"https://i.example.com/1"}` + "\r\n"},
		{"CSV", "model,prompt,seed,metadata,duration,cfg_scale,images\n" +
			`m,"a ""cat"", black",0,"{""a"":1}",,,` + "\n\n,,,,,,\n" + `m,5,,,5,0.5,https://i.example.com/1` + "\n"},
		{"CSV with carriage returns and blanks", " prompt , model,images,duration,cfg_scale,seed,metadata\r\n" +
			`"a ""cat"", black",m,,,,0,"{""a"":1}"` + "\r\n" + `5,m,"[""https://i.example.com/1""]",5,0.5,,` + "\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bodies := recordBodies(t)
			writeRequests(t)
			require.NoError(t, os.WriteFile("requests.jsonl", []byte(test.content), 0o600))
			got := createRequests(t, "--concurrency", "1")
			require.Equal(t, 0, got.code, got.err)
			require.Len(t, *bodies, 2)
			require.JSONEq(t, first, (*bodies)[0])
			require.JSONEq(t, second, (*bodies)[1])
			require.Contains(t, got.err, "note: sending fields that are not known here: cfg_scale\n")
			require.Len(t, got.lines(t), 2)
		})
	}
}

func TestBatch_FlagsTakePrecedence(t *testing.T) {
	bodies := recordBodies(t)
	writeRequests(t)
	require.NoError(t, os.WriteFile("requests.jsonl", []byte("{\"prompt\":\"a\",\"mode\":\"std\"}\n{\"prompt\":\"b\",\"model\":\"x\"}\n"), 0o600))
	got := createRequests(t, "-m", "m", "--mode", "pro", "--concurrency", "1")
	require.Equal(t, 0, got.code, got.err)
	require.JSONEq(t, `{"prompt":"a","mode":"pro","model":"m"}`, (*bodies)[0])
	require.JSONEq(t, `{"prompt":"b","mode":"pro","model":"m"}`, (*bodies)[1])
}

func TestBatch_InvalidLines(t *testing.T) {
	tests := []struct {
		name, content string
		want          []string
	}{
		{"several", "{\"model\":\"m\",\"prompt\":\"p\"}\n{\"model\":\"m\"}\nnonsense\n\n{\"model\":\"m\",\"prompt\":\"p\",\"seed\":\"x\"}\n",
			[]string{"requests.jsonl, line 2: prompt is required", "line 3: invalid JSON: ", "line 5: seed must be a whole number", "--requests: requests.jsonl has 3 invalid lines; nothing was sent"}},
		{"two objects on a line", `{"model":"m","prompt":"p"} {"model":"m","prompt":"p"}`, []string{"line 1: "}},
		{"array", `[{"model":"m","prompt":"p"}]`, []string{"line 1: a JSON array; write one object a line"}},
		{"null", "{\"model\":\"m\",\"prompt\":\"p\"}\nnull", []string{"line 2: not a JSON object", "has 1 invalid line; nothing was sent"}},
		{"list among objects", "{\"model\":\"m\",\"prompt\":\"p\"}\n[]", []string{"line 2: not a JSON object\n"}},
		{"object on several lines", "{\n\"model\": \"m\",\n\"prompt\": \"p\"\n}\n", []string{"line 1: one JSON object on several lines; write each on one line, or use --request for a single one"}},
		{"values of other types", `{"model":"m","prompt":{"a":1}}` + "\n" + `{"model":true,"prompt":"p"}` + "\n" + `{"model":"m","prompt":"p","metadata":[1]}` + "\n" + `{"model":"m","prompt":"p","images":[1]}` + "\n" + `{"model":"m","prompt":"p","fps":1.5}`,
			[]string{"line 1: prompt must be text", "line 2: model must be text", "line 3: metadata must be a JSON object", "line 4: images must be a list of text", "line 5: fps must be a whole number"}},
		{"fraction of a second", `{"model":"m","prompt":"p","duration":7.5}`, []string{"line 1: duration must be"}},
		{"image", `{"model":"m","prompt":"p","image":"missing.png"}`, []string{"line 1: image: stat missing.png"}},
		{"CSV without a header", "m,\"a cat\"\nm,\"a dog\"\n", []string{`line 1: "a cat" cannot be the name of a field; the first line must name the fields, separated by commas`}},
		{"CSV with semicolons", "model;prompt\nm;p\n", []string{`line 1: "model;prompt" cannot be the name of a field`}},
		{"CSV with too many fields", "model,prompt\nm,p\nm,a,b\nm\n", []string{"line 3: wrong number of fields", "line 4: wrong number of fields"}},
		{"CSV with text that is not a number", "model,prompt,seed\nm,\"two\nlines\",1\nm,p,x\n", []string{"line 4: seed must be a whole number"}},
		{"CSV with a quote", "model,prompt\nm,a \"cat\"\n", []string{"line 2: bare"}},
		{"CSV with an unnamed column", "model,,prompt\nm,,p\n", []string{"line 1: column 2 has no name"}},
		{"CSV with a column twice", "model,prompt,prompt\nm,p,q\n", []string{"line 1: column 3 has no name of its own"}},
		{"CSV with a header only", "model,prompt\n", []string{"requests.jsonl has no requests"}},
		{"empty", "\n", []string{"requests.jsonl has no requests"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := startRelay(t)
			writeRequests(t)
			require.NoError(t, os.WriteFile("requests.jsonl", []byte(test.content), 0o600))
			got := createRequests(t)
			require.Equal(t, exitUsage, got.code, got.err)
			for _, want := range test.want {
				require.Contains(t, got.err, want)
			}
			require.Empty(t, relay.Requests())
			require.NoFileExists(t, "requests.jsonl.results")
		})
	}
}
