package web

import (
	"slices"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

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
	var options []ui.Option
	for _, p := range law.Places() {
		options = append(options, ui.Option{Value: p.Code, Label: lang.In(l, "place."+p.Code)})
	}
	in := collate.New(language.Make(string(l)))
	slices.SortFunc(options, func(a, b ui.Option) int { return in.CompareString(a.Label, b.Label) })
	return options
}
