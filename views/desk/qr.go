package desk

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// qrQuiet is the empty border that a reader needs, in modules.
const qrQuiet = 4

// qrCode is a QR code as one SVG path, a unit per module, and the side of the
// square it sits in. Made here, not by a service: the text is a secret.
func qrCode(text string) (path string, side int, err error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0, fmt.Errorf("encode QR code: %w", err)
	}
	var b strings.Builder
	size := code.Bounds().Dx()
	for y := range size {
		for x := 0; x < size; x++ {
			if !dark(code.At(x, y).RGBA()) {
				continue
			}
			from := x
			for x+1 < size && dark(code.At(x+1, y).RGBA()) {
				x++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1H%dz", from+qrQuiet, y+qrQuiet, x-from+1, from+qrQuiet)
		}
	}
	return b.String(), size + 2*qrQuiet, nil
}

func dark(r, _, _, _ uint32) bool { return r < 0x8000 }

// grouped writes a secret in groups of four, which people can read out and type.
func grouped(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
