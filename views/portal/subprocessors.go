package portal

import "github.com/crowsstack/privacy-portal/internal/datamap"

// Subprocessor is a company that receives data on the operator's behalf.
type Subprocessor struct {
	Company   string
	What      datamap.Text // what it does for us
	Data      datamap.Text
	Where     datamap.Text
	Safeguard datamap.Text
}

// DemoSubprocessors stands until staff keep a register: the one company that
// the demo's policy names.
var DemoSubprocessors = []Subprocessor{{
	Company:   "Meta Platforms",
	What:      datamap.Text{"en": "Delivers WhatsApp messages", "de": "Stellt WhatsApp-Nachrichten zu"},
	Data:      datamap.Text{"en": "Phone numbers, message content, attachments", "de": "Telefonnummern, Inhalte von Nachrichten, Anhänge"},
	Where:     datamap.Text{"en": "Ireland, United States", "de": "Irland, Vereinigte Staaten"},
	Safeguard: datamap.Text{"en": "EU–US Data Privacy Framework", "de": "EU-US-Datenschutzrahmen"},
}}
