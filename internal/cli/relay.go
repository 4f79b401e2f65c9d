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
	source  string           // of the base URL, if it is in the configuration file
	profile *profile.Profile // nil if the key is in the environment, or in the file of a flag
	dir     string           // of the configuration file
}

// invalid returns an error of the base URL, with where it is.
func (r relay) invalid(err error) error {
	if r.source == "" {
		return err
	}
	return fmt.Errorf("%s: %w", r.source, err)
}

// relay returns the relay that the flags, the environment and the configuration file
// describe. A profile that was chosen replaces XIEXUS_API_KEY and XIEXUS_BASE_URL: the key of one
// relay must not get to another because a variable happens to be set. So the default
// profile is used only if neither variable is set. Flags take precedence over both profiles.
func (a *app) relay(ctx context.Context) (relay, error) {
	chosen := cmp.Or(a.client.profile, os.Getenv(envProfile))
	byFlags := relay{baseURL: a.client.baseURL}
	complete := a.client.baseURL != "" && a.client.keyFile != ""
	if chosen == "" && (complete || cmp.Or(os.Getenv(xiexus.EnvAPIKey), os.Getenv(xiexus.EnvBaseURL)) != "") {
		return byFlags, nil
	}
	file, err := configFile()
	if err != nil {
		if chosen == "" { // as without a configuration file
			return byFlags, nil
		}
		return relay{}, err
	}
	config, err := readConfig(ctx, file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && chosen == "" && os.Getenv(envConfig) == "":
		return byFlags, nil
	case errors.Is(err, fs.ErrNotExist):
		return relay{}, noConfig(file, chosen)
	case err != nil:
		return relay{}, err
	}
	found, err := config.Select(chosen)
	switch {
	case err != nil:
		return relay{}, fmt.Errorf("%s: %w; see \"xiexus help profiles\"", file, err)
	case found.Name == "":
		return byFlags, nil
	}
	r := relay{baseURL: a.client.baseURL, profile: &found, dir: filepath.Dir(file)}
	if r.baseURL == "" {
		r.baseURL = found.BaseURL
		r.source = fmt.Sprintf("%s: line %d: profile %q: base_url", file, found.BaseURLLine, found.Name)
	}
	return r, nil
}

// noConfig returns the error if there is no configuration file, but a profile was chosen or a
// variable names the file.
func noConfig(file, chosen string) error {
	purpose := ""
	if chosen != "" {
		purpose = fmt.Sprintf(" for the profile %q", chosen)
	}
	if os.Getenv(envConfig) != "" {
		file += ", which " + envConfig + " names"
	}
	return fmt.Errorf("no configuration file%s at %s; see \"xiexus help profiles\"", purpose, file)
}

// configFile returns the name of the configuration file.
func configFile() (string, error) {
	if file := os.Getenv(envConfig); file != "" {
		return filepath.Abs(file)
	}
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "xiexus", "config.yaml"), err
}

// readConfig reads a configuration file.
func readConfig(ctx context.Context, file string) (*profile.Config, error) {
	text, err := readText(ctx, file)
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
		file := resolve(r.dir, r.profile.KeyFile)
		source = fmt.Sprintf("profile %q: api_key_file %s", r.profile.Name, file)
		key, err = readKey(ctx, file)
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
