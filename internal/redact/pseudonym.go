package redact

import (
	"encoding/json"
	"fmt"
	"sync"
)

// Names gives other people pseudonyms by the order in which they first
// appear, the same one wherever they appear again. Its state is JSON: a
// packer that was killed goes on with the same pseudonyms. Safe for
// concurrent use, though only one after the other gives one order.
type Names struct {
	label func(n int) string
	mu    sync.Mutex
	order []string       // who got number i+1
	of    map[string]int // number of a who
}

// NewNames takes how the n-th person is called, such as "Contact 3", in the
// package's language.
func NewNames(label func(n int) string) *Names {
	return &Names{label: label, of: map[string]int{}}
}

// Of gives a person's pseudonym, and a new one to a new person.
func (n *Names) Of(who string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	number, ok := n.of[who]
	if !ok {
		n.order = append(n.order, who)
		number = len(n.order)
		n.of[who] = number
	}
	return n.label(number)
}

// Replace is for Write: a person's pseudonym, or the bar where nobody is
// certain or the value is never disclosed.
func (n *Names) Replace(m Mark) string {
	if m.Who == "" || m.Never {
		return Bar
	}
	return n.Of(m.Who)
}

// MarshalJSON writes the people in order.
func (n *Names) MarshalJSON() ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return json.Marshal(append([]string{}, n.order...))
}

// UnmarshalJSON goes on where MarshalJSON stood.
func (n *Names) UnmarshalJSON(state []byte) error {
	var order []string
	if err := json.Unmarshal(state, &order); err != nil {
		return fmt.Errorf("read the pseudonyms so far: %w", err)
	}
	of := make(map[string]int, len(order))
	for i, who := range order {
		if _, twice := of[who]; twice {
			return fmt.Errorf("read the pseudonyms so far: number %d is the second of one person", i+1)
		}
		of[who] = i + 1
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.order, n.of = order, of
	return nil
}
