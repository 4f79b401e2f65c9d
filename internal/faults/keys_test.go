package faults_test

import (
	"context"
	"errors"
)

var errKey = errors.New("no key")

// oldKey is a key that the relay does not accept any more.
func oldKey(context.Context) (string, error) { return "sk-0ldKeyThatIsNotAcceptedAnyMore", nil }

var keyFaults = []fault{
	{name: "old key", key: oldKey},
	{name: "old key from the third request on", key: oldKey, after: 2},
	{name: "the key function fails", key: func(context.Context) (string, error) { return "", errKey }},
	{name: "the key function fails from the third request on", key: func(context.Context) (string, error) { return "", errKey }, after: 2},
	{name: "the key function does not return", key: func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() }},
	{name: "the key is not valid", key: func(context.Context) (string, error) { return "two\nlines", nil }},
	{name: "no key", key: func(context.Context) (string, error) { return "", nil }},
}
