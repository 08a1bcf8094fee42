import { quote, quoteId } from '../wire.ts'
import type { Trade } from '../world/model.ts'
import { LIST_FIELDS, LITE_FIELDS } from './field-lists.ts'
import { oaid } from './mask.ts'
import { type LineWriter, ORDER_FIELDS, promotionDetails } from './order-fields.ts'
import { isPeak, TRADE_FIELDS, type TradeWriter, type Wire } from './trade-fields.ts'

type View = 'list' | 'full' | 'lite'

/** A compiled `fields` parameter: the requested fields that the method knows. */
export interface FieldSet {
  view: View
  trade: [prefix: string, write: TradeWriter][]
  names: string[]
  /** null: no field of a trade line was requested. */
  orders: [prefix: string, write: LineWriter][] | null
  promotions: boolean
  /** True if the five receiver fields are requested, without which TOP returns no OAID. */
  oaidPossible: boolean
  oaid: boolean
}

const OAID_NEEDS = ['receiver_name', 'receiver_address', 'created', 'receiver_mobile', 'receiver_phone']
/** The fields that a list leaves out in peak hours. */
const PEAK_OMITS = new Set([
  'payment',
  'post_fee',
  'consign_time',
  'oaid',
  'received_payment',
  'discount_fee',
  'total_fee',
  'adjust_fee',
])
const compiled = new Map<string, FieldSet>()

/** Compiles `fields`; the result is cached for each text and view. */
export function compileFields(fields: string, view: View): FieldSet {
  const key = `${view}:${fields}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  if (compiled.size > 300) compiled.clear()
  const set = compile(fields, view)
  compiled.set(key, set)
  return set
}

function compile(fields: string, view: View): FieldSet {
  const asked = new Set(fields.split(',').map((name) => name.trim()))
  const allowed = view === 'list' ? LIST_FIELDS : view === 'lite' ? LITE_FIELDS : null
  const set: FieldSet = {
    view,
    trade: [],
    names: [],
    orders: null,
    promotions: false,
    oaidPossible: OAID_NEEDS.every((name) => asked.has(name)),
    oaid: false,
  }
  const lineFields = new Set<string>()
  for (const name of asked) {
    if (name === 'orders') for (const all of Object.keys(ORDER_FIELDS)) lineFields.add(all)
    else if (name.startsWith('orders.')) lineFields.add(name.slice(7))
    else if (name === 'promotion_details' || name.startsWith('promotion_details.'))
      set.promotions = view === 'full'
    else if (name === 'oaid') set.oaid = set.oaidPossible && view !== 'lite'
    else {
      const write = TRADE_FIELDS[name]
      if (write === undefined || (allowed !== null && !allowed.trade.has(name))) continue
      set.trade.push([`${quote(name)}:`, write])
      set.names.push(name)
    }
  }
  for (const name of lineFields) {
    const write = ORDER_FIELDS[name]
    if (write === undefined || (allowed !== null && !allowed.order.has(name))) continue
    set.orders ??= []
    set.orders.push([`${quote(name)}:`, write])
  }
  return set
}

/** Writes one trade with exactly the fields of the set; a list writes less in the peak hours of 双11. */
export function writeTrade(trade: Trade, set: FieldSet, wire: Wire, nowSeconds: number): string {
  const { peakSeconds = 0 } = wire
  const peakList = set.view === 'list' && isPeak(wire)
  const parts: string[] = []
  for (let i = 0; i < set.trade.length; i++) {
    const field = set.trade[i]
    const name = set.names[i]
    if (field === undefined || name === undefined) continue
    if (peakList && PEAK_OMITS.has(name)) continue
    if (peakList && name === 'status' && nowSeconds - trade.modified < 2 * peakSeconds) {
      parts.push(`"status":${quote(trade.previousStatus)}`)
      continue
    }
    if (trade.garbage !== null && name in trade.garbage) {
      const raw = trade.garbage[name]
      if (raw !== null && raw !== undefined) parts.push(field[0] + raw)
      continue
    }
    const value = field[1](trade, wire)
    if (value !== null) parts.push(field[0] + value)
  }
  if (set.oaid && !peakList) parts.push(`"oaid":${quoteId(oaid(trade, nowSeconds))}`)
  if (set.orders !== null && !peakList) writeOrders(trade, set.orders, wire, parts)
  if (set.promotions) {
    const promotions = promotionDetails(trade)
    if (promotions !== null) parts.push(`"promotion_details":${promotions}`)
  }
  return `{${parts.join(',')}}`
}

function writeOrders(trade: Trade, writers: [string, LineWriter][], wire: Wire, parts: string[]): void {
  const raw = trade.garbage?.['orders']
  if (raw !== undefined) {
    if (raw !== null) parts.push(`"orders":${raw}`)
    return
  }
  const orders: string[] = []
  for (const line of trade.lines) {
    const fields: string[] = []
    for (const [prefix, write] of writers) {
      const value = write(line, trade, wire)
      if (value !== null) fields.push(prefix + value)
    }
    orders.push(`{${fields.join(',')}}`)
  }
  parts.push(`"orders":{"order":[${orders.join(',')}]}`)
}
