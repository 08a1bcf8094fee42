import type { Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { countCap } from '../core/lists/list-table.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import type { LateRows } from './alarm-queries.ts'
import type { Alarm } from './contract.ts'

export type Asked = {
  db: Database
  scope: Scope
  now: Date
  taskName?: (kind: string) => LocalizedText | undefined
}
export type Told = Pick<Alarm, 'id' | 'kind' | 'tone' | 'title' | 'detail' | 'remedy' | 'act' | 'to'> &
  Partial<Pick<Alarm, 'shopId' | 'count' | 'amountFen' | 'ids'>> & { since: Date | null }

export const figure = (count: number) =>
  count > countCap ? `${countCap.toLocaleString('en-US')}+` : count.toLocaleString('en-US')

/** SO2611240017703 → SO…017703, because order numbers differ at their ends. */
export const shortNo = (no: string) => (no.length > 10 ? `${no.slice(0, 2)}…${no.slice(-6)}` : no)

/** Returns the first two names, and a sign if there are more. */
export function listed(names: readonly string[], count = names.length): LocalizedText {
  const first = names.slice(0, 2)
  return count > first.length
    ? { zh: `${first.join('、')} 等`, en: `${first.join(', ')} …` }
    : { zh: first.join('、'), en: first.join(', ') }
}

/**
 * The alarm about these rows; none without rows. The text begins with the numbers of the first rows; `detail` follows them. `since`
 * undefined: the time of the earliest row.
 */
export function alarmOf(
  { count, since, numbers, ids }: LateRows,
  { detail, ...alarm }: Omit<Told, 'id' | 'count' | 'ids' | 'since'> & { since?: Date | null },
): Told[] {
  if (count === 0) return []
  const first = listed(numbers.map(shortNo), count)
  const whole = { zh: `${first.zh}，${detail.zh}`, en: `${first.en}; ${detail.en}` }
  return [{ id: alarm.kind, since, count, ids, ...alarm, detail: whole }]
}
