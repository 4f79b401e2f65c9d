package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/location"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestName_OfDownloads(t *testing.T) {
	today := time.Now().Format(time.DateOnly)
	for _, test := range []struct{ name, ids, flags, want string }{
		{"id", "one", "--name v-{id}.{ext}", "v-one.mp4 v-one-2.mp4 v-one-3.mp4"},
		{"index", "one", "--name {index}-{id}.{ext}", "1-one.mp4 2-one.mp4 3-one.mp4"},
		{"day, which this relay does not report", "one", "--name {date}.{ext}", today + ".mp4 " + today + "-2.mp4 " + today + "-3.mp4"},
		{"directory", "one", "--name {id}.{ext} --dir out", "out/one.mp4 out/one-2.mp4 out/one-3.mp4"},
		{"constant", "one", "--name 猫.{ext}", "猫.mp4 猫-2.mp4 猫-3.mp4"},
		{"hidden", "one", "--name ..{ext}", "_.mp4 _-2.mp4 _-3.mp4"},
		{"device", "one", "--name nul.x.{ext}", "_nul.x.mp4 _nul.x-2.mp4 _nul.x-3.mp4"},
		{"ID that leads elsewhere", `..\one`, "--name {id}.{ext}", "_.._one-f663bb79.mp4 _.._one-f663bb79-2.mp4 _.._one-f663bb79-3.mp4"},
		{"several tasks", "one two", "--name {id}-{index}.{ext}", "one-1.mp4 one-2.mp4 one-3.mp4 two-1.mp4 two-2.mp4 two-3.mp4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			startAlbum(t)
			t.Chdir(t.TempDir())
			got := runCommand(t.Context(), "", append(append([]string{"download"}, strings.Fields(test.ids)...), strings.Fields(test.flags)...)...)
			require.Equal(t, 0, got.code, got.err)
			requireSizes(t, strings.Fields(test.want), 1000, 2000, 3000, 1000, 2000, 3000)
		})
	}
}

func TestName_DayIsThatOfTheTask(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		t.Chdir(t.TempDir())
		file := time.Now().Format(time.DateOnly) + "-task_1.mp4"
		relay.Add("task_1", xiexustest.Completes(48*time.Hour, "", xiexustest.Stored))
		for range 2 {
			got := runCommand(t.Context(), "", "download", "task_1", "--max-wait", "0", "--name", "{date}-{id}.{ext}", "--skip-existing")
			require.Equal(t, 0, got.code, got.err)
			require.Equal(t, file, got.lines(t)[0]["file"])
		}
	})
}

func TestName_NeverReplacesAFile(t *testing.T) {
	cdn := startAlbum(t)
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("cat.mp4", []byte("cat"), 0o600))
	got := runCommand(t.Context(), "", "download", "one", "--name", "cat.{ext}")
	require.Equal(t, exitOther, got.code)
	require.Contains(t, got.err, "cat.mp4: file already exists; use --force to replace it or --skip-existing to keep it")
	requireSizes(t, []string{"cat.mp4"}, 3)

	requests := len(cdn.Requests())
	got = runCommand(t.Context(), "", "download", "one", "--name", "cat.{ext}", "--skip-existing")
	require.Equal(t, 0, got.code, got.err)
	require.Len(t, cdn.Requests(), requests)

	got = runCommand(t.Context(), "", "download", "one", "--name", "cat.{ext}", "--force")
	require.Equal(t, 0, got.code, got.err)
	requireSizes(t, []string{"cat.mp4"}, 1000)
}

func TestName_OfCreate(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		t.Chdir(t.TempDir())
		relay.OnCreate(func(xiexus.CreateRequest) xiexustest.Script { return xiexustest.Completes(0, "", xiexustest.Stored) })
		got := runCommand(t.Context(), "", "create", "-m", "a/b", "-p", "../a cat:\n{id}"+strings.Repeat("猫", 50), "--download", "--name", "{model} {prompt}.{ext}")
		require.Equal(t, 0, got.code, got.err)
		require.Equal(t, "a_b .._a cat_ _id_"+strings.Repeat("猫", 22)+".mp4", got.lines(t)[0]["file"])

		relay.OnCreate(func(xiexus.CreateRequest) xiexustest.Script { return xiexustest.Completes(time.Hour, "") })
		got = runCommand(t.Context(), "", "create", "-m", "m", "-p", "it's a {cat}", "--download", "--max-wait", "1s", "--name", "{prompt}-{date}.{ext}")
		require.Equal(t, exitTimedOut, got.code, got.err)
		require.Contains(t, got.err, `--name 'it'"'"'s a _cat_-{date}.{ext}'`, "download does not know the prompt")
	})
}

