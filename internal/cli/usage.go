package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// withPointer adds to an error of a command line where its command is described.
func withPointer(cmd *cobra.Command, err error) error {
	path := strings.TrimSuffix(cmd.CommandPath(), " help")
	return usageError{fmt.Errorf("%s; see \"%s --help\"", strings.TrimSpace(err.Error()), path)}
}

// noArgs rejects arguments of a command that takes none.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, got %q", cmd.Name(), args[0])
	}
	return nil
}

// describeHelp lets the help command reject what is not a command.
func describeHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help, _, err := root.Find([]string{"help"})
	if err != nil {
		return
	}
	help.Args = func(_ *cobra.Command, args []string) error {
		found, rest, err := root.Find(args)
		if err == nil && len(rest) > 0 {
			err = fmt.Errorf("unknown command %q for %q", rest[0], found.CommandPath())
		}
		return err
	}
}

// hideUnusedFlags lets the help of each command show only those global flags that have
// an effect on it.
func hideUnusedFlags(root *cobra.Command) {
	show := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		showUsedFlags(cmd)
		show(cmd, args)
	})
}

// showUsedFlags hides the global flags that have no effect on a command, and only those.
func showUsedFlags(cmd *cobra.Command) {
	used, limited := usedFlags(cmd)
	cmd.InheritedFlags().VisitAll(func(flag *pflag.Flag) {
		flag.Hidden = limited && !slices.Contains(used, flag.Name)
	})
}

// usedFlags returns the global flags that a command uses, unless it uses all of them.
func usedFlags(cmd *cobra.Command) (names []string, limited bool) {
	for cmd.HasParent() && cmd.Parent().HasParent() {
		cmd = cmd.Parent()
	}
	switch cmd.Name() {
	case "demo", "serve":
		return []string{"output", "quiet", "verbose"}, true
	case "list":
		return []string{"profile", "base-url", "output", "quiet"}, true
	case "version":
		return []string{"output"}, true
	case "spec", "completion", "help", "profiles":
		return nil, true
	}
	return nil, false
}

// checkUsedFlags rejects a flag for a relay if the command runs one of its own.
func checkUsedFlags(cmd *cobra.Command) error {
	if name := cmd.Name(); name != "demo" && name != "serve" {
		return nil
	}
	used, _ := usedFlags(cmd)
	var unused error
	cmd.InheritedFlags().VisitAll(func(flag *pflag.Flag) {
		if flag.Changed && !slices.Contains(used, flag.Name) {
			unused = fmt.Errorf("--%s has no effect on %s, which runs a relay of its own", flag.Name, cmd.Name())
		}
	})
	return unused
}
