package cli

import (
	"iter"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/internal/flagerror"
)

const rootHelp = `xiexus creates video generation tasks on api.xiexus.cn or any other New API
relay, waits for them and downloads their videos.

The API key is read from XIEXUS_API_KEY or --api-key-file, and the base URL of
the relay from XIEXUS_BASE_URL or --base-url. For several relays, see "xiexus
help profiles". To try it without a relay or a key, run: xiexus demo

` + exitCodesHelp

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "xiexus COMMAND",
		Short:         "Create videos on a New API relay: create a task, wait for it, download the video",
		Long:          rootHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(a.In)
	root.SetOut(&a.help)
	root.SetErr(a.Err)
	a.output.register(root)
	a.client.register(root.PersistentFlags())
	root.AddCommand(
		a.createCommand(), a.waitCommand(), a.downloadCommand(), a.getCommand(), a.listCommand(), a.modelsCommand(),
		a.demoCommand(), a.serveCommand(), a.specCommand(), a.versionCommand(),
		profilesTopic(),
	)
	completeProfiles(root)
	root.Version = describeBuild()
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagerror.Explain)
	describeCompletion(root)
	describeHelp(root)
	hideUnusedFlags(root)
	return root
}

// Commands yields the commands of xiexus and the topics of its help, for generators of its documentation, which may
// change them. Of the global flags, those are hidden that have no effect on a command.
func Commands() iter.Seq[*cobra.Command] {
	return func(yield func(*cobra.Command) bool) { visit(newApp(Streams{}, nil).rootCommand(), yield) }
}

// visit yields a command and those below it until yield returns false, and returns that.
func visit(cmd *cobra.Command, yield func(*cobra.Command) bool) bool {
	showUsedFlags(cmd)
	if !yield(cmd) {
		return false
	}
	for _, child := range cmd.Commands() {
		if (child.IsAvailableCommand() || child.IsAdditionalHelpTopicCommand()) && !visit(child, yield) {
			return false
		}
	}
	return true
}

const completionHelp = `Print a script that completes xiexus commands and flags in a shell.

To learn how to load it, run one of:
  xiexus completion bash --help
  xiexus completion zsh --help
  xiexus completion fish --help
  xiexus completion powershell --help

For bash, the package bash-completion must be installed.`

// describeCompletion replaces the help of cobra's completion command, which does not
// say which commands explain how to load the scripts. It also lets the command reject
// the name of another shell.
func describeCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		completion.Long = completionHelp
		completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		completeAtInBash(completion)
	}
}

// completeValues lets shells complete the value of a flag.
func completeValues(cmd *cobra.Command, flag string, values []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}
