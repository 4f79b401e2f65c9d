package xiexus_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// A video can be written to any io.Writer, here a hash.
func ExampleClient_Download() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, ""))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	task, err := client.Wait(ctx, "task_1")
	if err != nil {
		fmt.Println(err)
		return
	}

	hash := sha256.New()
	n, err := client.Download(ctx, task, hash)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d bytes, SHA-256 %x…\n", n, hash.Sum(nil)[:4])
	// Output: 2039 bytes, SHA-256 a3198db4…
}

func ExampleClient_DownloadFile() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, ""))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	task, err := client.Wait(ctx, "task_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := os.MkdirTemp("", "videos")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()

	_, err = client.DownloadFile(ctx, task, filepath.Join(folder, task.FileName()),
		xiexus.WithMaxDownloadSize(500<<20),
		xiexus.WithDownloadProgress(func(done, total int64) { fmt.Printf("%d of %d bytes\n", done, total) }),
	)
	if err != nil {
		fmt.Println(err) // what was received is kept: the same call resumes
		return
	}
	fmt.Println("saved", task.FileName())
	// Output:
	// 2039 of 2039 bytes
	// saved task_1.mp4
}
