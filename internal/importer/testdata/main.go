// Studio is a program that waits for a task and saves its video.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/xiexus/xiexus-go"
)

func main() {
	client, err := xiexus.New()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	for _, id := range os.Args[1:] {
		if err := save(context.Background(), client, id); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(exitCode(err))
		}
	}
}

func save(ctx context.Context, client *xiexus.Client, id string) error {
	task, err := client.Wait(ctx, id)
	if err != nil {
		return err
	}
	_, err = client.DownloadFile(ctx, task, task.FileName())
	return err
}

func exitCode(err error) int {
	var failed *xiexus.TaskFailedError
	switch {
	case errors.As(err, &failed):
		return 3
	case errors.Is(err, xiexus.ErrTaskNotFound):
		return 4
	case errors.Is(err, xiexus.ErrUnauthorized), errors.Is(err, xiexus.ErrForbidden):
		return 5
	}
	return 1
}
