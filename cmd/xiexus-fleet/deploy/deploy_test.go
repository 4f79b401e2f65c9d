// Package deploy tests that the files for a deployment are valid, and that they fit the command.
package deploy

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/command"
	"go.yaml.in/yaml/v3"
)

// service is the part of a service of the compose file that is tested.
type service struct {
	Image       string
	Command     []string
	Volumes     []string
	Environment map[string]string
	Deploy      struct{ Replicas int }
}

func readCompose(t *testing.T) (services map[string]service, volumes map[string]any) {
	content, err := os.ReadFile("compose.yaml")
	require.NoError(t, err)
	var file struct {
		Services map[string]service
		Volumes  map[string]any
	}
	require.NoError(t, yaml.Unmarshal(content, &file))
	return file.Services, file.Volumes
}

func TestCompose_HasClusterAndWorkers(t *testing.T) {
	services, volumes := readCompose(t)
	for _, name := range []string{"nats1", "nats2", "nats3"} {
		node := services[name]
		require.Equal(t, []string{"--name", name, "--config", "/etc/nats/nats.conf"}, node.Command)
		require.Contains(t, node.Volumes, name+":/data")
		require.Contains(t, volumes, name)
		require.Contains(t, services["worker"].Environment["NATS_URL"], "@"+name+":4222")
	}
	require.Equal(t, 3, services["worker"].Deploy.Replicas)
	requireValid(t, services["worker"].Command)
}

func TestCompose_HasNoSecrets(t *testing.T) {
	services, _ := readCompose(t)
	for name, service := range services {
		for variable, value := range service.Environment {
			require.Contains(t, value, "${", "%s: %s comes from the environment", name, variable)
		}
		require.NotContains(t, strings.Join(service.Command, " "), "${", "%s: a command line is visible to others", name)
	}
	require.Contains(t, services["worker"].Environment, xiexus.EnvAPIKey)
	require.NotContains(t, services["fleet"].Environment, xiexus.EnvAPIKey, "submit and status need no key")
}

func TestNATSConfig(t *testing.T) {
	t.Setenv("NATS_PASSWORD", "secret")
	options, err := server.ProcessConfigFile("nats.conf")
	require.NoError(t, err)
	require.True(t, options.JetStream)
	require.Equal(t, "/data", options.StoreDir)
	require.Equal(t, "secret", options.Password)
	require.Equal(t, "fleet", options.Cluster.Name)
	services, _ := readCompose(t)
	require.Len(t, options.Routes, 3)
	for _, route := range options.Routes {
		require.Contains(t, services, route.Hostname())
	}
}

func TestUnit_StartsWorkerWithoutPrivileges(t *testing.T) {
	content, err := os.ReadFile("xiexus-fleet.service")
	require.NoError(t, err)
	settings := map[string]string{}
	for line := range strings.Lines(string(content)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(name, "#") {
			settings[name] = value
		}
	}
	program, args, _ := strings.Cut(settings["ExecStart"], " ")
	require.Equal(t, "/usr/local/bin/xiexus-fleet", program)
	requireValid(t, strings.Fields(args))
	require.Equal(t, "yes", settings["DynamicUser"])
	require.Equal(t, "/etc/xiexus-fleet/env", settings["EnvironmentFile"])
	require.NotContains(t, settings, "Environment", "a unit is readable by all users")
}

// requireValid requires that the command accepts a command line.
func requireValid(t *testing.T, args []string) {
	var stderr bytes.Buffer
	code := command.Run(t.Context(), append(args, "--help"), command.Streams{In: strings.NewReader(""), Out: &bytes.Buffer{}, Err: &stderr})
	require.Equal(t, 0, code, stderr.String())
}
