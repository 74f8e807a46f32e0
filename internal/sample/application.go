package sample

import "stafett/internal/application"

// Project is an invented project of the demo that asks for support from the pot, and
// how far it has come.
type Project struct {
	application.Form
	Email  string
	Days   int    // how long ago it was sent
	Comes  string // to: submitted, needs_info, assessed, rejected, running
	Ask    string // what it is asked
	Answer string
	Reason string // of a decision
	Points int    // by an assessor
	Note   string
}

// Scheme is the pot of the demo, of which four projects can get the most.
func Scheme(advisoryProgrammeID, currency string) application.Scheme {
	s := application.StandardScheme(advisoryProgrammeID, currency)
	s.PotMinor, s.MostMinor = 1_800_000_00, 450_000_00
	s.Appeal = "De kan klage på vedtaket innan tre veker frå de fekk det. Klaga sender de til fylkeskommunen, som vurderer saka på nytt før ho eventuelt går vidare."
	return s
}

// Projects lists the demo's projects, the oldest first.
func Projects() []Project {
	return []Project{
		{
			Form: application.Form{
				FirstName: "Ragnhild", LastName: "Sæther", OrgNumber: "310010006", BodyName: "Fjordvik kommune (oppdikta)",
				Title: "Smartare straum i gamle skular", Challenge: "Skulane våre frå 1970-talet bruker dobbelt så mykje straum som dei nye, og det finst inga løysing som kan setjast inn utan å byggje om.",
				Goal: "Berekraftsmål 7, rein energi til alle, og målet i klimaplanen om å halvere straumbruken i kommunale bygg", ReportURL: "https://fjordvik.example/berekraft",
				ProjectOwner: "Einingsleiar eigedom", Budget: "700 000", OwnShare: "300 000", Asked: "400 000", Support: "Hjelp til å skildre behovet og til å leie marknadsdialogen",
			},
			Email: "ragnhild.saether@fjordvik.example", Days: 40, Comes: "running", Points: 9, Note: "Tydeleg behov, og ein eigar som har tid til prosjektet.",
			Ask: "Kven eig løysinga når prosjektet er over?", Answer: "Kommunen får bruksrett, og utviklaren eig løysinga og kan selje ho til andre.",
		},
		{
			Form: application.Form{
				FirstName: "Håvard", LastName: "Fløystad-Kristoffersen", OrgNumber: "310010375", BodyName: "Storøy kommune (oppdikta)",
				Title: "App for turistinformasjon", Challenge: "Turistane finn ikkje fram til dei små museuma våre om sommaren.", Goal: "Fleire besøkande",
				ProjectOwner: "Kultursjef", Budget: "250 000", OwnShare: "50 000", Asked: "200 000", Support: "Hjelp til konkurransen",
			},
			Email: "havard@storoy.example", Days: 33, Comes: "rejected", Points: 2, Note: "Det finst fleire ferdige appar.",
			Reason: "Det finst ferdige løysingar på marknaden, og ordninga gjeld behov som ingen løysing dekkjer enno.",
		},
		{
			Form: application.Form{
				FirstName: "Turid", LastName: "Østby", OrgNumber: "310011118", BodyName: "Bratteset kommune (oppdikta)",
				Title: "Sensorar som varslar ras langs skulevegen", Challenge: "Skulevegen går under ei bratt li, og i dag stengjer vi han etter skjønn når det regnar mykje.",
				Goal: "Berekraftsmål 13, stoppe klimaendringane, og trygg skuleveg for alle barn", ReportURL: "https://bratteset.example/status", ProjectOwner: "Beredskapsleiar",
				Budget: "900 000", OwnShare: "450 000", Asked: "450 000", Support: "Innovasjonspartnarskap: korleis vi kan prøve ut fleire løysingar ved sida av kvarandre",
			},
			Email: "turid.ostby@bratteset.example", Days: 16, Comes: "assessed", Points: 8, Note: "Svært aktuelt for fleire kommunar i fylket.",
		},
		{
			Form: application.Form{
				FirstName: "Ola", LastName: "Rønning", OrgNumber: "310011487", BodyName: "Søre Nordfjordstranda interkommunale ressursselskap (oppdikta)",
				Title: "Ombruk av møblar mellom kommunane", Challenge: "Kommunane kastar møblar som andre kommunar kjøper nye, fordi ingen veit kva som står på lager.",
				Goal: "Berekraftsmål 12, ansvarleg forbruk", ProjectOwner: "Innkjøpsleiar", Budget: "600 000", OwnShare: "200 000", Asked: "400 000", Support: "Behovskartlegging på tvers av kommunar",
			},
			Email: "ola.ronning@ressurs.example", Days: 9, Comes: "needs_info", Ask: "Kor mange kommunar er med, og har dei sagt ja skriftleg?",
		},
		{
			Form: application.Form{
				FirstName: "Marit", LastName: "Håland", OrgNumber: "310011851", BodyName: "Fjellgrend kommune (oppdikta)",
				Title: "Meir lokal mat i skulekjøkenet", Challenge: "Dei små produsentane kan ikkje levere så store mengder som kontrakten krev, og skulane får mat langvegs frå.",
				Goal: "Berekraftsmål 11 og 12", ProjectOwner: "Kommunalsjef oppvekst", Budget: "500 000", OwnShare: "150 000", Asked: "350 000", Support: "Hjelp til å dele opp kontrakten og til dialog med produsentane",
			},
			Email: "marit.haland@fjellgrend.example", Days: 3, Comes: "submitted",
		},
	}
}
