import { type Json, textIn } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import { changeMemo } from '../world/change.ts'
import type { Trade } from '../world/model.ts'
import { recordActivity } from '../world/world.ts'
import { askedTrade, badParam, gmt, local, type WooMethod } from './call.ts'
import { orderStatus } from './order-json.ts'

type Note = { id: number; author: string; at: number; note: string; isForBuyer: boolean }

/** Notes that are not the seller's: those of the system, and those for the buyer. */
const others = keptMap<Trade, Note[]>('woocommerce notes')
let nextNote = 5000

/** The notes of an order, the newest first. The world keeps the last one of the seller. */
function notesOf(trade: Trade): Note[] {
  const system = {
    id: 1,
    author: 'WooCommerce',
    at: trade.created,
    note: `订单状态变更为 ${orderStatus(trade)}。`,
    isForBuyer: false,
  }
  const own = { id: 2, author: '店员', at: trade.modified, note: trade.memo, isForBuyer: false }
  return [...(others.get(trade) ?? []).toReversed(), ...(trade.memo === '' ? [] : [own]), system]
}

const noteJson = ({ id, author, at, note, isForBuyer }: Note): Json => ({
  id,
  author,
  date_created: local(at),
  date_created_gmt: gmt(at),
  note,
  customer_note: isForBuyer,
})

export const list: WooMethod = (call) => {
  const trade = askedTrade(call)
  if ('code' in trade) return trade
  const type = call.params.get('type') ?? 'any'
  if (!['any', 'customer', 'internal'].includes(type)) return badParam('type')
  const notes = notesOf(trade).filter(
    ({ isForBuyer }) => type === 'any' || isForBuyer === (type === 'customer'),
  )
  return { data: notes.map(noteJson) }
}

/** POST /orders/{id}/notes adds a note; none is replaced. A note for the buyer is sent to them. */
export const add: WooMethod = (call) => {
  const trade = askedTrade(call)
  if ('code' in trade) return trade
  const { sandbox, shop, body, now } = call
  const [note, isForBuyer] = [textIn(body, 'note').trim(), body['customer_note'] === true]
  if (note === '') return badParam('note')
  const isPersons = body['added_by_user'] === true
  const made = { id: nextNote++, author: isPersons ? '店员' : 'WooCommerce', at: now, note, isForBuyer }
  if (isPersons && !isForBuyer) changeMemo(sandbox.world, trade, note, undefined)
  else others.set(trade, [...(others.get(trade) ?? []), made])
  const action = isForBuyer ? 'tell' : isPersons ? 'memo' : 'note'
  recordActivity(sandbox.world, shop, { action, key: trade.tid, accepted: true, detail: { memo: note } })
  return { data: noteJson(made) }
}
