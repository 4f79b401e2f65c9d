package cli

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

// completeIDs lets shells complete the names of files after "@". Task IDs cannot be
// completed: relays do not list them.
func completeIDs(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	directive := cobra.ShellCompDirectiveNoFileComp
	prefix, isFile := strings.CutPrefix(typed, "@")
	if !isFile {
		return nil, directive
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
