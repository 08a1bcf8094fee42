import type { Call, RefundDetail, RefundPage, RefundRef, RefundStatus } from '../connector.ts'
import { entryOf } from '../fields.ts'
import type { Page, Window } from '../lists.ts'
import { callPlatform } from './client.ts'
import { notWritten } from './not-written.ts'

/** The platform's refund statuses, with ours. A status that is not in the table is `unknown`. */
const statuses: Readonly<Record<string, RefundStatus>> = {}

export async function listChanged(call: Call, window: Window, page: Page): Promise<RefundPage> {
  const { body } = await callPlatform(call, 'refunds.list', {
    from: window.from.toISOString(),
    to: window.to.toISOString(),
    page: String(page.number),
    size: String(page.size),
  })
  return notWritten('refunds.ts', `listChanged reads a page of refunds from ${Object.keys(body).join(', ')}`)
}

/** Returns the refund; undefined if the shop has no such refund. */
export async function refundDetail(call: Call, refund: RefundRef): Promise<RefundDetail | undefined> {
  const { text } = await callPlatform(call, 'refunds.get', { refundId: refund.refundId })
  return parseRefund(text)
}

/** Parses a refund. Never throws: an unreadable refund becomes a `BadItem`, and a guessed value is a doubt. */
function parseRefund(_raw: string): RefundDetail {
  const status = entryOf(statuses, '') ?? 'unknown'
  return notWritten(
    'refunds.ts',
    `parseRefund reads a refund; one whose status is not in the table is ${status}`,
  )
}
