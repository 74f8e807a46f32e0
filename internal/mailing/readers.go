package mailing

// readers begins a query over those who get news from a programme, in the shape
// that a query over people of events has. An address has one wish for them at
// most; one that never signed up has no name.
const readers = `WITH chosen AS (SELECT s.id, s.email, NULL AS event_id, s.language, COALESCE(p.first_name, '') AS first_name, COALESCE(p.last_name, '') AS last_name,
		pr.time_zone, NULL AS starts_at, NULL AS ends_at, p.email_failed_at IS NOT NULL AS not_working, 1 AS turn
	FROM subscription s JOIN programme pr ON pr.id = s.programme_id LEFT JOIN person p ON p.email = s.email
	WHERE s.programme_id = ? AND s.status = 'on') `

// OfNews chooses the readers of a programme's news.
func OfNews() Selection { return Selection{News: true} }
