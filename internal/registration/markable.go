package registration

// CanMark reports whether attendance can be noted about somebody in the state,
// on the day of the event (AttendanceOpens).
func CanMark(r Registration) bool { return r.Status.markable() }
