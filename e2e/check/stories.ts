import type { Client } from 'pg'
import type { Wrong } from './desk.ts'

type Row = {
  order_id: string
  no: string
  status: string
  event: string
  detail: {
    reason?: string
    kind?: string
    refundNo?: string
    oid?: string
    status?: string
    stops?: boolean
  } | null
}

/** The transitions of an order, written again independent of the program. */
const moves: Readonly<Record<string, readonly [from: readonly string[], to: string]>> = {
  confirm: [['unconfirmed'], 'confirmed'],
  unconfirm: [['confirmed'], 'unconfirmed'],
  release: [['confirmed'], 'released'],
  unrelease: [['released'], 'confirmed'],
  ship: [['released'], 'shipped'],
  unship: [['shipped'], 'released'],
  complete: [['shipped'], 'completed'],
  void: [['unconfirmed', 'confirmed', 'released'], 'voided'],
  restore: [['voided'], 'unconfirmed'],
}
/** Verbs that are refused while an order is on hold. */
const stopped = ['confirm', 'release', 'ship']
/** A user may release the hold of a changed address or courier and confirm, but nothing is shipped before the difference is settled. */
const changed = 'changed'
const isMoving = (kind: string) => kind === 'address' || kind === 'courier'
/** Not a reason: a user has let the order through. */
const over = 'let through'

export const storyRules = [
  'an order is born once',
  'an order moves as the table of its life says',
  'an order stands where its story ends',
  'nothing is confirmed, released or shipped while it is held',
] as const

/** Replays every order's events. */
export async function checkStories(client: Client): Promise<Wrong[]> {
  const { rows } = await client.query<Row>(`
    select o.id as order_id, o.no, o.status, e.event, e.detail
    from sales_order o join order_event e on e.order_id = o.id
    where o.origin <> 'record' order by o.id, e.id`)
  return [...Map.groupBy(rows, (row) => row.order_id).values()].flatMap(checkStory)
}

function checkStory(rows: readonly Row[]): Wrong[] {
  const [first] = rows
  if (!first) return []
  const wrong: Wrong[] = []
  const note = (rule: (typeof storyRules)[number], found: unknown) =>
    wrong.push({ rule, id: first.no, found })
  const events = rows.map((row) => row.event)
  const births = events.filter((event) => ['convert', 'create', 'split_from'].includes(event))
  if (births.length !== 1 || events[0] !== births[0]) note('an order is born once', events.slice(0, 5))
  let status = 'unconfirmed'
  const reasons = new Set<string>()
  for (const row of rows) {
    const move = moves[row.event]
    const held = [...reasons].filter(
      (reason) => !reason.startsWith(over) && (row.event !== 'confirm' || !reason.startsWith(changed)),
    )
    if (stopped.includes(row.event) && held.length > 0)
      note('nothing is confirmed, released or shipped while it is held', [row.event, ...held])
    if (move && !move[0].includes(status))
      note('an order moves as the table of its life says', `${row.event} while ${status}`)
    if (move) status = move[1]
    else hear(reasons, row)
  }
  if (status !== first.status) note('an order stands where its story ends', [status, first.status])
  return wrong
}

/** Adds or removes the reasons for a hold according to an event. */
function hear(reasons: Set<string>, { event, detail }: Row): void {
  const { reason = '', kind = '', refundNo = '', oid = '', status = '', stops } = detail ?? {}
  if (event === 'hold') reasons.add(reason)
  else if (event === 'release_hold') reasons.delete(reason)
  else if (event === 'difference' && isMoving(kind)) reasons.add(`${changed} ${kind}`)
  else if (event.startsWith('difference_') && isMoving(kind)) reasons.delete(`${changed} ${kind}`)
  else if (event.startsWith('refund_')) hearOfRefund(reasons, event, { refundNo, oid, status, stops })
}

/**
 * A line that its trade says is refunded stops the order under the line's number, until the refund itself is known. A refund that a user let
 * through stops nothing until it is noted again with `stops`. On conversion `stops` is missing; then an open refund stops the order unless
 * it was let through.
 */
function hearOfRefund(
  reasons: Set<string>,
  event: string,
  {
    refundNo,
    oid,
    status,
    stops,
  }: { refundNo: string; oid: string; status: string; stops: boolean | undefined },
): void {
  const [refund, waived] = [`refund ${refundNo || `line/${oid}`}`, `${over} ${refundNo}`]
  if (refundNo !== '')
    for (const one of reasons)
      if (one === `refund line/${oid}` || (oid === '' && one.startsWith('refund line/'))) reasons.delete(one)
  if (event === 'refund_let_through') reasons.add(waived)
  if (stops) reasons.delete(waived)
  const isOpen = status === 'applied' || status === 'agreed'
  if (stops ?? (isOpen && !reasons.has(waived))) reasons.add(refund)
  else reasons.delete(refund)
}
