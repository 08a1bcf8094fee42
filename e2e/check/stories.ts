import type { Client } from 'pg'
import type { Wrong } from './desk.ts'

type Row = {
  order_id: string
  no: string
  status: string
  event: string
  detail: { reason?: string; kind?: string; refundNo?: string; status?: string; stops?: boolean } | null
}

/** An order's life, typed a second time and by hand: what may happen where, and where it leads. */
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
/** What nobody may do with an order that is held. */
const stopped = ['confirm', 'release', 'ship']
/** A person may lift the hold of a changed address, and confirm; but no goods leave before it is settled. */
const changed = 'changed address'
/** Not a reason: a person said so. */
const over = 'let through'

export const storyRules = [
  'an order is born once',
  'an order moves as the table of its life says',
  'an order stands where its story ends',
  'nothing is confirmed, released or shipped while it is held',
] as const

/** Every order's story, told again from its events. */
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

/** What an event adds to the reasons why an order stands still, or takes away. */
function hear(reasons: Set<string>, { event, detail }: Row): void {
  const { reason = '', kind = '', refundNo = '', status = '', stops } = detail ?? {}
  if (event === 'hold') reasons.add(reason)
  else if (event === 'release_hold') reasons.delete(reason)
  else if (event === 'difference' && kind === 'address') reasons.add(changed)
  else if (event.startsWith('difference_') && kind === 'address') reasons.delete(changed)
  else if (event.startsWith('refund_')) hearOfRefund(reasons, event, { refundNo, status, stops })
}

/** What a person let through stops nothing until it is noted as something that stops; what converts it says no more than it said. */
function hearOfRefund(
  reasons: Set<string>,
  event: string,
  { refundNo, status, stops }: { refundNo: string; status: string; stops: boolean | undefined },
): void {
  const [refund, waived] = [`refund ${refundNo}`, `${over} ${refundNo}`]
  if (event === 'refund_let_through') reasons.add(waived)
  if (stops) reasons.delete(waived)
  const isOpen = status === 'applied' || status === 'agreed'
  if (stops ?? (isOpen && !reasons.has(waived))) reasons.add(refund)
  else reasons.delete(refund)
}
