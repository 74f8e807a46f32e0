package advisory

// PriceOf is what so many minutes cost at a price of an hour, without VAT: rounded
// half up to the öre or øre, for each meeting by itself.
func PriceOf(minutes int, hourMinor int64) int64 { return (int64(minutes)*hourMinor + 30) / 60 }

// VATOn is the VAT on an amount, rounded half up.
func VATOn(minor int64, percent int) int64 { return (minor*int64(percent) + 50) / 100 }
