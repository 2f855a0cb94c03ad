package auth

import (
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// codePeriod is how long a code of an authenticator app is shown.
const codePeriod = 30 * time.Second

var codeForm = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// NewTOTP makes the secret of a time-based code and the address by which an
// authenticator app takes it over.
func NewTOTP(issuer, account string) (secret, url string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: account})
	if err != nil {
		return "", "", fmt.Errorf("make a code secret: %w", err)
	}
	return key.Secret(), key.URL(), nil
}

// TOTPURL gives the address of a secret that was made before.
func TOTPURL(issuer, account, secret string) (string, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return "", errors.New("read a code secret: it is not base32")
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: account, Secret: raw})
	if err != nil {
		return "", fmt.Errorf("write a code secret's address: %w", err)
	}
	return key.URL(), nil
}

// TOTPStep says which time step a code belongs to, if it is a code of secret
// for the step of at or one beside it, and of a step later than after. The
// caller keeps the step of an accepted code and gives it as after the next
// time; it must do so in one statement, so that a code counts once.
func TOTPStep(secret, code string, at time.Time, after int64) (step int64, ok bool) {
	code = strings.Join(strings.Fields(code), "")
	now := at.Unix() / int64(codePeriod/time.Second)
	for _, s := range []int64{now, now - 1, now + 1} {
		if s <= after {
			continue
		}
		// An error means that the code has the wrong length: not a code.
		if good, err := hotp.ValidateCustom(code, uint64(s), secret, codeForm); err == nil && good {
			return s, true
		}
	}
	return 0, false
}
