import { CronExpressionParser } from 'cron-parser'
import { sharedNow } from '../../lib/clock.ts'

/** Every `everySeconds`, counted from start to start, or by a cron expression in the local time of a time zone. */
export type Schedule = { everySeconds: number } | { cron: string; timeZone: string }

export const defaultTimeZone = 'Asia/Shanghai'

/**
 * Returns the first time after `after` at which the schedule is due. Missed times are not made up for: one run does the work of all of
 * them.
 */
export function nextRunAt(schedule: Schedule, after: Date): Date {
  if ('everySeconds' in schedule) return new Date(after.getTime() + schedule.everySeconds * 1000)
  const options = { currentDate: after, tz: schedule.timeZone }
  return CronExpressionParser.parse(schedule.cron, options).next().toDate()
}

/** Returns the reason why a schedule cannot be used; undefined if it can. */
export function whyNotSchedule(schedule: Schedule): string | undefined {
  if ('everySeconds' in schedule) {
    const { everySeconds } = schedule
    const whole = Number.isInteger(everySeconds) && everySeconds >= 1 && everySeconds <= 604_800
    return whole ? undefined : 'interval: 1 to 604800 seconds'
  }
  // The parser would read an empty text as "every minute".
  if (schedule.cron.trim().split(/\s+/).length < 5) return `cron: ${schedule.cron}`
  try {
    nextRunAt(schedule, sharedNow())
    return undefined
  } catch {
    return `cron: ${schedule.cron} (${schedule.timeZone})`
  }
}
