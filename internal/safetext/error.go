package safetext

import "errors"

// Error returns err if its text is what [Line] makes of it. Otherwise it returns an error
// with the text that Line returns. [errors.Is] and [errors.As] find in that what they find
// in err, but it unwraps to nothing, so that the unsafe text is not printed by accident.
func Error(err error, limit int) error {
	text := err.Error()
	line := Line(text, limit)
	if line == text {
		return err
	}
	return &safeError{line, err}
}

type safeError struct {
	line string
	err  error
}

func (e *safeError) Error() string        { return e.line }
func (e *safeError) Is(target error) bool { return errors.Is(e.err, target) }
func (e *safeError) As(target any) bool   { return errors.As(e.err, target) }
