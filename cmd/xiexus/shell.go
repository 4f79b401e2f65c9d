package main

import "strings"

// words writes parts of a command line as a shell's user would type them.
func words(parts ...[]string) string {
	var line []string
	for _, words := range parts {
		for _, word := range words {
			line = append(line, quoted(oneLine(word)))
		}
	}
	return strings.Join(line, " ")
}

// quoted makes a text one word of a shell's line.
func quoted(text string) string {
	if text == "" || strings.ContainsAny(text, " \t'\"\\$&;|<>()[]{}*?#~`!") {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}

// relayFlags are those that say which relay is asked, and how.
func (a *app) relayFlags() []string {
	var flags []string
	if a.baseURL != "" {
		flags = append(flags, "--base-url", a.baseURL)
	}
	if a.keyFile != "" {
		flags = append(flags, "--api-key-file", a.keyFile)
	}
	if a.insecure {
		flags = append(flags, "--insecure-http")
	}
	if a.private {
		flags = append(flags, "--allow-private")
	}
	return flags
}
