// Package profile parses the configuration file of the command, which describes relays.
package profile

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Config is a configuration file.
type Config struct {
	// Default is the name of the default profile, or empty.
	Default string
	// Profiles are the profiles by name.
	Profiles map[string]Profile
}

// Profile is a relay, and a reference to its key.
type Profile struct {
	// Name is the name of the profile.
	Name string
	// BaseURL is the base URL of the relay.
	BaseURL string
	// KeyEnv is the name of the environment variable with the key, or empty.
	KeyEnv string
	// KeyFile is the file with the key, or empty, as it is in the configuration file.
	KeyFile string
}

// Names returns the names of the profiles in order.
func (c *Config) Names() []string { return slices.Sorted(maps.Keys(c.Profiles)) }

// Parse parses the text of a configuration file. Its errors name the line, and do not
// contain what may be a key.
func Parse(text string) (*Config, error) {
	if line := lineWithKey(text); line > 0 {
		return nil, lineError(line, errKeyInFile)
	}
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var document yaml.Node
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		return &Config{}, nil
	case err == nil && !errors.Is(decoder.Decode(new(yaml.Node)), io.EOF):
		return nil, errors.New("more than one YAML document")
	case err != nil:
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return parseConfig(document.Content[0])
}

var errKeyInFile = errors.New("an API key must not be in this file; name the environment variable that has it in api_key_env, or a file in api_key_file")

// keyText matches what looks like a key, but not in the middle of a path.
var keyText = regexp.MustCompile(`(?i)(^|[^\w./~-])(bearer\s+\S|sk-[\w-]{12,}($|[^\w./-]))`)

// lineWithKey returns the number of the first line that contains a key, in a comment too,
// or 0.
func lineWithKey(text string) int {
	number := 0
	for line := range strings.Lines(text) {
		number++
		if keyText.MatchString(line) {
			return number
		}
	}
	return 0
}

func parseConfig(root *yaml.Node) (*Config, error) {
	config := &Config{Profiles: map[string]Profile{}}
	var defaultLine int
	err := eachField(root, func(name string, value *yaml.Node) (err error) {
		switch name {
		case "default_profile":
			defaultLine = value.Line
			config.Default, err = textOf(name, value)
			return err
		case "profiles":
			return eachField(value, func(name string, value *yaml.Node) error {
				config.Profiles[name], err = parseProfile(name, value)
				return err
			})
		}
		return unknownField(name, "default_profile or profiles")
	})
	if err != nil {
		return nil, err
	}
	if _, known := config.Profiles[config.Default]; !known && config.Default != "" {
		return nil, lineError(defaultLine, fmt.Errorf("default_profile names %q, which is not a profile", config.Default))
	}
	return config, nil
}

// variable matches the name of an environment variable.
var variable = regexp.MustCompile(`^[A-Za-z_]\w*$`)

func parseProfile(name string, node *yaml.Node) (Profile, error) {
	profile := Profile{Name: name}
	err := eachField(node, func(name string, value *yaml.Node) (err error) {
		switch name {
		case "base_url":
			profile.BaseURL, err = textOf(name, value)
		case "api_key_env":
			profile.KeyEnv, err = textOf(name, value)
			if err == nil && !variable.MatchString(profile.KeyEnv) {
				err = errors.New("api_key_env must be the name of an environment variable")
			}
		case "api_key_file":
			profile.KeyFile, err = textOf(name, value)
		case "api_key", "key", "token":
			err = errKeyInFile
		default:
			err = unknownField(name, "base_url, api_key_env or api_key_file")
		}
		return err
	})
	switch {
	case err != nil:
		return Profile{}, err
	case profile.BaseURL == "":
		err = errors.New("it has no base_url")
	case profile.KeyEnv == "" && profile.KeyFile == "":
		err = errors.New("it has no api_key_env and no api_key_file")
	case profile.KeyEnv != "" && profile.KeyFile != "":
		err = errors.New("it has both api_key_env and api_key_file")
	}
	if err != nil {
		err = lineError(node.Line, fmt.Errorf("profile %q: %w", name, err))
	}
	return profile, err
}
