package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
)

// file is the content of an attachment.
type file struct {
	mime, ext, sum string
	data           []byte
}

func newFile(mime, ext string, data []byte) *file {
	sum := sha256.Sum256(data)
	return &file{mime: mime, ext: ext, sum: hex.EncodeToString(sum[:]), data: data}
}

// store writes the file below dir, unless dir is "".
func (f *file) store(dir, key string) error {
	if dir == "" {
		return nil
	}
	name := filepath.Join(dir, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make a folder for an attachment: %w", err)
	}
	if err := os.WriteFile(name, f.data, 0o644); err != nil {
		return fmt.Errorf("write an attachment: %w", err)
	}
	return nil
}

// stock makes the files that generated attachments share the content of: a few
// dozen suffice, and twenty million rows need no more memory for them.
func stock(seed uint64) []*file {
	var out []*file
	for i := range int64(16) {
		d := throw(seed, onFile, i)
		out = append(out, picture(&d), document(&d, fmt.Sprintf("Receipt %s", orderCode(&d))), voiceNote(&d), plain(&d))
	}
	return out
}

// picture draws a small PNG: a cake, a parcel or a frame, with goodwill.
func picture(d *dice) *file {
	tone := func() color.RGBA { return color.RGBA{byte(d.n(256)), byte(d.n(256)), byte(d.n(256)), 255} }
	ground, shape := tone(), tone()
	img := image.NewRGBA(image.Rect(0, 0, 96, 64))
	for y := range 64 {
		for x := range 96 {
			img.Set(x, y, ground)
			if dx, dy := x-48, y-32; dx*dx/4+dy*dy < 300 {
				img.Set(x, y, shape)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // a buffer takes all
	}
	return newFile("image/png", "png", b.Bytes())
}

// document writes a one-page PDF with one line of text.
func document(d *dice, line string) *file {
	text := fmt.Sprintf("BT /F1 18 Tf 40 780 Td (%s) Tj 0 -28 Td (Total: %d.%02d) Tj ET", line, 3+d.n(200), d.n(100))
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	at := make([]int, len(objects))
	for i, o := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return newFile("application/pdf", "pdf", b.Bytes())
}

func plain(d *dice) *file {
	var b strings.Builder
	for range 2 + d.n(6) {
		fmt.Fprintf(&b, "%d x %s\n", 1+d.n(9), orderCode(d))
	}
	return newFile("text/plain", "txt", []byte(b.String()))
}

// voiceNote makes an Ogg stream with an Opus header and a few silent packets.
func voiceNote(d *dice) *file {
	serial := uint32(d.next())
	head := append([]byte("OpusHead\x01\x01"), 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0)
	tags := append([]byte("OpusTags"), 4, 0, 0, 0, 'd', 'e', 'm', 'o', 0, 0, 0, 0)
	silence := []byte{0xf8, 0xff, 0xfe}
	var b bytes.Buffer
	page(&b, serial, 0, 2, 0, [][]byte{head})
	page(&b, serial, 1, 0, 0, [][]byte{tags})
	packets := make([][]byte, 20+d.n(60))
	for i := range packets {
		packets[i] = silence
	}
	page(&b, serial, 2, 4, uint64(960*len(packets)), packets)
	return newFile("audio/ogg", "ogg", b.Bytes())
}

var oggCRC = func() (t [256]uint32) {
	for i := range t {
		r := uint32(i) << 24
		for range 8 {
			if r&(1<<31) != 0 {
				r = r<<1 ^ 0x04c11db7
			} else {
				r <<= 1
			}
		}
		t[i] = r
	}
	return t
}()

func page(b *bytes.Buffer, serial, seq uint32, flags byte, granule uint64, packets [][]byte) {
	p := append([]byte("OggS\x00"), flags)
	p = binary.LittleEndian.AppendUint64(p, granule)
	p = binary.LittleEndian.AppendUint32(p, serial)
	p = binary.LittleEndian.AppendUint32(p, seq)
	p = append(p, 0, 0, 0, 0, byte(len(packets)))
	for _, x := range packets {
		p = append(p, byte(len(x)))
	}
	for _, x := range packets {
		p = append(p, x...)
	}
	var sum uint32
	for _, c := range p {
		sum = sum<<8 ^ oggCRC[byte(sum>>24)^c]
	}
	binary.LittleEndian.PutUint32(p[22:], sum)
	b.Write(p)
}
