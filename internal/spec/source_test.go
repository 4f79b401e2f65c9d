package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun_ComparesWithTheCommittedDocumentIfOursIsBroken(t *testing.T) {
	r := newRepository(t)
	r.write(t, documentFile, []byte("<<<<<<< HEAD\n{"))
	published := edited(t, "inline.json", `"failed"`, `"failed","archived"`)
	require.NoError(t, r.run(t.Context(), options{from: save(t, published)}))
	require.Contains(t, r.out.String(), "ignoring "+documentFile+", which is not valid: ")
	require.Contains(t, r.out.String(), "with the last commit of "+documentFile)
	require.Equal(t, string(published), r.read(t, documentFile))
}

func TestRun_SaysWhatItCompares(t *testing.T) {
	r := newRepository(t)
	require.NoError(t, r.run(t.Context(), options{diff: true}))
	require.Contains(t, r.out.String(), "comparing "+r.path(documentFile)+" with the last commit of "+documentFile+"\n")
	published := save(t, fixture(t, "inline.json"))
	require.NoError(t, r.run(t.Context(), options{diff: true, from: published}))
	require.Contains(t, r.out.String(), "comparing "+published+" with "+documentFile+"\n")
}

func TestRead_RecognizesURLs(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("page")) }))
	t.Cleanup(server.Close)
	for from, problem := range map[string]string{
		strings.Replace(server.URL, "http", "HTTP", 1): "",
		"ftp://relay.example.com/page.txt":             "ftp://relay.example.com/page.txt: only http and https URLs are supported",
		"localhost:8080/page.txt":                      "if it is a URL, add https:// or http://",
	} {
		t.Run(from, func(t *testing.T) {
			data, err := read(t.Context(), from)
			if problem != "" {
				require.ErrorContains(t, err, problem)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "page", string(data))
		})
	}
}

func TestRun_FetchesURLs(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != "/page" {
			http.NotFound(w, req)
			return
		}
		_, _ = w.Write(fixture(t, "inline.json"))
	}))
	t.Cleanup(server.Close)
	r := newRepository(t)
	require.NoError(t, r.run(t.Context(), options{from: server.URL + "/page"}))
	require.Contains(t, r.out.String(), "The generated API does not change.")
	require.ErrorContains(t, r.run(t.Context(), options{from: server.URL + "/gone"}), "404 Not Found")
}
