package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// declared is an exported declaration.
type declared struct {
	name string
	doc  string        // its own comment
	fn   *ast.FuncType // of a function or method
}

// parse returns the exported declarations of the package in a directory.
func parse(t *testing.T, dir string) []declared {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var all []declared
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		all = append(all, parseFile(t, string(content))...)
	}
	require.NotEmpty(t, all)
	return all
}

func parseFile(t *testing.T, source string) []declared {
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	var all []declared
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			all = append(all, declaredFunc(decl)...)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				all = append(all, declaredSpec(decl, spec)...)
			}
		}
	}
	return all
}

func declaredFunc(decl *ast.FuncDecl) []declared {
	name := decl.Name.Name
	if decl.Recv != nil {
		receiver := decl.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		typeName, ok := receiver.(*ast.Ident)
		if !ok || !typeName.IsExported() {
			return nil
		}
		name = typeName.Name + "." + name
	}
	if !decl.Name.IsExported() {
		return nil
	}
	return []declared{{name: name, doc: decl.Doc.Text(), fn: decl.Type}}
}

// declaredSpec returns a type with its fields or methods, or constants or variables.
func declaredSpec(decl *ast.GenDecl, spec ast.Spec) []declared {
	comment := ""
	if !decl.Lparen.IsValid() {
		comment = decl.Doc.Text()
	}
	var all []declared
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if !spec.Name.IsExported() {
			return nil
		}
		all = append(all, declared{name: spec.Name.Name, doc: comment + spec.Doc.Text()})
		switch underlying := spec.Type.(type) {
		case *ast.StructType:
			all = append(all, members(spec.Name.Name, underlying.Fields)...)
		case *ast.InterfaceType:
			all = append(all, members(spec.Name.Name, underlying.Methods)...)
		}
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			if name.IsExported() {
				all = append(all, declared{name: name.Name, doc: comment + spec.Doc.Text()})
			}
		}
	}
	return all
}

// members returns the fields of a struct or the methods of an interface. Those that are
// embedded have comments of their own.
func members(typeName string, list *ast.FieldList) []declared {
	var all []declared
	for _, field := range list.List {
		for _, name := range field.Names {
			if name.IsExported() {
				all = append(all, declared{name: typeName + "." + name.Name, doc: field.Doc.Text()})
			}
		}
	}
	return all
}

// returnsError reports whether the last result of a function is an error that it may have:
// Unwrap returns a part of one.
func (d declared) returnsError() bool {
	if d.fn == nil || d.fn.Results == nil || strings.HasSuffix(d.name, ".Unwrap") {
		return false
	}
	last, ok := d.fn.Results.List[len(d.fn.Results.List)-1].Type.(*ast.Ident)
	return ok && last.Name == "error"
}

// says reports whether the comment of a declaration matches a pattern.
func (d declared) says(pattern string) bool {
	return regexp.MustCompile(pattern).MatchString(strings.Join(strings.Fields(d.doc), " "))
}

// undocumented returns what the comments of hand-written declarations lack.
func undocumented(all []declared) []string {
	var missing []string
	for _, d := range all {
		switch {
		case d.doc == "":
			missing = append(missing, d.name+": no comment")
		case strings.HasPrefix(d.name, "With") && !d.says("By default"):
			missing = append(missing, d.name+": an option without its default")
		case d.returnsError() && !d.says(`\b[Ee]rrors?\b|\[\*?[A-Za-z]*Err|\bfails?\b`):
			missing = append(missing, d.name+": no word about its errors")
		}
	}
	return missing
}

func TestDocs_AreComplete(t *testing.T) {
	require.Empty(t, undocumented(parse(t, "../..")))
	require.Empty(t, undocumented(parse(t, "../../xiexustest")))
}

// What a document lacks a description for does not fail tests, so that a new document can be
// taken before it is described: .ci/check names that.
func TestDocs_OfGeneratedFunctions(t *testing.T) {
	for _, d := range parse(t, "../../gen") {
		if d.fn != nil {
			require.NotEmpty(t, d.doc, d.name)
		}
	}
}

func TestUndocumented(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"function", "func F() {}", "F: no comment"},
		{"method of a type that is not", "type t int; func (t) M() {}", ""},
		{"method of an exported type", "// T is.\ntype T int\nfunc (*T) M() {}", "T.M: no comment"},
		{"type in a group", "// Types.\ntype (\nT int\n)", "T: no comment"},
		{"constant in a group", "// Constants.\nconst (\n// A is.\nA = 1\nB = 2\n)", "B: no comment"},
		{"variable", "var V, w int", "V: no comment"},
		{"field", "// T is.\ntype T struct {\n// A is.\nA int\nB, c int\nio.Reader\n}", "T.B: no comment"},
		{"method of an interface", "// T is.\ntype T interface { M() }", "T.M: no comment"},
		{"option", "// WithA sets a. The default is 1.\nfunc WithA() {}", "WithA: an option without its default"},
		{"option with its default", "// WithA sets a. By\n// default it is 1.\nfunc WithA() {}", ""},
		{"error", "// F does it.\nfunc F() (int, error) { return 0, nil }", "F: no word about its errors"},
		{"named error", "// F does it. It returns [ErrX].\nfunc F() error { return nil }", ""},
		{"reason", "// E is.\ntype E int\n// Unwrap returns the reason.\nfunc (E) Unwrap() error { return nil }", ""},
		{"not exported", "func f() error { return nil }; type t struct { A int }; var v int", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, strings.Join(undocumented(parseFile(t, "package p\n"+test.source)), "\n"))
		})
	}
}
