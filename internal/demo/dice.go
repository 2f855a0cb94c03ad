package demo

// dice is a small permuted congruential generator (PCG RXS-M-XS 64). Each row
// throws its own, seeded by what the row is: any row can be made again without
// the ones before it, which keeps memory constant over many passes.
type dice uint64

// stream names one use of randomness, so that two facts of one row differ.
type stream uint64

const (
	onOrganization stream = iota + 1
	onUser
	onContact
	onConversation
	onMessage
	onEvent
	onArchive
	onExtra
	onFile
)

func throw(seed uint64, s stream, i int64) dice {
	d := dice(seed*0x9e3779b97f4a7c15 ^ uint64(s)<<56 ^ uint64(i))
	d.next()
	d ^= dice(uint64(i) * 0xd6e8feb86659fd93)
	d.next()
	return d
}

func (d *dice) next() uint64 {
	*d = *d*6364136223846793005 + 1442695040888963407
	x := uint64(*d)
	x = (x>>((x>>59)+5) ^ x) * 12605985483714917081
	return x>>43 ^ x
}

// n gives 0 … m-1.
func (d *dice) n(m int) int { return int(d.next() >> 33 % uint64(m)) }

// of says yes in p of a thousand cases.
func (d *dice) of(p int) bool { return d.n(1000) < p }

func pick[T any](d *dice, from []T) T { return from[d.n(len(from))] }
