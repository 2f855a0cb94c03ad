package web

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/views/ui"
)

var placesOf = func() map[lang.Tag]func() []ui.Option {
	m := map[lang.Tag]func() []ui.Option{}
	for _, l := range lang.Supported {
		m[l] = sync.OnceValue(func() []ui.Option { return namePlaces(l) })
	}
	return m
}()

// places lists where people may live, named and sorted as in the language.
func places(l lang.Tag) []ui.Option { return placesOf[l]() }

func namePlaces(l lang.Tag) []ui.Option {
	tag := language.Make(string(l))
	regions := display.Regions(tag)
	var options []ui.Option
	for _, p := range law.Places() {
		options = append(options, ui.Option{Value: p.Code, Label: placeName(l, regions, p.Code)})
	}
	in := collate.New(tag)
	slices.SortFunc(options, func(a, b ui.Option) int { return in.CompareString(a.Label, b.Label) })
	return options
}

// placeName writes "Germany", and "United States – California" where a state
// has a law of its own.
func placeName(l lang.Tag, regions display.Namer, code string) string {
	country, state, _ := strings.Cut(code, "-")
	name := country
	if r, err := language.ParseRegion(country); err == nil {
		name = regions.Name(r)
	}
	if state == "" {
		return name
	}
	if key := "place." + code; lang.Has(key) {
		state = lang.In(l, key)
	}
	return name + " – " + state
}
