package demo

import "strings"

// country says how numbers look where people live: blocks that invented
// numbers come from (none of them holds a fixed person), how many digits follow,
// and the ways in which organizations write them. A "#" takes the next digit of
// the national number; the first way is always with the country code.
type country struct {
	code   string
	blocks []string
	digits int
	ways   []string
}

var countries = map[string]country{
	"BR": {"55", []string{"219", "319", "419", "519", "619", "719", "819"}, 8,
		[]string{"+55 ## #####-####", "(##) #####-####", "55###########", "0## ##### ####", "+55###########"}},
	"PT": {"351", []string{"91", "93", "96"}, 7,
		[]string{"+351 ### ### ###", "### ### ###", "351#########", "### ## ## ##", "+351#########"}},
	"DE": {"49", []string{"151", "152", "157", "160", "175", "176"}, 7,
		[]string{"+49 ### #######", "0### #######", "49##########", "0###/#######", "0049 ### #######"}},
	"AT": {"43", []string{"664", "676", "699"}, 7,
		[]string{"+43 ### #######", "0### #######", "43##########", "0###/### ## ##", "0043 ### #######"}},
	"GB": {"44", []string{"7400", "7455", "7811", "7911"}, 6,
		[]string{"+44 #### ######", "0#### ######", "44##########", "0#### ### ###", "+44 (0)#### ######"}},
	"US": {"1", []string{"206", "312", "415", "617"}, 7,
		[]string{"+1 ### ###-####", "(###) ###-####", "1##########", "###-###-####", "+1##########"}},
	"KE": {"254", []string{"710", "711", "745", "790"}, 6,
		[]string{"+254 ### ######", "0### ######", "254#########", "0### ### ###", "+254#########"}},
	"TZ": {"255", []string{"754", "765", "784"}, 6,
		[]string{"+255 ### ### ###", "0### ### ###", "255#########", "0### ######", "+255#########"}},
	"ES": {"34", []string{"61", "62", "65", "69"}, 7,
		[]string{"+34 ### ### ###", "### ### ###", "34#########", "### ## ## ##", "+34#########"}},
	"MX": {"52", []string{"55", "33", "81"}, 8,
		[]string{"+52 ## #### ####", "## #### ####", "52##########", "(##) ####-####", "+52##########"}},
	"FR": {"33", []string{"61", "62", "66", "76"}, 7,
		[]string{"+33 # ## ## ## ##", "0# ## ## ## ##", "33#########", "0#.##.##.##.##", "+33 (0)# ## ## ## ##"}},
	"AE": {"971", []string{"50", "52", "55"}, 7,
		[]string{"+971 ## ### ####", "0## ### ####", "971#########", "0##-#######", "00971 ## ### ####"}},
	"EG": {"20", []string{"10", "11", "12"}, 8,
		[]string{"+20 ## #### ####", "0## #### ####", "20##########", "0## ########", "0020 ## #### ####"}},
	"RU": {"7", []string{"903", "916", "921", "965"}, 7,
		[]string{"+7 ### ###-##-##", "8 (###) ###-##-##", "7##########", "8 ### ### ## ##", "+7##########"}},
}

// national makes the number of the i-th invented person; two persons of one
// country never share one.
func (c country) national(i int64) string {
	room := int64(1)
	for range c.digits {
		room *= 10
	}
	n := i * 7368787 % room // coprime to ten: each i below room has its own
	out := make([]byte, c.digits)
	for p := c.digits - 1; p >= 0; p-- {
		out[p] = byte('0' + n%10)
		n /= 10
	}
	return c.blocks[i%int64(len(c.blocks))] + string(out)
}

func (c country) write(national string, way int) string {
	form := c.ways[way%len(c.ways)]
	var b strings.Builder
	b.Grow(len(form))
	for i := 0; i < len(form); i++ {
		if form[i] == '#' {
			b.WriteByte(national[0])
			national = national[1:]
			continue
		}
		b.WriteByte(form[i])
	}
	return b.String()
}
