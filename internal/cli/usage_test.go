package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUsageErrors_NameTheProblemAndTheHelp(t *testing.T) {
	tests := map[string]string{
		"help nope":                 `unknown command "nope" for "xiexus"; see "xiexus --help"`,
		"help get nope":             `unknown command "nope" for "xiexus get"; see "xiexus --help"`,
		"gte":                       `unknown command "gte" for "xiexus" Did you mean this? get; see "xiexus --help"`,
		"completion nope":           `unknown command "nope" for "xiexus completion"; see "xiexus completion --help"`,
		"create --duration abc":     `--duration must be a number, got "abc"; see "xiexus create --help"`,
		"create --n 1.5":            `--n must be a whole number, got "1.5"; see "xiexus create --help"`,
		"create --n 9999999999e99":  `--n must be a whole number, got "9999999999e99"; see "xiexus create --help"`,
		"create --n " + manyNines:   `--n is out of range, got "` + manyNines + `"; see "xiexus create --help"`,
		"get x --timeout 5":         `--timeout must be a duration such as 30s or 5m, got "5"; see "xiexus get --help"`,
		"get x --insecure-http=yes": `--insecure-http must be true or false, got "yes"; see "xiexus get --help"`,
		"download x --max-size big": `--max-size must be a size such as 500M, got "big"; see "xiexus download --help"`,
		"get x --nope":              `unknown flag: --nope; see "xiexus get --help"`,
		"wait x --timeout":          `flag needs an argument: --timeout; see "xiexus wait --help"`,
		"wait":                      `no task IDs: give at least one, "-" for standard input, or @FILE; see "xiexus wait --help"`,
		"get x -o yaml":             `--output must be table or json, got "yaml"; see "xiexus get --help"`,
		"version --nope":            `unknown flag: --nope; see "xiexus version --help"`,
	}
	for line, want := range tests {
		t.Run(line, func(t *testing.T) {
			got := runCommand(t.Context(), "", strings.Fields(line)...)
			require.Equal(t, result{exitUsage, "", "xiexus: " + want + "\n"}, got)
		})
	}
}

var manyNines = strings.Repeat("9", 30)

func TestHelp_ShowsFlagsThatApply(t *testing.T) {
	client := []string{"--profile", "--base-url", "--api-key-file", "--max-retries", "--timeout", "--concurrency", "--insecure-http"}
	output := []string{"--output", "--quiet", "--verbose"}
	tests := map[string][]string{
		"get": append(client, output...), "wait": append(client, output...), "download": append(client, output...), "create": append(client, output...),
		"list": {"--profile", "--base-url", "--output", "--quiet"},
		"demo": output, "serve": output, "version": {"--output"}, "spec": nil, "completion": nil, "completion zsh": nil, "help": nil,
	}
	for command, want := range tests {
		t.Run(command, func(t *testing.T) {
			for _, line := range []string{command + " --help", "help " + command} {
				got := runCommand(t.Context(), "", strings.Fields(line)...)
				require.Equal(t, 0, got.code, got.err)
				for _, flag := range append(client, output...) {
					if contains := strings.Contains(got.out, flag+" "); contains != (strings.Contains(strings.Join(want, " ")+" ", flag+" ")) {
						t.Errorf("%s shows %s: %t", line, flag, contains)
					}
				}
			}
		})
	}
}
