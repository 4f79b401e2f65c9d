package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/cli/profile"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

const (
	envProfile = "XIEXUS_PROFILE"
	envConfig  = "XIEXUS_CONFIG"
)

// relay is where requests are sent to, and where the key for them is.
type relay struct {
	baseURL string           // empty for that of the environment, or the default
	profile *profile.Profile // nil if the key is in the environment, or in the file of a flag
	dir     string           // of the configuration file
}

// relay returns the relay that the flags, the environment and the configuration file
// describe. A profile that was chosen replaces XIEXUS_API_KEY and XIEXUS_BASE_URL: the key of one
// relay must not get to another because a variable happens to be set. So the default
// profile is used only if nothing else describes a relay.
func (a *app) relay(ctx context.Context) (relay, error) {
	chosen := cmp.Or(a.client.profile, os.Getenv(envProfile))
	described := cmp.Or(a.client.baseURL, a.client.keyFile, os.Getenv(xiexus.EnvAPIKey), os.Getenv(xiexus.EnvBaseURL))
	if chosen == "" && described != "" {
		return relay{baseURL: a.client.baseURL}, nil
	}
	file, err := configFile()
	if err != nil {
		if chosen == "" { // as without a configuration file
			return relay{}, nil
		}
		return relay{}, err
	}
	config, err := readConfig(ctx, file)
	if err != nil {
		return relay{}, err
	}
	name := cmp.Or(chosen, config.Default)
	if name == "" {
		return relay{}, nil
	}
	found, known := config.Profiles[name]
	if !known {
		return relay{}, fmt.Errorf("no profile %q in %s; see \"xiexus help profiles\"", name, file)
	}
	return relay{baseURL: cmp.Or(a.client.baseURL, found.BaseURL), profile: &found, dir: filepath.Dir(file)}, nil
}

// configFile returns the name of the configuration file.
func configFile() (string, error) {
	if file := os.Getenv(envConfig); file != "" {
		return filepath.Abs(file)
	}
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "xiexus", "config.yaml"), err
}

// readConfig reads a configuration file. It may be missing, unless a variable names it.
func readConfig(ctx context.Context, file string) (*profile.Config, error) {
	text, err := readText(ctx, file)
	if errors.Is(err, fs.ErrNotExist) && os.Getenv(envConfig) == "" {
		return &profile.Config{}, nil
	}
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		err = path.Err
	}
	var config *profile.Config
	if err == nil {
		config, err = profile.Parse(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return config, nil
}

// key reads the key of the relay, and remembers it to be redacted. There is no flag for the
// key itself, because command lines are visible to other users.
func (a *app) key(ctx context.Context, r relay) (string, error) {
	var key, source string
	var err error
	switch {
	case a.client.keyFile != "":
		source = "--api-key-file"
		key, err = readKey(ctx, a.client.keyFile)
	case r.profile == nil:
		if key = os.Getenv(xiexus.EnvAPIKey); key == "" {
			return "", fmt.Errorf("no API key: set %s, or use --api-key-file or --profile", xiexus.EnvAPIKey)
		}
		return key, nil
	case r.profile.KeyEnv != "":
		source = fmt.Sprintf("profile %q: %s", r.profile.Name, r.profile.KeyEnv)
		if key = os.Getenv(r.profile.KeyEnv); key == "" {
			err = errors.New("this environment variable is not set")
		}
	default:
		source = fmt.Sprintf("profile %q: api_key_file", r.profile.Name)
		key, err = readKey(ctx, resolve(r.dir, r.profile.KeyFile))
	}
	if err == nil {
		a.secret, err = auth.ParseKey(key)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", source, err)
	}
	return key, nil
}

// resolve returns the path of a file that is named in a file in a directory.
func resolve(dir, name string) string {
	if rest, found := strings.CutPrefix(name, "~/"); found {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// completeProfiles lets shells complete the name of a profile.
func completeProfiles(root *cobra.Command) {
	_ = root.RegisterFlagCompletionFunc("profile", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		var names []string
		if file, err := configFile(); err == nil {
			if config, err := readConfig(cmd.Context(), file); err == nil {
				names = config.Names()
			}
		}
		for i, name := range names {
			names[i] = screen.Line(name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
}
