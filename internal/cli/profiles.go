package cli

import "github.com/spf13/cobra"

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
XIEXUS_BASE_URL have no effect, so that the key of one relay is not sent to another.
Without a selected profile, these variables are used if one of them is set, and else
the default profile. --base-url and --api-key-file take precedence over all of these.`

// profilesTopic returns a topic of the help, which is not a command.
func profilesTopic() *cobra.Command {
	return &cobra.Command{Use: "profiles", Short: "Several relays in one configuration file", Long: profilesHelp}
}
