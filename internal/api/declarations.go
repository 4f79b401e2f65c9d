package main

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// declarations returns the exported API of a package, sorted, a line each: constants with
// their values, variables, functions, types, their methods, and the fields of structs with
// their tags. Importers do not depend on what is left out, such as the names of parameters.
func declarations(pkg *types.Package) []string {
	var lines []string
	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if !object.Exported() || name == "ClientInterface" { // each new operation adds a method to it, as to Client
			continue
		}
		p := printer{pkg}
		switch object := object.(type) {
		case *types.Const:
			lines = append(lines, p.constant(object))
		case *types.Var:
			lines = append(lines, fmt.Sprintf("var %s %s", name, p.typ(object.Type())))
		case *types.Func:
			lines = append(lines, "func "+name+p.signature(object.Type()))
		case *types.TypeName:
			lines = append(lines, p.declaredType(object)...)
		}
	}
	slices.Sort(lines)
	return lines
}

// printer prints types as they are written in a package.
type printer struct{ pkg *types.Package }

func (p printer) typ(t types.Type) string {
	return types.TypeString(withoutNames(t), func(other *types.Package) string {
		if other == p.pkg {
			return ""
		}
		return other.Name()
	})
}

func (p printer) signature(t types.Type) string { return strings.TrimPrefix(p.typ(t), "func") }

func (p printer) constant(c *types.Const) string {
	line := "const " + c.Name()
	if basic, ok := c.Type().(*types.Basic); !ok || basic.Info()&types.IsUntyped == 0 {
		line += " " + p.typ(c.Type())
	}
	if c.Name() == "Version" { // every release has another
		return line
	}
	return line + " = " + c.Val().ExactString()
}

// declaredType returns the lines of a type.
func (p printer) declaredType(name *types.TypeName) []string {
	if name.IsAlias() {
		alias := name.Type()
		if alias, ok := alias.(*types.Alias); ok {
			return []string{fmt.Sprintf("type %s = %s", name.Name(), p.typ(alias.Rhs()))}
		}
		return []string{fmt.Sprintf("type %s = %s", name.Name(), p.typ(alias))}
	}
	line := "type " + name.Name() + " "
	switch underlying := name.Type().Underlying().(type) {
	case *types.Interface: // in one line: a new method breaks implementations
		return []string{line + p.interfaceType(underlying)}
	case *types.Struct:
		if line += "struct"; types.Comparable(underlying) {
			line += ", comparable"
		}
		return slices.Concat([]string{line}, p.fields(name.Name(), underlying), p.methods(name))
	default:
		return append([]string{line + p.typ(underlying)}, p.methods(name)...)
	}
}

func (p printer) interfaceType(t *types.Interface) string {
	var methods []string
	for method := range t.Methods() {
		methods = append(methods, method.Name()+p.signature(method.Type()))
	}
	return "interface { " + strings.Join(methods, "; ") + " }"
}

func (p printer) fields(typeName string, t *types.Struct) []string {
	var lines []string
	for i := range t.NumFields() {
		field := t.Field(i)
		if !field.Exported() {
			continue
		}
		line := fmt.Sprintf("field %s.%s %s", typeName, field.Name(), p.typ(field.Type()))
		if field.Embedded() {
			line += " embedded"
		}
		if tag := t.Tag(i); tag != "" {
			line += " `" + tag + "`"
		}
		lines = append(lines, line)
	}
	return lines
}

// methods returns the methods of a type and of its pointer, with those of embedded fields.
func (p printer) methods(name *types.TypeName) []string {
	var lines []string
	ofValue := types.NewMethodSet(name.Type())
	for selection := range types.NewMethodSet(types.NewPointer(name.Type())).Methods() {
		method := selection.Obj()
		if !method.Exported() {
			continue
		}
		receiver := "*" + name.Name()
		if ofValue.Lookup(method.Pkg(), method.Name()) != nil {
			receiver = name.Name()
		}
		lines = append(lines, fmt.Sprintf("method (%s) %s%s", receiver, method.Name(), p.signature(method.Type())))
	}
	return lines
}

// withoutNames returns a type without the names of parameters and results.
func withoutNames(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.Signature:
		if t.TypeParams().Len() > 0 {
			return t
		}
		return types.NewSignatureType(nil, nil, nil, unnamed(t.Params()), unnamed(t.Results()), t.Variadic())
	case *types.Pointer:
		return types.NewPointer(withoutNames(t.Elem()))
	case *types.Slice:
		return types.NewSlice(withoutNames(t.Elem()))
	case *types.Map:
		return types.NewMap(withoutNames(t.Key()), withoutNames(t.Elem()))
	}
	return t
}

func unnamed(variables *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for variable := range variables.Variables() {
		vars = append(vars, types.NewParam(0, nil, "", withoutNames(variable.Type())))
	}
	return types.NewTuple(vars...)
}
