// Package flagerror explains invalid values of flags to users.
package flagerror

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Explain describes an invalid value of a flag by what the flag accepts.
func Explain(_ *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	flag := invalid.GetFlag()
	problem := invalid.Unwrap().Error()
	switch {
	case errors.Is(err, strconv.ErrRange):
		problem = "is out of range"
	case flag.Value.Type() == "bool":
		problem = "must be true or false"
	case flag.Value.Type() == "duration":
		problem = "must be a duration such as 30s or 5m"
	case flag.Value.Type() == "float64":
		problem = "must be a number"
	case strings.HasPrefix(flag.Value.Type(), "int"):
		problem = "must be a whole number"
	}
	return fmt.Errorf("--%s %s, got %q", flag.Name, problem, invalid.GetValue())
}
