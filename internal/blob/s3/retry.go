package s3

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"time"

	"freshet/internal/errs"

	"github.com/cenkalti/backoff/v5"
	"github.com/minio/minio-go/v7"
)

// again does op until it succeeds, fails for good or has been tried for as long
// as the store's patience: with waits that double, and jitter, so that many do
// not come back at once.
func again[T any](ctx context.Context, s *Store, op func() (T, error)) (T, error) {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = s.pause, 10*time.Second
	return backoff.Retry(ctx, func() (T, error) {
		v, err := op()
		var stop *backoff.PermanentError
		if err != nil && !errors.As(err, &stop) && (ctx.Err() != nil || !passing(err)) {
			err = backoff.Permanent(err)
		}
		return v, err
	}, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(s.patience))
}

// passing tells whether trying again may help.
func passing(err error) bool {
	var source *sourceError
	if errors.As(err, &source) || untrusted(err) {
		return false
	}
	var known *errs.Error
	if errors.As(err, &known) {
		return known.Code == storageDown
	}
	var e minio.ErrorResponse
	if !errors.As(err, &e) {
		return true // no answer, or one that is cut off
	}
	switch e.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported, http.StatusInsufficientStorage:
		return false
	case http.StatusConflict:
		return e.Code == "OperationAborted"
	case http.StatusBadRequest:
		// the store missed bytes that were sent, or got others
		return e.Code == "RequestTimeout" || e.Code == "IncompleteBody" || e.Code == "BadDigest" || e.Code == "XAmzContentChecksumMismatch"
	}
	// 200: an error that the store found only after it had begun to answer
	return e.StatusCode >= 500 || e.StatusCode == http.StatusOK || e.StatusCode == 0
}

// untrusted tells whether the store's certificate is what is wrong.
func untrusted(err error) bool {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
	)
	return errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &verify)
}
