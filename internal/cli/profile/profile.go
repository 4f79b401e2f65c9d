// Package profile parses the configuration file of the command, which describes relays.
package profile

import (
	"cmp"
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
	defaultName string // or empty
	defaultLine int
	profiles    map[string]Profile
}

// Profile is a relay, and a reference to its key.
type Profile struct {
	// Name is the name of the profile.
	Name string
	// BaseURL is the base URL of the relay.
	BaseURL string
	// BaseURLLine is the line of the file that it is in.
	BaseURLLine int
	// KeyEnv is the name of the environment variable with the key, or empty.
	KeyEnv string
	// KeyFile is the file with the key, or empty, as it is in the configuration file.
	KeyFile string

	invalid error
}

// Names returns the names of the profiles in order.
func (c *Config) Names() []string { return slices.Sorted(maps.Keys(c.profiles)) }

// Select returns the profile with a name, or the default profile if that is empty. Its name is empty
// if there is none. The error says what is wrong with the profile.
func (c *Config) Select(name string) (Profile, error) {
	if name == "" && c.defaultName == "" {
		return Profile{}, nil
	}
	profile, known := c.profiles[cmp.Or(name, c.defaultName)]
	switch {
	case known && profile.invalid != nil:
		return Profile{}, profile.invalid
	case known:
		return profile, nil
	case name == "":
		return Profile{}, lineError(c.defaultLine, fmt.Errorf("default_profile names %q, which is not a profile", c.defaultName))
	}
	return Profile{}, fmt.Errorf("no profile %q", name)
}

// Parse parses the text of a configuration file. Its errors, and those of [Config.Select],
// name the line, and do not contain what may be a key. What is wrong with a profile is an
// error only if it is selected.
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
		return nil, syntaxError(text, err)
	}
	return parseConfig(document.Content[0])
}

// syntaxError returns an error of the YAML parser, which does not say that it is about a tab.
func syntaxError(text string, err error) error {
	number := 0
	for line := range strings.Lines(text) {
		number++
		if strings.HasPrefix(strings.TrimLeft(line, " "), "\t") {
			return lineError(number, errors.New("indented with a tab; YAML requires spaces"))
		}
	}
	return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
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
	config := &Config{profiles: map[string]Profile{}}
	err := eachField("the file", root, func(name string, value *yaml.Node) (err error) {
		switch name {
		case "default_profile":
			config.defaultLine = value.Line
			config.defaultName, err = textOf(name, value)
			return err
		case "profiles":
			return eachField(name, value, func(name string, value *yaml.Node) error {
				profile := parseProfile(name, value)
				config.profiles[name] = profile
				if errors.Is(profile.invalid, errKeyInFile) {
					return profile.invalid
				}
				return nil
			})
		}
		return unknownField(name, "default_profile or profiles")
	})
	if err != nil {
		return nil, err
	}
	return config, nil
}

// variable matches the name of an environment variable.
var variable = regexp.MustCompile(`^[A-Za-z_]\w*$`)

func parseProfile(name string, node *yaml.Node) Profile {
	profile := Profile{Name: name}
	err := eachField("it", node, func(name string, value *yaml.Node) (err error) {
		switch name {
		case "base_url":
			profile.BaseURLLine = value.Line
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
	case profile.BaseURL == "":
		err = errors.New("it has no base_url")
	case profile.KeyEnv == "" && profile.KeyFile == "":
		err = errors.New("it has no api_key_env and no api_key_file")
	case profile.KeyEnv != "" && profile.KeyFile != "":
		err = errors.New("it has both api_key_env and api_key_file")
	}
	if err != nil {
		profile.invalid = profileError(name, node.Line, err)
	}
	return profile
}

// profileError adds the name of a profile to an error, and its line if it has none. An error
// because of a key is about the file.
func profileError(name string, line int, err error) error {
	if errors.Is(err, errKeyInFile) {
		return err
	}
	if at := (*parseError)(nil); errors.As(err, &at) {
		line, err = at.line, at.err
	}
	return lineError(line, fmt.Errorf("profile %q: %w", name, err))
}
