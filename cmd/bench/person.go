package main

import (
	"fmt"

	"github.com/crowsstack/privacy-portal/internal/demo"
)

// holding is what one table holds of the person, in the words of somebody who
// knows this schema by heart and writes for it alone.
type holding struct {
	table string
	where string
	set   string // what an erasure overwrites; empty: the row goes
}

// personID is the person's key among the contacts.
var personID = demo.Heavy.Contacts[0].ID

// person lists the holdings, children before parents. That they are what our
// data map finds is checked by the count of every run.
var person = func() []holding {
	c := demo.Heavy.Contacts[0]
	contact, number := fmt.Sprintf("contact_id = %d", c.ID), "'"+c.WaID+"'"
	conversation := "conversation_id IN (SELECT id FROM conversations WHERE " + contact + ")"
	message := "message_id IN (SELECT id FROM messages WHERE " + conversation + ")"
	return []holding{
		{"attachments", message, ""},
		{"reactions", "(" + message + " OR " + contact + ")", ""},
		{"message_events", message, ""},
		{"messages", conversation, ""},
		{"messages_archive", conversation, ""},
		{"contact_notes", contact, ""},
		{"consents", contact, ""},
		{"conversations", contact, ""},
		{"opt_outs", "number = " + number, "number = NULL, number_hash = 'erased', keyword = NULL"},
		{"campaign_recipients", "regexp_replace(phone, '[^0-9]', '', 'g') = " + number, "phone = NULL, variables = '{}', provider_message_id = NULL"},
		{"activity_logs", contact, "contact_id = NULL, detail = '{}'"},
		{"contacts", fmt.Sprintf("id = %d", c.ID), ""},
	}
}()

func (h holding) export() string { return "SELECT * FROM " + h.table + " WHERE " + h.where }

func (h holding) erase(where string) string {
	if h.set != "" {
		return "UPDATE " + h.table + " SET " + h.set + " WHERE " + where
	}
	return "DELETE FROM " + h.table + " WHERE " + where
}
