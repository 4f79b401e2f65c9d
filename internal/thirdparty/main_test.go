package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	// The child process builds the command: a change of it invalidates the cached result.
	_ "github.com/xiexus/xiexus-go/internal/cli"
)

func TestRun_TheListIsUpToDate(t *testing.T) {
	// The child process reads it: a change of it invalidates the cached result, too.
	_, err := os.ReadFile(filepath.Join("..", "..", "cmd", "xiexus-fleet", "go.mod"))
	require.NoError(t, err)
	require.NoError(t, run(t.Context(), nil, filepath.Join("..", "..", "docs", "licenses.md"), options{check: true}))
}

func TestRun_WritesAListThatIsOutOfDate(t *testing.T) {
	page := filepath.Join(t.TempDir(), "licenses.md")
	require.ErrorIs(t, run(t.Context(), nil, page, options{check: true}), os.ErrNotExist)
	require.NoError(t, os.WriteFile(page, []byte(intro), 0o600))
	require.ErrorContains(t, run(t.Context(), nil, page, options{check: true}), "run go run ./internal/thirdparty")
	require.NoError(t, run(t.Context(), nil, page, options{}))
	require.NoError(t, run(t.Context(), nil, page, options{check: true}))
}

func TestRun_PrintsTheTexts(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, "", options{texts: true}))
	for _, want := range []string{
		"\ngithub.com/inconshreveable/mousetrap (Apache-2.0)\n", // on Windows only
		"\nstd (BSD-3-Clause)\n", "Copyright (c) 2009,2014 Google Inc.", "Additional IP Rights Grant (Patents)",
	} {
		require.Contains(t, out.String(), want)
	}
	require.NotContains(t, out.String(), "testify")
}

func TestRun_DescribesABinary(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "xiexus")
	built, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, command).CombinedOutput()
	require.NoError(t, err, string(built))
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, "", options{sbom: binary}))
	var described bom
	require.NoError(t, json.Unmarshal(out.Bytes(), &described))
	require.Equal(t, "1.6", described.SpecVersion)
	require.True(t, strings.HasPrefix(described.Metadata.Component.PURL, "pkg:golang/"+library+"@"))

	licenses := map[string]string{}
	for _, c := range described.Components {
		require.Len(t, c.Licenses, 1)
		licenses[c.Name] = c.Licenses[0].Expression
		if license := c.Licenses[0].License; license != nil {
			licenses[c.Name] = license.ID
		}
		require.NotContains(t, c.PURL, "+")
		require.Contains(t, described.Dependencies[0].DependsOn, c.Ref)
	}
	require.Equal(t, "Apache-2.0", licenses["github.com/spf13/cobra"])
	require.Equal(t, "BSD-3-Clause", licenses["std"])
	require.Equal(t, "Apache-2.0 AND MIT", licenses["go.yaml.in/yaml/v3"])

	var again bytes.Buffer
	require.NoError(t, run(t.Context(), &again, "", options{sbom: binary}))
	require.Equal(t, out.String(), again.String())

	require.ErrorContains(t, writeSBOM(&again, binary, nil), "was it built from this commit?")
}

func TestIdentify(t *testing.T) {
	mit := "MIT License\n\nPermission is hereby granted, free of charge, to any person\nobtaining a copy of this software and associated documentation files (the \"Software\")"
	tests := []struct{ name, text, want string }{
		{"MIT", mit, "MIT"},
		{"two clauses", bsd, "BSD-2-Clause"},
		{"three clauses", bsd + ". Neither the name of Google", "BSD-3-Clause"},
		{"Apache", "  Apache License\n  Version 2.0, January 2004\n", "Apache-2.0"},
		{"none", " \n", ""},
		{"two of them", "Licensed under the Apache License, Version 2.0\n" + mit, "Apache-2.0 AND MIT"},
		{"with a restriction", mit + "\nCommons Clause License Condition", ""},
		{"GPL", "GNU GENERAL PUBLIC LICENSE\nVersion 3", ""},
		{"its own", "You may use this.", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := identify(test.text)
			require.Equal(t, test.want, got)
			require.Equal(t, test.want == "", err != nil)
		})
	}
}

func TestIdentify_OurOwn(t *testing.T) {
	text, err := os.ReadFile("../../LICENSE")
	require.NoError(t, err)
	got, err := identify(string(text))
	require.NoError(t, err)
	require.Equal(t, ownLicense, got)
}

func TestRead_NamesTheModule(t *testing.T) {
	_, err := read("example.com/m", t.TempDir())
	require.ErrorContains(t, err, "the license of example.com/m, in ")
	require.ErrorContains(t, err, "there is none")
}
