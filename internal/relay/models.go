package relay

import (
	"encoding/json"
	"net/http"
)

// ReadModels reads a response with the list of models and closes its body. It returns the
// names of the models, and a [Failure] for any other response.
func (r Reader) ReadModels(resp *http.Response) ([]string, *Failure) {
	if resp.StatusCode/100 != 2 {
		return nil, r.ReadFailure(resp)
	}
	defer func() { _ = resp.Body.Close() }()
	body, failure := r.readBody(resp)
	if failure != nil {
		return nil, failure
	}
	var list struct {
		Data []struct {
			ID id `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &list); err != nil || list.Data == nil {
		return nil, r.without("list of models", resp, body, err)
	}
	var names []string
	for _, model := range list.Data {
		if model.ID != "" {
			names = append(names, string(model.ID))
		}
	}
	return names, nil
}
