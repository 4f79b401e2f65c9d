package profile_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/cli/profile"
)

func TestParse(t *testing.T) {
	config, err := profile.Parse(`
# two relays
default_profile: main
profiles:
  main:
    base_url: https://api.xiexus.cn
    api_key_env: MAIN_KEY
  "back up": {base_url: relay.example.com, api_key_file: ~/keys/sk-of-the-backup-relay.key}
`)
	require.NoError(t, err)
	require.Equal(t, []string{"back up", "main"}, config.Names())
	main := profile.Profile{Name: "main", BaseURL: "https://api.xiexus.cn", BaseURLLine: 6, KeyEnv: "MAIN_KEY"}
	for name, want := range map[string]profile.Profile{
		"":        main,
		"main":    main,
		"back up": {Name: "back up", BaseURL: "relay.example.com", BaseURLLine: 8, KeyFile: "~/keys/sk-of-the-backup-relay.key"},
	} {
		selected, err := config.Select(name)
		require.NoError(t, err)
		require.Equal(t, want, selected)
	}
	_, err = config.Select("other")
	require.EqualError(t, err, `no profile "other"`)
}

func TestParse_NothingIsAConfiguration(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing\n"} {
		config, err := profile.Parse(text)
		require.NoError(t, err)
		require.Empty(t, config.Names())
		selected, err := config.Select("")
		require.NoError(t, err)
		require.Empty(t, selected)
	}
}

func TestParse_Errors(t *testing.T) {
	const inMain = "profiles:\n  main:\n    base_url: u\n"
	tests := []struct{ name, text, want string }{
		{"unknown field", "profile: x\n", `line 1: unknown field "profile"; it must be default_profile or profiles`},
		{"no mapping", "- main\n", `line 1: the file must be a mapping: lines of the form "name: value"`},
		{"a text", "main\n", "line 1: the file must be a mapping"},
		{"profiles in a list", "profiles:\n  - main\n", "line 2: profiles must be a mapping"},
		{"a profile twice", inMain + "    api_key_env: A\n  main: {}\n", `line 5: "main" occurs twice`},
		{"an alias", "default_profile: &a x\nprofiles: *a\n", "line 2: profiles must be a mapping"},
		{"not YAML", "profiles: {\n", "did not find expected node content"},
		{"a tab", "profiles:\n  main:\n  \tbase_url: u\n", "line 3: indented with a tab; YAML requires spaces"},
		{"two documents", "profiles: {}\n---\nprofiles: {}\n", "more than one YAML document"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := profile.Parse(test.text)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// Of a profile that is not selected, only a key is an error.
func TestSelect_Errors(t *testing.T) {
	const good = "profiles:\n  good: {base_url: u, api_key_env: A}\n"
	const inMain = good + "  main:\n    base_url: u\n"
	tests := []struct{ name, text, want string }{
		{"unknown field", inMain + "    api_key_path: x\n", `line 5: profile "main": unknown field "api_key_path"; it must be base_url, api_key_env or api_key_file`},
		{"empty", good + "  main:\n", `line 3: profile "main": it must be a mapping: lines`},
		{"a field twice", inMain + "    api_key_env: A\n    base_url: v\n", `line 6: profile "main": "base_url" occurs twice`},
		{"a list of texts", inMain + "    api_key_env: [A]\n", `line 5: profile "main": api_key_env must be a text`},
		{"an empty text", inMain + "    api_key_env: ''\n", `line 5: profile "main": api_key_env must be a text`},
		{"nothing", inMain + "    api_key_env:\n", `line 5: profile "main": api_key_env must be a text`},
		{"no base URL", good + "  main:\n    api_key_env: A\n", `line 4: profile "main": it has no base_url`},
		{"no key", inMain, `line 4: profile "main": it has no api_key_env and no api_key_file`},
		{"two keys", inMain + "    api_key_env: A\n    api_key_file: f\n", `line 4: profile "main": it has both`},
		{"not a variable", inMain + "    api_key_env: $A\n", `line 5: profile "main": api_key_env must be the name of an environment variable`},
		{"unknown default", good + "default_profile: main\n", `line 3: default_profile names "main", which is not a profile`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := test.text
			if test.name != "unknown default" {
				text += "default_profile: main\n"
			}
			config, err := profile.Parse(text)
			require.NoError(t, err)
			_, err = config.Select("")
			require.ErrorContains(t, err, test.want)
			_, err = config.Select("good")
			require.NoError(t, err)
		})
	}
}

func TestParse_RejectsKeys(t *testing.T) {
	const key = "sk-T3stK3yThatMustNotBeSeen"
	tests := map[string]string{
		"in a field of its own":    "profiles:\n  main:\n    api_key: T3stK3yThatMustNotBeSeen",
		"in a field for a name":    "profiles:\n  main:\n    api_key_env: " + key,
		"in a field for a file":    "profiles:\n  main:\n    api_key_file: '" + key + "'",
		"in the base URL":          "#\n\nbase_url: https://relay.example.com?key=" + key,
		"in a comment":             "\n\n# " + key,
		"as a bearer token":        "\n\ntoken: bearer T3stK3yThatMustNotBeSeen",
		"as the name of a profile": "profiles:\n\n  " + key + ":",
		"in what is not YAML":      "}{\n\n*" + key,
		"without a space":          "\n\napi_key:" + key,
		"as a base64 lookalike":    "\n\nkey: sk-T3stK3yThatMustNotBeSeen\r\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := profile.Parse(text)
			require.ErrorContains(t, err, "line 3: an API key must not be in this file; name the environment variable")
			require.NotContains(t, err.Error(), key[3:])
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("default_profile: a\nprofiles:\n  a: {base_url: u, api_key_env: A}\n")
	f.Add("profiles: {a: &a {base_url: u, api_key_file: f}, b: *a}")
	f.Add("a: [")
	f.Fuzz(func(t *testing.T, text string) {
		config, err := profile.Parse(text)
		require.Equal(t, err == nil, config != nil)
		if err != nil {
			return
		}
		for _, name := range config.Names() {
			parsed, err := config.Select(name)
			if err != nil {
				continue
			}
			require.Equal(t, name, parsed.Name)
			require.NotEmpty(t, parsed.BaseURL)
			require.NotEqual(t, parsed.KeyEnv == "", parsed.KeyFile == "")
		}
	})
}
