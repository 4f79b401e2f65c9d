package main

import (
	"bytes"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go/internal/cli"
)

// addManPages adds a man page for each command.
func addManPages(files map[string][]byte) error {
	for cmd := range cli.Commands() {
		page, err := manPage(cmd)
		if err != nil {
			return err
		}
		files["man/"+strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1"] = page
	}
	return nil
}

// manPage returns the man page of a command. It has no date, so that each build of a
// version has the same.
func manPage(cmd *cobra.Command) ([]byte, error) {
	cmd.DisableAutoGenTag = true
	cmd.InitDefaultHelpFlag()
	cmd.Long = markdown(cmd.Long)
	cmd.NonInheritedFlags().VisitAll(func(flag *pflag.Flag) { // each flag once
		hideZero(flag)
		flag.Usage = escape(flag.Usage)
	})
	var page bytes.Buffer
	err := doc.GenMan(cmd, &doc.GenManHeader{Date: new(time.Time), Source: "xiexus", Manual: "User Commands"}, &page)
	text := bytes.Replace(page.Bytes(), []byte(`"Jan 0001"`), []byte(`""`), 1)
	text = hiddenBool.ReplaceAll(text, nil)
	return hidden.ReplaceAll(text, []byte(`=\fI$1\fP`)), err
}

// hideZero replaces a default that is a zero value by a mark with the type of the flag: what
// the zero value means is in the description.
func hideZero(flag *pflag.Flag) {
	switch kind, _ := pflag.UnquoteUsage(flag); {
	case flag.Value.Type() == "bool" && flag.DefValue == "false":
		flag.NoOptDefVal, flag.DefValue = "", hiddenMark
	case flag.DefValue == "", flag.DefValue == "0", flag.DefValue == "0s", flag.DefValue == "[]":
		flag.DefValue = hiddenMark + kind
	}
}

const hiddenMark = "hiddendefault"

// What the generator makes of a mark, without a type and with one.
var (
	hiddenBool = regexp.MustCompile(`=` + hiddenMark + `\b`)
	hidden     = regexp.MustCompile(`="?` + hiddenMark + `(\w+)"?`)
)

// markdown returns a help text in Markdown: its lists and commands, which are indented, as
// they are.
func markdown(help string) string {
	paragraphs := strings.Split(help, "\n\n")
	for i, text := range paragraphs {
		if indented.MatchString(text) {
			paragraphs[i] = "```\n" + text + "\n```"
		} else {
			paragraphs[i] = escape(strings.TrimLeft(text, "# ")) // cobra's own help has headings
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

var indented = regexp.MustCompile(`(?m)^[ \t]`)

// special matches what Markdown would interpret.
var special = regexp.MustCompile("[\\\\`*_\\[\\]<>|#]")

func escape(text string) string { return special.ReplaceAllString(text, `\$0`) }
