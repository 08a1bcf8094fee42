import { type Json, rows, textIn } from '../json-parts.ts'
import { setTradeStatus, ship } from '../world/change.ts'
import type { Trade } from '../world/model.ts'
import { filteredBetween } from '../world/modified-log.ts'
import { recordParcels } from '../world/sent-parcels.ts'
import {
  askedTrade,
  badParam,
  fieldsOf,
  momentIn,
  pageIn,
  placesIn,
  type WooCall,
  type WooError,
  type WooMethod,
} from './call.ts'
import { writeMeta, writtenParcel } from './metas.ts'
import { orderJson, orderStatus } from './order-json.ts'

const STATUSES: ReadonlySet<string> = new Set([
  ...['any', 'trash', 'auto-draft', 'checkout-draft', 'pending', 'processing', 'on-hold', 'completed'],
  ...['cancelled', 'refunded', 'failed'],
])
const ORDERS: Readonly<Record<string, (one: Trade, other: Trade) => number>> = {
  date: (one, other) => one.created - other.created || Number(one.tid) - Number(other.tid),
  id: (one, other) => Number(one.tid) - Number(other.tid),
  modified: (one, other) => one.modified - other.modified || Number(one.tid) - Number(other.tid),
}

/** GET /orders: whole orders; the ends of a window lie outside it. */
export const list: WooMethod = ({ shop, params, sandbox }) => {
  const paged = pageIn(params)
  if ('code' in paged) return paged
  const asked = (params.get('status') ?? 'any').split(',')
  const unknown = asked.find((status) => !STATUSES.has(status))
  if (unknown !== undefined) return badParam('status')
  const order = ORDERS[params.get('orderby') ?? 'date']
  const direction = params.get('order') ?? 'desc'
  if (order === undefined) return badParam('orderby')
  if (direction !== 'asc' && direction !== 'desc') return badParam('order')
  const found = within(shop.tradeLog, params)
  if (!Array.isArray(found)) return found
  const listed = found.filter((trade) => asked.includes('any') || asked.includes(orderStatus(trade)))
  listed.sort((one, other) => (direction === 'asc' ? order(one, other) : order(other, one)))
  return {
    rows: listed
      .slice((paged.page - 1) * paged.size, paged.page * paged.size)
      .map((trade) => fieldsOf(params, orderJson(trade, sandbox.world.url, placesIn(params)))),
    total: listed.length,
    size: paged.size,
  }
}

const LATE = 4_000_000_000

function within(log: WooCall['shop']['tradeLog'], params: ReadonlyMap<string, string>): Trade[] | WooError {
  const bounds: Record<string, number> = {}
  for (const name of ['after', 'before', 'modified_after', 'modified_before']) {
    const moment = momentIn(params, name, name.endsWith('after') ? 0 : LATE)
    if (moment === undefined) return badParam(name)
    bounds[name] = moment
  }
  const [after = 0, before = LATE] = [bounds['after'], bounds['before']]
  const span = { from: (bounds['modified_after'] ?? 0) + 1, to: (bounds['modified_before'] ?? LATE) - 1 }
  return [
    ...filteredBetween(
      log,
      span,
      `woo|${after}|${before}`,
      ({ created }) => created > after && created < before,
    ),
  ]
}

export const detail: WooMethod = (call) => {
  const trade = askedTrade(call)
  if ('code' in trade) return trade
  const { params, sandbox } = call
  return { data: fieldsOf(params, orderJson(trade, sandbox.world.url, placesIn(params))) }
}

/** PUT /orders/{id}: any status may follow any other, so an order that was refunded can be completed too. */
export const update: WooMethod = (call) => {
  const trade = askedTrade(call)
  if ('code' in trade) return trade
  const { body } = call
  const status = textIn(body, 'status')
  if (status !== '' && (!STATUSES.has(status) || status === 'any')) return badParam('status')
  for (const meta of rows(body, 'meta_data')) {
    if (textIn(meta, 'key') === '') return badParam('meta_data')
    writeMeta(trade, textIn(meta, 'key'), meta['value'])
  }
  if (status === 'completed') complete(call, trade)
  return detail(call)
}

function complete({ sandbox: { world } }: WooCall, trade: Trade): void {
  const sent = writtenParcel(trade)
  const lines = trade.lines.filter((line) => line.status === 'WAIT_SELLER_SEND_GOODS')
  const goods = (lines.length > 0 ? lines : trade.lines).map((line) => ({ line, pieces: line.num }))
  recordParcels(world, trade, [{ ...sent, goods }], true)
  for (const { line } of goods) line.shipments++
  world.waybills.set(sent.waybill, trade)
  const parcel = { company: sent.courier, waybill: sent.waybill }
  if (!ship(world, trade, lines, parcel)) setTradeStatus(world, trade, 'WAIT_BUYER_CONFIRM_GOODS')
}

export const currentCurrency: WooMethod = ({ shop }): { data: Json } => {
  const code = shop.options.currency ?? 'CNY'
  return { data: { code, name: code === 'CNY' ? 'Chinese yuan' : code, symbol: '&yen;' } }
}
