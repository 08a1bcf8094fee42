import { PlatformError } from '../../lib/platform-error.ts'
import type { MemoInput } from '../answers.ts'
import type { Call } from '../connector.ts'
import { cleanText, isFields, isTrueAt, longest, textAt, wholeAt } from '../fields.ts'
import { getWoo, sendWoo } from './client.ts'
import { pathOf } from './fields.ts'
import { systemAuthors } from './unverified.ts'

/** GET /orders/{id}/notes. `internal`: those that the buyer does not see. */
export const notesOf = (call: Call, tid: string, type: 'internal' | 'customer') =>
  getWoo(call, `${pathOf(tid)}/notes`, { type })

/** The seller's note: the newest one that a person wrote for the shop. The system writes one at each change of status. */
export function memoIn(rows: readonly unknown[]): string {
  const remarks = rows
    .filter(isFields)
    .filter((row) => !isTrueAt(row, 'customer_note'))
    .filter((row) => !systemAuthors.has(textAt(row, 'author', longest.name).toLowerCase()))
    .map((row) => ({
      number: wholeAt(row, 'id', 0, Number.MAX_SAFE_INTEGER) ?? 0,
      text: textAt(row, 'note', longest.text),
    }))
  const newest = remarks.reduce((last, one) => (one.number > last.number ? one : last), {
    number: -1,
    text: '',
  })
  return newest.text.trim()
}

/** Adds a note: notes pile up, and the newest is the order's. The same note is not added twice. There are no flags. */
export async function updateMemo(call: Call, { tid, memo }: MemoInput): Promise<void> {
  const { rows } = await notesOf(call, tid, 'internal')
  const wanted = cleanText(memo, longest.text).trim()
  if (memoIn(rows) === wanted) return
  if (wanted === '')
    throw new PlatformError('rejected', 'memo_empty', 'This platform keeps notes and takes no empty one.')
  await sendWoo(call, 'POST', `${pathOf(tid)}/notes`, {
    note: wanted,
    customer_note: false,
    added_by_user: true,
  })
}

/** Sends the buyer a note with the waybill, unless they have one with it. */
export async function noteForBuyer(
  call: Call,
  tid: string,
  { courier, waybillNo }: { courier: string; waybillNo: string },
) {
  const { rows } = await notesOf(call, tid, 'customer')
  if (rows.filter(isFields).some((row) => textAt(row, 'note', longest.text).includes(waybillNo))) return
  const note = `已发货：${courier} ${waybillNo}`
  await sendWoo(call, 'POST', `${pathOf(tid)}/notes`, { note, customer_note: true })
}
