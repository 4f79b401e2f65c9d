package main

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// compatible are the licenses under which a module may be distributed as a part of this one,
// and what only texts that apply them have. To accept another, read it, and add it here.
var compatible = []struct{ name, text string }{
	{"Apache-2.0", "apache license version 2.0, january 2004"},
	{"Apache-2.0", "licensed under the apache license, version 2.0"},
	{"BSD-2-Clause", bsd},
	{"BSD-3-Clause", "neither the name of"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files"},
	{"Unlicense", "this is free and unencumbered software released into the public domain"},
}

const bsd = "redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met"

// restrictions are what other licenses, or conditions that are added to these, are called.
var restrictions = regexp.MustCompile(`general public license|mozilla public license|server side public license|commons clause`)

// identify returns the name of the license with a text, or an expression if there are several.
func identify(text string) (string, error) {
	plain := strings.ToLower(strings.Join(strings.Fields(text), " "))
	var names []string
	for _, license := range compatible {
		if strings.Contains(plain, license.text) {
			names = append(names, license.name)
		}
	}
	names = slices.Compact(names)
	if at := slices.Index(names, "BSD-3-Clause"); at > 0 && names[at-1] == "BSD-2-Clause" {
		names = slices.Delete(names, at-1, at) // whose clauses the other one has
	}
	switch {
	case plain == "":
		return "", errors.New("there is none")
	case len(names) == 0 || restrictions.MatchString(plain):
		return "", errors.New("not one of those in internal/thirdparty/license.go")
	}
	return strings.Join(names, and), nil
}

// and combines licenses that all apply, as SPDX expressions have it.
const and = " AND "
