package redact_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/redact"
)

// crowd makes a store of many people.
func crowd(n int) []redact.Person {
	first := strings.Fields("Anna Bernd Carla Dmitri Elif Farid Gareth Hanna Ifeoma Jonas Katarzyna Lukas Miriam Ngozi Oksana Pavel Quirin Rosalind Stefan Tomás Ulrike Viktor Wanjiku Xenia Yusuf Zeynep")
	last := strings.Fields("Abdullahi Bergström Castellanos Dombrowski Eberhardt Fernández Grünewald Holloway Ivanova Johansson Kowalczyk Lindqvist Mwangi Nakamura Okonkwo Papadopoulos Quintana Rosenthal Szymański Thorvaldsen Underhill Vasquez Whitcombe Yıldırım Zimmerli")
	out := make([]redact.Person, n)
	for i := range out {
		out[i] = redact.Person{
			Who:     fmt.Sprint("p", i),
			Names:   []string{fmt.Sprintf("%s %s%s", first[i%len(first)], last[i/len(first)%len(last)], strings.Repeat("a", i/len(first)/len(last)))},
			Numbers: []string{fmt.Sprintf("+4917%08d", 10000000+i*7919)},
			Emails:  []string{fmt.Sprintf("person%d@example.org", i)},
			Handles: []string{fmt.Sprintf("handle_%d", i)},
		}
	}
	return out
}

var plainTexts = map[string]string{
	"English":  strings.Repeat("The parcel is on its way and should be with you before the weekend, so there is nothing left to do on our side. We will let you know when it has arrived at the shop around the corner. ", 6),
	"German":   strings.Repeat("Die Lieferung ist unterwegs und dürfte noch vor dem Wochenende bei Ihnen sein, weshalb auf unserer Seite nichts mehr zu erledigen bleibt. Größere Änderungen wären möglich, müssten aber früh genug geäußert werden. ", 6),
	"Russian":  strings.Repeat("Посылка уже отправлена и должна прийти до выходных, поэтому больше ничего делать не нужно, просто подождите немного дома. ", 6),
	"Chinese":  strings.Repeat("包裹已经寄出应该会在周末之前送达所以现在不需要再做任何事情请在家稍等。", 6),
	"busy":     strings.Repeat("Bitte ruf Anna Bergström unter +49 171 0007919 an, oder schreib an person7@example.org, Bestellung 4711081512 vom 12.05.2024. ", 6),
	"gossip":   strings.Repeat("Hi Tom, can you ask Gareth whether my sister Ngozi got the key? Best regards, Mary Collins. ", 6),
	"numerals": strings.Repeat("12 34 56 78 90 ", 40),
}

func BenchmarkMarks(b *testing.B) {
	r := redact.New(redact.Person{Who: "s", Names: []string{"Amina Okafor"}, Numbers: []string{"+447700900123"}}, crowd(5000), "DE", "GB")
	for name, text := range plainTexts {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = len(r.Marks(text, redact.Other))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text))*100, "ns/100B")
			b.ReportMetric(float64(n), "marks")
		})
	}
}

func BenchmarkNew(b *testing.B) {
	people := crowd(5000)
	for b.Loop() {
		redact.New(redact.Person{Who: "s", Names: []string{"Amina Okafor"}}, people, "DE", "GB")
	}
}
