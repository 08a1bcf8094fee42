import { dayMs } from '../../lib/time.ts'
import type { Call } from '../connector.ts'
import { fieldsAt } from '../fields.ts'
import type { ChainAt, ListLimits, Window } from '../lists.ts'
import { ask, rowsOf } from './client.ts'
import { utcOf } from './fields.ts'
import { listLagMs, listOverlapMs } from './unverified.ts'

/** No window is too long and no row is out of reach: each page names the next one. */
export const listLimits: ListLimits = {
  windowMs: 30 * dayMs,
  advisedWindowMs: dayMs,
  lagMs: listLagMs,
  overlapMs: listOverlapMs,
  pageSize: 50,
  rowsMax: 1_000_000,
}

const fields = { created: 'created_at', modified: 'updated_at' } as const
const sortKeys = { created: 'CREATED_AT', modified: 'UPDATED_AT' } as const

/** A page of orders, the oldest change first: a change moves an order behind all others, and out of the window. Closed and cancelled orders are asked for too. */
export async function ordersOf(
  call: Call,
  query: string,
  { by, window }: { by: 'created' | 'modified'; window: Window },
  { after, size }: ChainAt,
): Promise<{ rows: readonly unknown[]; next: string | null }> {
  const field = fields[by]
  const search = `${field}:>='${utcOf(window.from)}' ${field}:<'${utcOf(window.to)}' status:any`
  const { data } = await ask(call, query, { first: size, after, search, sortKey: sortKeys[by] })
  return rowsOf(fieldsAt(data, 'orders'))
}
