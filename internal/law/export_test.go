package law

import "time"

// Holidays gives the holidays of a place that fall on Monday to Friday.
func Holidays(place string, year int) (list []string) {
	for day := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() == year; day = day.AddDate(0, 0, 1) {
		if calendars[place].holiday(day) && day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
			list = append(list, day.Format("01-02"))
		}
	}
	return list
}