func TestName_LongNameKeepsTheID(t *testing.T) {
	id := "task_" + strings.Repeat("x", 60)
	for _, name := range []string{"{prompt} {prompt} {prompt} {id}.{ext}", "{id} {prompt} {prompt} {prompt}.{ext}", "{prompt} {prompt} {id} {prompt} {index}.{ext}"} {
		task := &xiexus.Task{}
		task.TaskID = id
		template := nameTemplate(name).withRequest("m", strings.Repeat("p", 80))
		first, second := template.fileName(task, 0), template.fileName(task, 1)
		require.Contains(t, first, id)
		require.Contains(t, second, id)
		require.NotEqual(t, first, second)
	}
}

func TestName_OfABatch(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.OnCreate(func(xiexus.CreateRequest) xiexustest.Script {
			return xiexustest.Completes(5*time.Minute, "", xiexustest.Stored)
		})
		writeRequests(t, "a cat", "a dog")
		flags := []string{"--download", "--dir", "out", "--name", "{prompt}-{id}.{ext}"}
		got := createRequests(t, append(flags, "--max-wait", "1m")...)
		require.Equal(t, exitTimedOut, got.code, got.err)
		require.Contains(t, got.err, "to resume, run the same command again\n")
		for range 2 {
			got = createRequests(t, flags...)
			require.Equal(t, 0, got.code, got.err)
			files := []string{}
			for _, line := range got.lines(t) {
				files = append(files, strings.Replace(line["file"].(string), line["task_id"].(string), "ID", 1))
			}
			require.ElementsMatch(t, []string{filepath.Join("out", "a cat-ID.mp4"), filepath.Join("out", "a dog-ID.mp4")}, files)
		}
	})
}

func TestName_Errors(t *testing.T) {
	relay := startRelay(t)
	writeRequests(t, "a")
	for _, test := range []struct{ name, command, want string }{
		{"unknown field", "download a --name {title}.{ext}", "--name has the unknown field {title}; the fields are {id}, {index}, {date}, {ext}, got "},
		{"open brace", "download a --name {id.{ext}", "--name has an unmatched {"},
		{"closing brace", "download a --name id}.{ext}", "--name has an unmatched }"},
		{"unknown field of create", "create -m m -p p --download --name {title}.{ext}", "the fields are {id}, {index}, {date}, {model}, {prompt}, {ext}, got "},
		{"directory", "download a --name x/{id}.{ext}", "--name must not contain directories; use --dir"},
		{"parent directory", "download a --name ../{id}.{ext}", "--name must not contain directories"},
		{"directory of Windows", `download a --name x\{id}.{ext}`, "--name must not contain directories"},
		{"control character", "download a --name {id}\x1b.{ext}", `--name contains '\x1b', which some systems do not allow in file names`},
		{"colon", "download a --name a:{id}.{ext}", "--name contains ':', which some systems do not allow in file names"},
		{"no extension", "download a --name {id}", `--name must end in ".{ext}", and have {ext} only there`},
		{"extension elsewhere", "download a --name {ext}{id}.{ext}", `--name must end in ".{ext}", and have {ext} only there`},
		{"nothing else", "download a --name .{ext}", `--name must have a name before ".{ext}"`},
		{"empty", "download a --name=", "--name must not be empty"},
		{"no request", "download a --name {prompt}.{ext}", "--name has {prompt}, which only create knows; the fields are {id}, {index}, {date}, {ext}, got "},
		{"several tasks", "download a b --name {date}.{ext}", "--name must contain {id} unless there is a single task"},
		{"several requests", "create --requests requests.jsonl --download --name {prompt}.{ext}", "--name must contain {id} unless there is a single task"},
		{"file", "download a --name {id}.{ext} -O x.mp4", "--output-file and --name cannot be used together"},
		{"no download", "create -m m -p p --name {id}.{ext}", "--name requires --download"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := runCommand(t.Context(), "", strings.Split(test.command, " ")...)
			require.Equal(t, exitUsage, got.code, got.err)
			require.Contains(t, got.err, test.want)
		})
	}
	require.Empty(t, relay.Requests())
}

func FuzzName(f *testing.F) {
	f.Add("{prompt} {id}.{ext}", "a cat", "task_1")
	f.Add("{model}-{index}.{ext}", "\x00/..", "..")
	f.Fuzz(func(t *testing.T, text, prompt, id string) {
		var template nameTemplate
		if (nameFlag{&template, createNameFields()}).Set(text) != nil {
			return
		}
		resumed := template.withRequest(prompt, prompt)
		require.NoError(t, checkName(string(resumed), nameFields()), "given to the command that resumes")
		task := &xiexus.Task{}
		task.TaskID = id
		name := resumed.fileName(task, 1)
		require.Equal(t, name, filepath.Base(name))
		require.Less(t, len(name), 240)
		require.Equal(t, strings.TrimSuffix(name, ".mp4"), location.SafeText(strings.TrimSuffix(name, ".mp4"), len(name)))
	})
}
