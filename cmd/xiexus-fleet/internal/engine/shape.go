package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// ShapeError means that a stream, bucket or consumer exists with settings that a fleet
// cannot work with. It is never changed.
type ShapeError struct {
	// Name is the name of the stream or the consumer.
	Name string
	// Differences are the settings that differ.
	Differences []string
}

// Error names the settings that differ.
func (e *ShapeError) Error() string {
	return fmt.Sprintf("%s exists with other settings: %s; change or delete it, or use another --name", e.Name, strings.Join(e.Differences, ", "))
}

// checkStream compares the settings on which the promises of a fleet rest. Any others, such
// as the placement, are up to the administrator of the cluster.
func checkStream(want, have jetstream.StreamConfig) error {
	d := &differences{}
	d.add("subjects", have.Subjects, want.Subjects, slices.Equal(have.Subjects, want.Subjects))
	compare(d, "retention", have.Retention, want.Retention)
	compare(d, "discard", have.Discard, want.Discard)
	compare(d, "discard new per subject", have.DiscardNewPerSubject, want.DiscardNewPerSubject)
	compare(d, "max messages per subject", have.MaxMsgsPerSubject, want.MaxMsgsPerSubject)
	compare(d, "max messages", have.MaxMsgs, want.MaxMsgs)
	compare(d, "max message size", have.MaxMsgSize, want.MaxMsgSize)
	compare(d, "max age", have.MaxAge, want.MaxAge)
	compare(d, "storage", have.Storage, want.Storage)
	compare(d, "sealed", have.Sealed, false)
	if want.Replicas != 0 {
		compare(d, "replicas", have.Replicas, want.Replicas)
	}
	return d.err("stream " + want.Name)
}

// streamOf returns the settings of the stream behind a bucket.
func streamOf(want jetstream.KeyValueConfig) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: "KV_" + want.Bucket, Subjects: []string{"$KV." + want.Bucket + ".>"}, Retention: jetstream.LimitsPolicy,
		Discard: jetstream.DiscardNew, MaxMsgsPerSubject: int64(want.History), MaxMsgs: -1, MaxMsgSize: want.MaxValueSize,
		MaxAge: want.TTL, Replicas: want.Replicas,
	}
}

func checkConsumer(stream string, want, have jetstream.ConsumerConfig) error {
	d := &differences{}
	compare(d, "ack policy", have.AckPolicy, want.AckPolicy)
	compare(d, "ack wait", have.AckWait, want.AckWait)
	compare(d, "max deliver", have.MaxDeliver, want.MaxDeliver)
	compare(d, "max ack pending", have.MaxAckPending, want.MaxAckPending)
	compare(d, "max waiting", have.MaxWaiting, want.MaxWaiting)
	compare(d, "filter", have.FilterSubject, want.FilterSubject)
	return d.err("consumer " + want.Durable + " of stream " + stream)
}

// differences are the settings that differ, as texts.
type differences struct{ texts []string }

func (d *differences) add(setting string, have, want any, equal bool) {
	if !equal {
		d.texts = append(d.texts, fmt.Sprintf("%s is %v instead of %v", setting, have, want))
	}
}

func (d *differences) err(name string) error {
	if len(d.texts) == 0 {
		return nil
	}
	return &ShapeError{Name: name, Differences: d.texts}
}

func compare[T comparable](d *differences, setting string, have, want T) {
	d.add(setting, have, want, have == want)
}
