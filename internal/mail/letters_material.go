package mail

import (
	"context"
	"strings"

	"stafett/internal/material"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
)

func (f *facts) readMaterials(ctx context.Context, tx *store.Tx) (err error) {
	if f.Letter == message.Materials {
		f.materials, err = material.Of(ctx, tx, f.event.ID)
	}
	return err
}

// pointlessMaterials ends the letter once everything in it has been taken back.
func (f facts) pointlessMaterials() string {
	if !f.hasPlace() && f.registration.Status != registration.NoShow {
		return message.ReasonGivenUp
	}
	return unless(len(f.materials) > 0, message.ReasonGone)
}

// handOut brings what was shown, to those who were there and those who were not.
func (w *writer) handOut(c *Content) {
	variant, titles := "", []string(nil)
	for _, m := range w.materials {
		kind := "material."
		label := m.Title
		if m.Recording {
			kind, label = "recording.", w.t("mail.e21.recording", "title", m.Title)
		}
		if variant != "" && variant != kind {
			kind = "both."
		}
		variant = kind
		if m.Title != w.event.Title { // which the subject has
			titles = append(titles, m.Title)
		}
		action := Action{Label: label + " (" + m.Host() + ")", URL: m.URL}
		if !m.Recording { // nothing of the label is in the letter's language
			action.Language = w.foreign(w.event.Language)
		}
		c.Actions = append(c.Actions, action)
	}
	c.Subject = w.t("mail.e21."+variant+"subject", "title", w.event.Title)
	c.Heading = w.t("mail.e21." + variant + "heading")
	c.Preheader = strings.Join(titles, " · ")
	c.Lead = []string{w.t("mail.e21.place")} // why somebody did not come is not known
	if w.registration.Status == registration.Attended {
		c.Lead = []string{w.t("mail.e21.attended")}
	}
	c.Facts = w.whenAndWhere(former{})
	c.Quote = w.quote(w.Details.Reason)
	c.Next = []string{w.t("mail.e21.links")}
	c.Actions = append(c.Actions, w.action("materials", w.manage+materialPart), w.action("event", w.page))
}

// materialPart leads to what is handed out, on the page of a registration.
const materialPart = "#materials"
