package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
)

// bom is a software bill of materials in the format of CycloneDX 1.6, without a time and a
// serial number: the same binary has the same one.
type bom struct {
	Schema       string       `json:"$schema"`
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string          `json:"type"`
	Ref        string          `json:"bom-ref"`
	Name       string          `json:"name"`
	Version    string          `json:"version"`
	PURL       string          `json:"purl"`
	Licenses   []licenseChoice `json:"licenses"`
	Properties []property      `json:"properties,omitempty"`
}

// licenseChoice is one license or an expression.
type licenseChoice struct {
	License    *licenseID `json:"license,omitempty"`
	Expression string     `json:"expression,omitempty"`
}

type licenseID struct {
	ID string `json:"id"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// ownLicense is that of this module.
const ownLicense = "MIT"

// writeSBOM describes a binary by what the linker recorded in it, and by the licenses of the
// modules that it may contain.
func writeSBOM(out io.Writer, binary string, modules []module) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	licenses := map[string]string{}
	for _, m := range modules {
		licenses[m.path] = m.license
	}
	main := newComponent("application", info.Main.Path, info.Main.Version, ownLicense)
	main.Properties = settings(info)
	described := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{main},
	}
	info.Deps = append(info.Deps, &debug.Module{Path: standardLibrary, Version: strings.TrimPrefix(info.GoVersion, "go")})
	uses := dependency{Ref: main.Ref}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		license, known := licenses[m.Path]
		if !known {
			return fmt.Errorf("%s contains %s, which %s does not: was it built from this commit?", binary, m.Path, command)
		}
		described.Components = append(described.Components, newComponent("library", m.Path, m.Version, license))
		uses.DependsOn = append(uses.DependsOn, described.Components[len(described.Components)-1].Ref)
	}
	described.Dependencies = []dependency{uses}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(described)
}

func newComponent(kind, path, version, license string) component {
	url := "pkg:golang/" + path + "@" + strings.ReplaceAll(version, "+", "%2B")
	choice := licenseChoice{License: &licenseID{license}}
	if strings.Contains(license, and) {
		choice = licenseChoice{Expression: license}
	}
	return component{Type: kind, Ref: url, Name: path, Version: version, PURL: url, Licenses: []licenseChoice{choice}}
}

// settings returns what a binary was built for, and from which commit.
func settings(info *debug.BuildInfo) []property {
	var properties []property
	for _, setting := range info.Settings {
		switch setting.Key {
		case "GOOS", "GOARCH", "vcs.revision":
			properties = append(properties, property{"xiexus:build:" + setting.Key, setting.Value})
		}
	}
	return properties
}
