package desk

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/a-h/templ"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// drawn keeps pieces of the queue that are the same for everybody who reads a
// language: the lists of filters alone are a third of what a page costs. A piece
// that depends on who works here goes with the next list of them.
var drawn struct {
	sync.Mutex
	people *staff.Member
	pieces map[string][]byte
}

// maxDrawn bounds them, though there are only so many views and languages.
const maxDrawn = 200

// same draws a piece once. What it shows may depend on nothing but its name, the
// language, and the people who work here.
func same(name string, people []staff.Member, piece templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		var first *staff.Member
		if len(people) > 0 {
			first = &people[0]
		}
		key := string(lang.From(ctx)) + " " + name
		drawn.Lock()
		if drawn.people != first || len(drawn.pieces) > maxDrawn {
			drawn.people, drawn.pieces = first, map[string][]byte{}
		}
		b, ok := drawn.pieces[key]
		drawn.Unlock()
		if !ok {
			var buf bytes.Buffer
			if err := piece.Render(ctx, &buf); err != nil {
				return err
			}
			b = buf.Bytes()
			drawn.Lock()
			if drawn.people == first {
				drawn.pieces[key] = b
			}
			drawn.Unlock()
		}
		_, err := w.Write(b)
		return err
	})
}
