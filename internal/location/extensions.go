package location

import (
	"maps"
	"slices"
)

// Extensions returns the file extensions that a name from [FileName] may have.
func Extensions() []string { return slices.Sorted(maps.Values(extensions)) }
