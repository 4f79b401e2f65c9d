package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/order"
	"github.com/xiexus/xiexus-go/internal/requestfile"
)

func TestOrder_SurvivesEncoding(t *testing.T) {
	requests, invalid := requestfile.Parse(`{"model":"m","prompt":"a cat","cfg_scale":0.50,"seed":12345678901234567}`)
	require.Empty(t, invalid)
	data, err := order.Order{Key: requests[0].Key, Fields: requests[0].Fields}.Encode()
	require.NoError(t, err)
	decoded, err := order.Decode(data)
	require.NoError(t, err)
	request, err := decoded.Fields.Request()
	require.NoError(t, err)
	require.Equal(t, "a cat", request.Prompt)
	require.EqualValues(t, "0.50", request.Extra["cfg_scale"])
	require.EqualValues(t, "12345678901234567", request.Extra["seed"])
}

func TestDecode_RejectsWhatIsNoRequest(t *testing.T) {
	const key = "00112233445566778899aabbccddeeff"
	tests := []struct{ name, data, want string }{
		{"not JSON", `x`, "create request: "},
		{"no key", `{"v":1,"request":{"model":"m"}}`, "it has no key"},
		{"a key that is another subject", `{"v":1,"key":"a.>","request":{}}`, "it has no key"},
		{"no fields", `{"v":1,"key":"` + key + `"}`, "it has no fields"},
		{"a newer release", `{"v":2,"key":{"changed":"` + key + `"}}`, "newer release"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := order.Decode([]byte(tt.data))
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// A file that is submitted again has the same keys, wherever its lines are.
func TestKey(t *testing.T) {
	keys := func(run, text string) []string {
		requests, invalid := requestfile.Parse(text)
		require.Empty(t, invalid)
		var keys []string
		for _, request := range requests {
			keys = append(keys, order.Key(run, request))
		}
		return keys
	}
	const cat, dog = `{"model":"m","prompt":"a cat"}` + "\n", `{"prompt":"a dog","model":"m"}` + "\n"
	first := keys("", cat+dog+cat)
	require.Len(t, first, 3)
	require.NotEqual(t, first[0], first[2], "the same request twice is two requests")
	require.ElementsMatch(t, first, keys("", cat+cat+"\n"+dog))
	inRun := keys("monday", cat+dog+cat)
	require.ElementsMatch(t, inRun, keys("monday", dog+cat+cat))
	for i, key := range inRun {
		require.NotContains(t, first, key, i)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"v":1,"key":"00112233445566778899aabbccddeeff","request":{"model":"m","prompt":"p"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := order.Decode(data)
		if err != nil {
			return
		}
		_, _ = o.Fields.Request()
		_, err = o.Encode()
		require.NoError(t, err)
	})
}
