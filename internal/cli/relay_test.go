package cli

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/cli/profile"
	"github.com/xiexus/xiexus-go/xiexustest"
)

const (
	mainKey  = "sk-k3yOfTheMainRelay"
	otherKey = "sk-k3yOfTheOtherRelay"
)

// startProfiles starts two relays with keys of their own, and sets a configuration file
// that describes them as "main" and "other". No other relay is set.
func startProfiles(t *testing.T, defaultProfile string) (main, other *xiexustest.Relay) {
	var urls []string
	start := func(key string) *xiexustest.Relay {
		relay := xiexustest.StartRelay(xiexustest.WithAPIKey(key))
		server := httptest.NewServer(relay)
		t.Cleanup(server.Close)
		urls = append(urls, server.URL)
		relay.Add("task", xiexustest.Completes(0, video))
		return relay
	}
	main, other = start(mainKey), start(otherKey)
	text := defaultProfile + `
profiles:
  main:
    base_url: ` + urls[0] + `
    api_key_env: MAIN_KEY
  other:
    base_url: ` + urls[1] + `
    api_key_file: keys/other
`
	writeConfig(t, text)
	t.Setenv("MAIN_KEY", mainKey)
	t.Setenv(xiexus.EnvAPIKey, "")
	t.Setenv(xiexus.EnvBaseURL, "")
	t.Setenv(envProfile, "")
	return main, other
}

// writeConfig sets a configuration file with a text. Beside it is a file with a key.
func writeConfig(t *testing.T, text string) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "keys"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "keys", "other"), []byte(otherKey+"\n"), 0o600))
	t.Setenv(envConfig, file)
}

