package engine

import (
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The limits of the streams and buckets. Where one is reached, what is new is rejected, and
// nothing that is stored is lost.
const (
	// MaxShards is how many shards may wait: 50 million tasks in shards of 500.
	MaxShards = 100_000
	// MaxCreates is how many create requests may wait to be sent.
	MaxCreates = 1_000_000
	// MaxResults is how many results are kept.
	MaxResults = 100_000_000
	// Keep is how long results are kept, and for how long each ID has only one.
	Keep = 30 * 24 * time.Hour
	// MaxMessage is the size of the largest message in bytes, which is the default limit of
	// NATS servers.
	MaxMessage = 1 << 20

	// AckWait is how long a worker that says nothing keeps its messages, by default.
	AckWait = 30 * time.Second
	// WorkerTTL is how long a worker that says nothing counts as alive.
	WorkerTTL = 30 * time.Second

	duplicatesWindow = 2 * time.Minute
	longestCursors   = Keep // each poll renews them
)

// Subjects are the subjects of the streams of a fleet.
type Subjects struct {
	// Wait, Create and Result are the prefixes of the subjects of shards, of create requests
	// and of results. They end in a dot.
	Wait, Create, Result string
}

func subjectsOf(name string) Subjects {
	return Subjects{Wait: name + ".wait.", Create: name + ".create.", Result: name + ".result."}
}

// layout is the shape of all streams and buckets.
type layout struct {
	waits, creates, results          jetstream.StreamConfig
	cursors, claims, state, presence jetstream.KeyValueConfig
	queue                            jetstream.ConsumerConfig
}

func layoutOf(name string, replicas int) layout {
	subjects := subjectsOf(name)
	return layout{
		waits: jetstream.StreamConfig{
			Name: name + "-waits", Description: "shards of tasks that are waited for", Subjects: []string{subjects.Wait + ">"},
			Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, MaxMsgs: MaxShards, MaxMsgSize: MaxMessage,
			MaxMsgsPerSubject: -1, MaxBytes: -1, Duplicates: duplicatesWindow, Replicas: replicas,
		},
		creates: jetstream.StreamConfig{
			Name: name + "-creates", Description: "create requests that have not been sent", Subjects: []string{subjects.Create + ">"},
			Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, MaxMsgs: MaxCreates, MaxMsgSize: MaxMessage,
			MaxMsgsPerSubject: 1, DiscardNewPerSubject: true, // each is in the queue once
			MaxBytes: -1, Duplicates: duplicatesWindow, Replicas: replicas,
		},
		results: jetstream.StreamConfig{
			Name: name + "-results", Description: "one result for each task", Subjects: []string{subjects.Result + ">"},
			Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew, MaxMsgs: MaxResults, MaxMsgSize: MaxMessage,
			MaxMsgsPerSubject: 1, DiscardNewPerSubject: true, // exactly one result for each ID
			MaxBytes: -1, MaxAge: Keep, Duplicates: duplicatesWindow, Replicas: replicas, Compression: jetstream.S2Compression,
		},
		cursors:  bucket(name+"-cursors", "when the tasks of each shard are polled next", longestCursors, replicas),
		claims:   bucket(name+"-claims", "what became of each create request", 0, replicas),
		state:    bucket(name+"-state", "what all workers know", 0, replicas),
		presence: bucket(name+"-workers", "the workers that are alive", WorkerTTL, replicas),
		queue: jetstream.ConsumerConfig{
			Durable: "workers", AckPolicy: jetstream.AckExplicitPolicy, AckWait: AckWait,
			MaxDeliver: -1, MaxAckPending: MaxShards, MaxWaiting: 2048,
		},
	}
}

func bucket(name, description string, ttl time.Duration, replicas int) jetstream.KeyValueConfig {
	return jetstream.KeyValueConfig{
		Bucket: name, Description: description, History: 1, TTL: ttl, MaxValueSize: MaxMessage, MaxBytes: -1, Replicas: replicas,
	}
}
