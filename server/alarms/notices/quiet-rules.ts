/** Quiet hours in minutes of the day at +08:00. With `from` after `to` they last over midnight. */
export type QuietHours = { from: number; to: number; passesBad: boolean }

/** True if this minute of the day is within the quiet hours. The first minute is, the last is not. */
export const isQuietAt = ({ from, to }: QuietHours, minute: number): boolean =>
  from < to ? minute >= from && minute < to : minute >= from || minute < to
