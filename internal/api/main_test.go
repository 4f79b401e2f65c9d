package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	// The child process builds these: a change of them invalidates the cached result.
	_ "github.com/xiexus/xiexus-go"
	_ "github.com/xiexus/xiexus-go/gen"
	_ "github.com/xiexus/xiexus-go/xiexustest"
)

// declarationsOf returns those of a package with this source.
func declarationsOf(t *testing.T, source string) []string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", "package p\n"+source, 0)
	require.NoError(t, err)
	pkg, err := new(types.Config).Check("p", files, []*ast.File{file}, nil)
	require.NoError(t, err)
	return declarations(pkg)
}

func TestCompare_FindsWhatBreaksImporters(t *testing.T) {
	for _, test := range []struct {
		name, before, now string
		breaking, added   []string
	}{
		{name: "no change", before: "var A int", now: "var A int"},
		{name: "new function", now: "func New() error { return nil }", added: []string{"+func New() error"}},
		{
			name: "function gone", before: "func New() {}; func Old() {}", now: "func New() {}",
			breaking: []string{"-func Old()"},
		},
		{
			name: "function renamed", before: "func Old(int) {}", now: "func New(int) {}",
			breaking: []string{"-func Old(int)"}, added: []string{"+func New(int)"},
		},
		{
			name: "new parameter", before: "func Do(n int) {}", now: "func Do(n int, s ...string) {}",
			breaking: []string{"-func Do(int)", "+func Do(int, ...string)"},
		},
		{name: "parameter renamed", before: "func Do(f func(n int)) {}", now: "func Do(g func(m int)) {}"},
		{name: "not exported", before: "func do() {}; type T struct { a int }", now: "type T struct { b int }"},
		{
			name: "new field", before: "type T struct { A int }", now: "type T struct { A, B int }",
			added: []string{"+field T.B int"},
		},
		{
			name: "field of another type", before: "type T struct { A int }", now: "type T struct { A int64 }",
			breaking: []string{"-field T.A int", "+field T.A int64"},
		},
		{
			name: "tag", before: "type T struct { A int `json:\"a\"` }", now: "type T struct { A int `json:\"b\"` }",
			breaking: []string{"-field T.A int `json:\"a\"`", "+field T.A int `json:\"b\"`"},
		},
		{
			name: "not comparable any more", before: "type T struct { a int }", now: "type T struct { a []int }",
			breaking: []string{"-type T struct, comparable", "+type T struct"},
		},
		{
			name: "method needs a pointer", before: "type T int; func (T) M() {}", now: "type T int; func (*T) M() {}",
			breaking: []string{"-method (T) M()", "+method (*T) M()"},
		},
		{
			name: "method of an embedded field gone", before: "type t struct{}; func (t) M() {}; type T struct { t }",
			now: "type t struct{}; type T struct { t }", breaking: []string{"-method (T) M()"},
		},
		{
			name: "new method of an interface", before: "type T interface { A() }", now: "type T interface { A(); B(n int) }",
			breaking: []string{"-type T interface { A() }", "+type T interface { A(); B(int) }"},
		},
		{
			name: "value", before: `type T string; const A T = "a"`, now: `type T string; const A T = "b"`,
			breaking: []string{`-const A T = "a"`, `+const A T = "b"`},
		},
		{name: "value of the version", before: `const Version = "1"`, now: `const Version = "2"`},
		{
			name: "alias of another type", before: "type A = int", now: "type A = string",
			breaking: []string{"-type A = int", "+type A = string"},
		},
		{
			name: "variable of another type", before: "var V []int", now: "var V map[int]int",
			breaking: []string{"-var V []int", "+var V map[int]int"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := compare(declarationsOf(t, test.before), declarationsOf(t, test.now))
			require.Equal(t, test.breaking, found.breaking)
			require.Equal(t, test.added, found.added)
		})
	}
}

// overlay returns the flag that replaces text in a file of the root package.
func overlay(t *testing.T, name string, oldnew ...string) string {
	t.Helper()
	original, err := filepath.Abs(filepath.Join("..", "..", name))
	require.NoError(t, err)
	source, err := os.ReadFile(original)
	require.NoError(t, err)
	changed := strings.NewReplacer(oldnew...).Replace(string(source))
	require.NotEqual(t, string(source), changed)
	copied, flag := filepath.Join(t.TempDir(), name), filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(copied, []byte(changed), 0o600))
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{original: copied}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(flag, replace, 0o600))
	return "-overlay=" + flag
}

func TestRun_FailsUntilAChangeIsRecorded(t *testing.T) {
	dir := t.TempDir()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, dir, false))
	out.Reset()
	require.NoError(t, run(t.Context(), &out, dir, true))
	require.Empty(t, out.String())

	added := overlay(t, "version.go", "const Version", "const Edition = 1\n\nconst Version")
	require.ErrorContains(t, run(t.Context(), &out, dir, true, added), "additions to the exported API are not recorded")
	require.Equal(t, "xiexus, additions:\n+const Edition = 1\n", out.String())

	out.Reset()
	renamed := overlay(t, "options.go", "func WithAcceptLanguage(", "func WithLanguage(")
	require.ErrorContains(t, run(t.Context(), &out, dir, true, renamed), "break importers")
	wanted := "xiexus, breaking changes:\n-func WithAcceptLanguage(string) Option\n" +
		"xiexus, additions:\n+func WithLanguage(string) Option\n"
	require.Equal(t, wanted, out.String())

	out.Reset()
	require.NoError(t, run(t.Context(), &out, dir, false, renamed))
	require.Equal(t, wanted, out.String())
	require.NoError(t, run(t.Context(), &out, dir, true, renamed), "it is recorded")
}

func TestRun_ReportsWhatDoesNotCompile(t *testing.T) {
	broken := overlay(t, "version.go", "const Version", "const Version, Edition")
	require.ErrorContains(t, run(t.Context(), new(strings.Builder), t.TempDir(), true, broken), "version.go")
}