func TestProfiles_WhichRelayIsUsed(t *testing.T) {
	const withDefault = "default_profile: main"
	type env map[string]string
	tests := []struct {
		name, config string
		env          env
		args         string
		want         string // "main", "other", or an error
	}{
		{"flag", "", nil, "--profile other", "other"},
		{"variable", "", env{envProfile: "other"}, "", "other"},
		{"flag before variable", "", env{envProfile: "other"}, "--profile main", "main"},
		{"default profile", withDefault, nil, "", "main"},
		{"variable before default profile", withDefault, env{envProfile: "other"}, "", "other"},
		{"flag before other variables", "", env{xiexus.EnvAPIKey: mainKey, xiexus.EnvBaseURL: "MAIN"}, "--profile other", "other"},
		{"variable before other variables", "", env{envProfile: "other", xiexus.EnvAPIKey: mainKey, xiexus.EnvBaseURL: "MAIN"}, "", "other"},
		{"a key in the environment is not for the profile", "", env{envProfile: "main", xiexus.EnvAPIKey: otherKey, "MAIN_KEY": ""}, "", `profile "main": MAIN_KEY: this environment variable is not set`},
		{"environment before default profile", withDefault, env{xiexus.EnvAPIKey: otherKey, xiexus.EnvBaseURL: "OTHER"}, "", "other"},
		{"a base URL is not for the key of the default profile", withDefault, env{xiexus.EnvBaseURL: "OTHER"}, "", "no API key: set XIEXUS_API_KEY"},
		{"a base URL flag, and the key of the default profile", withDefault, env{"MAIN_KEY": otherKey}, "--base-url OTHER", "other"},
		{"a key of a flag, and the base URL of the default profile", withDefault, env{"MAIN_KEY": otherKey}, "--api-key-file MAINKEY", "main"},
		{"flags before the default profile", withDefault, env{"MAIN_KEY": ""}, "--base-url OTHER --api-key-file KEYFILE", "other"},
		{"flags without a profile", "", nil, "--base-url OTHER --api-key-file KEYFILE", "other"},
		{"flags before the profile", "", env{envProfile: "main"}, "--base-url OTHER --api-key-file KEYFILE", "other"},
		{"a flag and the rest of the profile", "", env{"MAIN_KEY": otherKey}, "--profile main --base-url OTHER", "other"},
		{"the base URL of the profile, the key of a flag", "", env{"MAIN_KEY": ""}, "--profile other --api-key-file KEYFILE", "other"},
		{"no profile", "", nil, "", "no API key: set XIEXUS_API_KEY, or use --api-key-file or --profile"},
		{"unknown", "", nil, "--profile nope", `config.yaml: no profile "nope"; see "xiexus help profiles"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			main, other := startProfiles(t, test.config)
			replace := strings.NewReplacer("MAINKEY", keyFile(t, mainKey), "MAIN", urlOf(t, "main"), "OTHER", urlOf(t, "other"),
				"KEYFILE", filepath.Join(filepath.Dir(os.Getenv(envConfig)), "keys", "other"))
			for name, value := range test.env {
				t.Setenv(name, replace.Replace(value))
			}
			got := runCommand(t.Context(), "", strings.Fields("get task "+replace.Replace(test.args))...)
			switch test.want {
			case "main", "other":
				require.Equal(t, 0, got.code, got.err)
			default:
				require.Equal(t, exitUsage, got.code, got.err)
				require.Contains(t, got.err, test.want)
			}
			require.Equal(t, test.want == "main", len(main.Requests()) > 0)
			require.Equal(t, test.want == "other", len(other.Requests()) > 0)
			require.NotContains(t, got.err, mainKey[3:])
			require.NotContains(t, got.err, otherKey[3:])
		})
	}
}

// urlOf returns the base URL in a profile.
func urlOf(t *testing.T, name string) string {
	config, err := readConfig(t.Context(), os.Getenv(envConfig))
	require.NoError(t, err)
	selected, err := config.Select(name)
	require.NoError(t, err)
	return selected.BaseURL
}

func TestProfiles_Errors(t *testing.T) {
	tests := []struct{ name, text, args, want string }{
		{"invalid", "profile: x\n", "", "config.yaml: line 1: unknown field"},
		{"a key", "api_key: " + testKey + "\n", "", "config.yaml: line 1: an API key must not be in this file"},
		{"damaged", "profiles:\n  # \xca\xd3\n", "", "config.yaml: not text in UTF-8"},
		{"no key file", "profiles: {p: {base_url: u.example.com, api_key_file: none}}", "--profile p", `none: no such file`},
		{"empty key file", "profiles: {p: {base_url: u.example.com, api_key_file: " + os.DevNull + "}}", "--profile p", `profile "p": api_key_file ` + os.DevNull + `: the API key is empty`},
		{"key in the variable", "profiles: {p: {base_url: u.example.com, api_key_env: A_KEY}}", "--profile p", `profile "p": A_KEY: the API key contains whitespace`},
		{"base URL", "profiles: {p: {base_url: 'ftp://x', api_key_file: keys/other}}", "--profile p", `config.yaml: line 1: profile "p": base_url: `},
		{"plain http", "\nprofiles:\n  p:\n    base_url: http://relay.example.com\n    api_key_file: keys/other\n", "--profile p", `config.yaml: line 4: profile "p": base_url: `},
		{"incomplete", "profiles: {p: {base_url: u.example.com}}", "--profile p", `config.yaml: line 1: profile "p": it has no api_key_env and no api_key_file; see "xiexus help profiles"`},
		{"incomplete default", "profiles: {p: {base_url: u.example.com}}\ndefault_profile: p", "", `config.yaml: line 1: profile "p": it has no api_key_env`},
		{"a tab", "profiles:\n\tp:\n", "", "config.yaml: line 2: indented with a tab; YAML requires spaces"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(xiexus.EnvAPIKey, "")
			t.Setenv(xiexus.EnvBaseURL, "")
			t.Setenv("A_KEY", "two words")
			writeConfig(t, test.text)
			got := runCommand(t.Context(), "", strings.Fields("get task "+test.args)...)
			require.Equal(t, exitUsage, got.code, got.err)
			require.Contains(t, got.err, test.want)
			require.NotContains(t, got.err, testKey[3:])
		})
	}
}

func TestProfiles_FileMayBeMissingUnlessNamed(t *testing.T) {
	t.Setenv(xiexus.EnvAPIKey, "")
	t.Setenv(xiexus.EnvBaseURL, "")
	t.Setenv(envConfig, filepath.Join(t.TempDir(), "none.yaml"))
	got := runCommand(t.Context(), "", "get", "task")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, `none.yaml, which XIEXUS_CONFIG names; see "xiexus help profiles"`)

	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, t.TempDir())
	}
	t.Setenv(envConfig, "")
	got = runCommand(t.Context(), "", "get", "task")
	require.Contains(t, got.err, "no API key")
	got = runCommand(t.Context(), "", "get", "task", "--profile", "p")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, `no configuration file for the profile "p" at `)
	require.Contains(t, got.err, `config.yaml; see "xiexus help profiles"`)
}

func TestProfiles_AnotherMayBeIncomplete(t *testing.T) {
	_, other := startProfiles(t, "")
	writeConfig(t, "default_profile: none\nprofiles:\n  draft:\n  main: {base_url: x}\n  other: {base_url: "+urlOf(t, "other")+", api_key_file: keys/other}\n")
	got := runCommand(t.Context(), "", "get", "task", "--profile", "other")
	require.Equal(t, 0, got.code, got.err)
	require.Len(t, other.Requests(), 1)
}

func TestProfiles_AreNotForCommandsWithTheirOwnRelay(t *testing.T) {
	for _, line := range []string{"serve --profile p", "demo --base-url u"} {
		got := runCommand(t.Context(), "", strings.Fields(line)...)
		require.Equal(t, exitUsage, got.code)
		require.Contains(t, got.err, "has no effect on "+strings.Fields(line)[0]+", which runs a relay of its own")
	}
}

func TestProfiles_KeyFileInTheHomeDirectory(t *testing.T) {
	_, other := startProfiles(t, "")
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	require.NoError(t, os.WriteFile(filepath.Join(home, "key"), []byte(otherKey), 0o600))
	writeConfig(t, "profiles: {p: {base_url: "+urlOf(t, "other")+", api_key_file: ~/key}}")
	got := runCommand(t.Context(), "", "get", "task", "--profile", "p")
	require.Equal(t, 0, got.code, got.err)
	require.Len(t, other.Requests(), 1)
}

func TestProfiles_KeyIsNotSeen(t *testing.T) {
	main, _ := startProfiles(t, "")
	for range 3 {
		main.Fail("task", xiexustest.Fault{Status: 400, Body: `{"message":"bad key ` + mainKey + `"}`})
	}
	got := runCommand(t.Context(), "", "get", "task", "--profile", "main", "-v")
	require.Equal(t, exitOther, got.code, got.err)
	require.Contains(t, got.err, "[redacted]")
	require.NotContains(t, got.err, mainKey[3:])

	got = runCommand(t.Context(), "", "get", mainKey, "--profile", "main")
	require.Equal(t, exitUsage, got.code)
	require.NotContains(t, got.err, mainKey[3:])
}

func TestProfiles_ResumeHintNamesTheProfile(t *testing.T) {
	main, _ := startProfiles(t, "")
	main.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return xiexustest.Completes(time.Hour, video) })
	ctx, interrupt := context.WithCancel(t.Context())
	got := runAndInterrupt(ctx, "created", interrupt, "create", "-m", "m", "-p", "x", "--wait", "--profile", "main")
	require.Equal(t, exitInterrupted, got.code)
	require.Contains(t, got.err, "; to resume: xiexus wait "+main.Created()[0]+" --profile main\n")
}

func TestProfiles_ListShowsTheTasksOfTheProfile(t *testing.T) {
	startProfiles(t, "default_profile: main")
	keepHistory(t)
	for _, name := range []string{"main", "other"} {
		require.Equal(t, 0, createPrompt(t, "for "+name, "--profile", name).code)
	}
	t.Setenv("MAIN_KEY", "")
	require.Equal(t, "for main", listTasks(t)[0]["prompt"])
	require.Equal(t, "for other", listTasks(t, "--profile", "other")[0]["prompt"])
	require.Len(t, listTasks(t, "--all"), 2)
}

func TestProfiles_Completion(t *testing.T) {
	startProfiles(t, "")
	got := runCommand(t.Context(), "", "__complete", "get", "--profile", "")
	require.Equal(t, "main\nother\n:4\n", got.out)
	writeConfig(t, "invalid")
	got = runCommand(t.Context(), "", "__complete", "get", "--profile", "")
	require.Equal(t, ":4\n", got.out)
}

func TestProfiles_HelpTopicHasAValidExample(t *testing.T) {
	for _, line := range []string{"help profiles", "profiles"} {
		got := runCommand(t.Context(), "", strings.Fields(line)...)
		require.Equal(t, 0, got.code, got.err)
		paragraphs := strings.Split(got.out, "\n\n")
		config, err := profile.Parse(paragraphs[1])
		require.NoError(t, err)
		require.Equal(t, []string{"backup", "main"}, config.Names())
	}
}
