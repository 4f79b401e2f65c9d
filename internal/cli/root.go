package cli

import (
	"github.com/spf13/cobra"
)

const rootHelp = `xiexus creates video generation tasks on api.xiexus.cn or any other New API
relay, waits for them and downloads their videos.

The API key is read from XIEXUS_API_KEY or --api-key-file, and the base URL of
the relay from XIEXUS_BASE_URL or --base-url. For several relays, see "xiexus
help profiles". To try it without a relay or a key, run: xiexus demo

` + exitCodesHelp

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "xiexus",
		Short:         "Create videos on a New API relay: create a task, wait for it, download the video",
		Long:          rootHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(a.In)
	root.SetOut(a.Out)
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
	root.SetFlagErrorFunc(explainFlag)
	describeCompletion(root)
	describeHelp(root)
	hideUnusedFlags(root)
	return root
}

const profilesHelp = `A configuration file describes several relays as profiles:

  default_profile: main
  profiles:
    main:
      base_url: https://api.xiexus.cn
      api_key_env: MAIN_KEY
    backup:
      base_url: https://relay.example.com
      api_key_file: ~/.config/xiexus/backup.key

The file is named in XIEXUS_CONFIG. By default it is

  Linux    $XDG_CONFIG_HOME/xiexus/config.yaml, or ~/.config/xiexus/config.yaml
  macOS    ~/Library/Application Support/xiexus/config.yaml
  Windows  %AppData%\xiexus\config.yaml

Keys must not be in it: a profile names the environment variable with its key, or a
file, whose path is relative to the configuration file.

--profile selects a profile, or else XIEXUS_PROFILE does. Then XIEXUS_API_KEY and
XIEXUS_BASE_URL have no effect, so that the key of one relay is not sent to another;
--base-url and --api-key-file take precedence over the profile. The default profile is
used only if none is selected, and --base-url, --api-key-file, XIEXUS_API_KEY and
XIEXUS_BASE_URL are not set.`

// profilesTopic returns a topic of the help, which is not a command.
func profilesTopic() *cobra.Command {
	return &cobra.Command{Use: "profiles", Short: "Several relays in one configuration file", Long: profilesHelp}
}

const completionHelp = `Print a script that completes xiexus commands and flags in a shell.

To learn how to load it, run one of:
  xiexus completion bash --help
  xiexus completion zsh --help
  xiexus completion fish --help
  xiexus completion powershell --help`

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
