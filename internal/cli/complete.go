package cli

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
	"github.com/xiexus/xiexus-go/internal/taskids"
)

// completeIDs lets shells complete the IDs in the history, and the names of files after "@".
func (a *app) completeIDs(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	directive := cobra.ShellCompDirectiveNoFileComp
	prefix, isFile := strings.CutPrefix(typed, "@")
	if !isFile {
		return a.knownIDs(cmd, args, typed), directive | cobra.ShellCompDirectiveKeepOrder
	}
	var names []cobra.Completion
	for _, name := range filesWith(prefix) {
		names = append(names, "@"+name)
		if strings.HasSuffix(name, string(filepath.Separator)) {
			directive |= cobra.ShellCompDirectiveNoSpace // the name goes on
		}
	}
	return names, directive
}

// maxCompletions is how many IDs are offered: nobody chooses among more.
const maxCompletions = 50

// knownIDs returns the newest IDs in the history that begin with a prefix, without those that
// were given, and for wait without those of tasks that have ended.
func (a *app) knownIDs(cmd *cobra.Command, given []string, prefix string) []cobra.Completion {
	baseURL, err := a.baseURL(cmd.Context())
	if err != nil {
		return nil
	}
	entries, _ := readHistory(cmd.Context()) // without any, nothing is completed
	var ids []cobra.Completion
	options := &listOptions{ids: true, unfinished: cmd.Name() == "wait"}
	for _, entry := range options.choose(entriesOf(entries, baseURL)) {
		if len(ids) == maxCompletions {
			break
		}
		id := entry.TaskID
		if strings.HasPrefix(id, prefix) && screen.Line(id) == id && !taskids.IsSpecial(id) && !slices.Contains(given, id) {
			ids = append(ids, cobra.CompletionWithDesc(id, screen.Line(entry.Prompt)))
		}
	}
	return ids
}

// filesWith returns the names of the files, and of directories with a separator, that
// begin with a prefix.
func filesWith(prefix string) []string {
	dir, start := filepath.Split(prefix)
	entries, _ := os.ReadDir(cmp.Or(dir, "."))
	var names []string
	for _, entry := range entries {
		name := entry.Name()
		isHidden := strings.HasPrefix(name, ".") && start == ""
		if !strings.HasPrefix(name, start) || isHidden || strings.ContainsFunc(name, unicode.IsControl) {
			continue
		}
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.IsDir() {
			name += string(filepath.Separator)
		}
		names = append(names, dir+name)
	}
	return names
}

// completeAtInBash lets the script for bash complete words with an "@", which bash splits.
func completeAtInBash(completion *cobra.Command) {
	bash, _, err := completion.Find([]string{"bash"})
	if err != nil {
		return
	}
	bash.RunE = func(cmd *cobra.Command, _ []string) error {
		var script bytes.Buffer
		plain, _ := cmd.Flags().GetBool("no-descriptions")
		if err := cmd.Root().GenBashCompletionV2(&script, !plain); err != nil {
			return err
		}
		const joined = "-n =:" // the characters at which words are not split
		_, err := cmd.OutOrStdout().Write(bytes.ReplaceAll(script.Bytes(), []byte(joined), []byte(joined+"@")))
		return err
	}
}
