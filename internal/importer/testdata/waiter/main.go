// Waiter waits for a task and prints it. The script .ci/size limits how large it may be.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/xiexus/xiexus-go"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: waiter TASK_ID")
	}
	client, err := xiexus.New()
	if err != nil {
		log.Fatal(err)
	}
	task, err := client.Wait(context.Background(), os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(task)
}
