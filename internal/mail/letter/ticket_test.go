package letter

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestATicketIsAttachedBesideTheInvitation(t *testing.T) {
	pdf := append([]byte("%PDF-1.3\n"), bytes.Repeat([]byte{0, 1, 2, 254, 255}, 500)...)
	for name, tt := range map[string]struct {
		letter Letter
		want   []string
	}{
		"with an invitation": {invite(), []string{"invite.ics application/ics", "ticket.pdf application/pdf"}},
		"alone":              {plainLetter(), []string{"ticket.pdf application/pdf"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := tt.letter
			l.TicketPDF = pdf
			data := mustBytes(t, l)
			if !bytes.Equal(data, mustBytes(t, l)) {
				t.Error("the same letter is other bytes")
			}
			p, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range p.Attachments {
				got = append(got, a.Name+" "+a.Type)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("attached (-want +got):\n%s", diff)
			}
			if last := p.Attachments[len(p.Attachments)-1]; !bytes.Equal(last.Data, pdf) {
				t.Error("the ticket has changed on its way")
			}
			if p.Text != l.Text || p.HTML != l.HTML || !bytes.Equal(p.Calendar, l.Calendar) {
				t.Error("the letter itself is no longer what is read first")
			}
			if !strings.Contains(string(data), `attachment; filename="ticket.pdf"`) {
				t.Error("the ticket is no attachment")
			}
		})
	}
}
