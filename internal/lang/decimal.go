package lang

import (
	"context"
	"strconv"
	"strings"
)

// Decimal writes n with so many places, with the language's mark before them:
// 10.8 or 10,8.
func Decimal(ctx context.Context, n float64, places int) string {
	whole, rest, _ := strings.Cut(strconv.FormatFloat(n, 'f', places, 64), ".")
	size, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return whole // too large for anything that we count
	}
	out := Number(ctx, size)
	if size == 0 && strings.HasPrefix(whole, "-") {
		out = "-" + out
	}
	if rest == "" {
		return out
	}
	return out + T(ctx, "number.decimal") + rest
}
