package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// code is the word that S3 has for an error; "" if it did not answer.
func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

func says(err error, codes ...string) bool { return err != nil && slices.Contains(codes, code(err)) }

// passingCodes are answers that blame the request and yet may change: load, a
// clock, credentials that are being renewed.
var passingCodes = []string{"RequestTimeout", "RequestTimeTooSkewed", "ExpiredToken", "ExpiredTokenException", "OperationAborted",
	"ConditionalRequestConflict", "TemporaryRedirect", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequests", "RequestLimitExceeded", "BandwidthLimitExceeded"}

// s3Error says what went wrong in words that tell no key, which those of the
// libraries do, and whether to try again.
func s3Error(doing string, err error) error {
	for _, end := range []error{context.Canceled, context.DeadlineExceeded, io.ErrUnexpectedEOF} {
		if errors.Is(err, end) {
			return fmt.Errorf("%s: %w", doing, end)
		}
	}
	word, status := code(err), 0
	if answer, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err); ok {
		status = answer.HTTPStatusCode()
	}
	switch {
	case word == "NoSuchKey":
		return fmt.Errorf("%s: %w", doing, fs.ErrNotExist)
	// A bucket that is not there, or is elsewhere (301), is not an object that
	// is gone: taking it for one would lose a deletion.
	case 300 <= status && status < 500 && status != 408 && status != 429 && !slices.Contains(passingCodes, word):
		return fmt.Errorf("%s: %w: the storage answers %d %s", doing, ErrRefused, status, word)
	case status != 0:
		return fmt.Errorf("%s: the storage answers %d %s", doing, status, word)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("%s: %w", doing, op)
	}
	if op, ok := errors.AsType[*smithy.OperationError](err); ok && strings.HasPrefix(op.Err.Error(), "get identity") {
		return fmt.Errorf("%s: there are no AWS credentials, or they cannot be had now", doing)
	}
	return fmt.Errorf("%s: the storage gives no answer (%T)", doing, innermost(err))
}

func innermost(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}
