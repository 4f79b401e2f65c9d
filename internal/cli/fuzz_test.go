package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/createrequest"
	"github.com/xiexus/xiexus-go/internal/requestfile"
	"github.com/xiexus/xiexus-go/internal/taskids"
	"github.com/xiexus/xiexus-go/internal/textfile"
)

// Text that is read from a file is UTF-8 without what stands for lost characters.
func FuzzTextReader(f *testing.F) {
	for _, content := range []string{"", "a\n", "\xef\xbb\xbfa", "\xff\xfea\x00", "\xfe\xff\x00a", "\xff\xfe\x3d\xd8", "视频\xff", "a\x00", "\ufffd"} {
		f.Add([]byte(content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		text, err := textfile.Decode(content)
		require.True(t, utf8.ValidString(text))
		require.False(t, strings.ContainsAny(text, "\x00\ufffd"))
		require.LessOrEqual(t, len(text), 2*len(content))
		if err != nil {
			require.ErrorIs(t, err, textfile.ErrNotText)
		}
		slowly, slowErr := io.ReadAll(textfile.NewReader(iotest.OneByteReader(bytes.NewReader(content))))
		require.Equal(t, err, slowErr)
		require.Equal(t, text, string(slowly))
	})
}

// IDs are the words of a text, however it arrives.
func FuzzIDs(f *testing.F) {
	for _, text := range []string{"", "a b\nc", "# no\na", "a # no\n#\n", "a#b", "a,b", "a\u00a0b", "\u2028a", "#", "a\r\n#b\r\nc", "\xff\xfe\xbe\xfe"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ids, err := idsIn(strings.NewReader(text))
		slowly, slowErr := idsIn(iotest.OneByteReader(strings.NewReader(text)))
		require.Equal(t, ids, slowly)
		require.Equal(t, err == nil, slowErr == nil)
		decoded, _ := textfile.Decode([]byte(text))
		for _, id := range ids {
			require.NotEmpty(t, id)
			require.False(t, id[0] == '#' || strings.ContainsFunc(id, unicode.IsSpace) || strings.Contains(id, ","), id)
			require.Contains(t, decoded, id)
		}
	})
}

func idsIn(from io.Reader) (ids []string, err error) {
	source, err := taskids.Parse([]string{"-"}, from)
	if err != nil {
		return nil, err
	}
	for id, err := range source.All() {
		if err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// Requests have keys of their own, the same in each run, and what is sent has the values and
// numbers of the file as they are written there.
func FuzzRequests(f *testing.F) {
	for _, text := range []string{
		`{"model":"m","prompt":"p","seed":9007199254740993,"duration":5.0,"metadata":{"x":1e400}}`,
		`{"model":"m","prompt":5,"seconds":5,"images":"a","n":"2"}` + "\n" + `{"model":"m","prompt":5,"seconds":5,"images":"a","n":"2"}`,
		"model,prompt,seed,cfg\nm,p,12345678901234567890,1.10\nm,\"a\nb\",,\n,,,\n",
		"model,prompt,metadata\nm,null,\"{\"\"a\"\":1e2}\"\n", "[", "{\n}", "model;prompt", "a,a\n", "\"", `{"model":"m","model":"n","prompt":"p"}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		requests, invalid := requestfile.Parse(text)
		require.LessOrEqual(t, len(requests)+len(invalid), 1+strings.Count(text, "\n"))
		again, _ := requestfile.Parse(text)
		keys := map[string]bool{}
		for i, request := range requests {
			require.False(t, keys[request.Key], request.Key)
			keys[request.Key] = true
			require.Equal(t, request.Key, again[i].Key)
			checkSent(t, request.Fields)
			if line := strings.Split(text, "\n")[request.Line-1]; strings.HasPrefix(strings.TrimSpace(text), "{") {
				checkGiven(t, line, request.Fields)
			}
		}
	})
}

// checkSent checks that what is sent of a request is what it has.
func checkSent(t *testing.T, given requestfile.Fields) {
	request, err := given.Request()
	if err != nil {
		return
	}
	body, err := createrequest.Encode(request)
	if err != nil {
		return
	}
	var sent requestfile.Fields
	require.NoError(t, json.Unmarshal(body, &sent))
	for name, value := range given {
		require.Equal(t, literalsOf(value), literalsOf(sent[name]), name)
	}
}

// checkGiven checks the fields of a request against the line that it is on.
func checkGiven(t *testing.T, line string, got requestfile.Fields) {
	var given requestfile.Fields
	require.NoError(t, json.Unmarshal([]byte(line), &given))
	require.Len(t, got, len(given))
	for name, value := range given {
		literals := literalsOf(value)
		var text string
		if json.Unmarshal(value, &text) == nil && json.Valid([]byte(text)) && !bytes.Equal(literalsOf(got[name])[0], literals[0]) {
			literals = literalsOf([]byte(text)) // a JSON value in text
		}
		require.Equal(t, literals, literalsOf(got[name]), name)
	}
}

// literalsOf returns the texts and numbers in JSON, as they are written.
func literalsOf(value []byte) [][]byte {
	literals := [][]byte{}
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return append(literals, nil)
		}
		switch token := token.(type) {
		case json.Number:
			literals = append(literals, []byte(token))
		case string:
			literals = append(literals, []byte(token))
		}
	}
}

// A results file is read or left alone, and a record that is added to it is found.
func FuzzResultsFile(f *testing.F) {
	const line = `{"request":"x","line":1,"state":"created","task_id":"t","at":"2026-01-01T00:00:00Z"}` + "\n"
	for _, content := range []string{"", line, line + line[:30], line[:5], "model,prompt\n", line + "\n", strings.Replace(line, "created", "maybe", 1), "GIF89a"} {
		f.Add([]byte(content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		name := filepath.Join(t.TempDir(), "results")
		require.NoError(t, os.WriteFile(name, content, 0o600))
		j, err := openResults(name)
		if err != nil {
			kept, err := os.ReadFile(name)
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, kept))
			return
		}
		earlier := j.records
		require.LessOrEqual(t, len(earlier), bytes.Count(content, []byte("\n")))
		added := record{Request: "new", Line: 7, State: stateUncertain, Error: "lost", At: time.Unix(1_795_330_000, 0).UTC()}
		require.NoError(t, j.add(added))
		_ = j.Close()

		j, err = openResults(name)
		require.NoError(t, err)
		defer func() { _ = j.Close() }()
		earlier[added.Request] = added
		require.Equal(t, earlier, j.records)
	})
}
