import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { lineMoney } from '../../connectors/line-money.ts'
import type { RowRefusal } from '../../core/sheets/sheet-contract.ts'
import { type RefusalReason, refusal } from '../../core/sheets/sheet-rows.ts'
import { isNumbered, lineNumber } from '../../shops/sheet-lines.ts'
import type { GoodsFacts, ReceiverFacts, RowFacts, TradeRows } from './rows.ts'

/** A line as it is kept. `sent`: the pieces that left, which `ship` of the connector counts. */
export type LineDocument = {
  oid: string
  itemId: string
  skuId?: string
  outerSkuId?: string
  title: string
  spec?: string
  quantity: number
  priceFen: number
  paymentFen: number
  discountFen?: number
  status?: string
  sent?: number
  waybillNos?: string[]
}
export type TradeDocument = {
  tid: string
  status: string
  createdAt: string
  modifiedAt: string
  paidAt?: string
  shippedAt?: string
  endedAt?: string
  shipBy?: string
  paymentFen: number
  postFeeFen: number
  buyer: { nick: string }
  receiver: Partial<ReceiverFacts>
  buyerMessage?: string
  sellerMemo?: string
  lines: LineDocument[]
}

const isOver = (status: string | undefined) => status === 'shipped' || status === 'finished'
const isClosed = (status: string | undefined) => status?.startsWith('closed') ?? false

export const statusOfLine = (trade: TradeDocument, line: LineDocument): string => line.status ?? trade.status
const hasLeft = (trade: TradeDocument): boolean =>
  trade.lines.some((line) => (line.sent ?? 0) > 0 || isOver(statusOfLine(trade, line)))

/** Thrown for a trade that is not taken; `row` is the row that is the cause. */
export class Refused extends Error {
  readonly refusal: RowRefusal
  constructor(row: number, column: string, reason: RefusalReason) {
    super(reason.code)
    this.refusal = refusal(row, column, reason)
  }
}

const because = (code: string, zh: string, en: string): RefusalReason => ({ code, message: { zh, en } })

/**
 * Returns the trade that the rows say, over the one that is kept: shipped goods stay so, and fields that the sheet leaves out stay as they were. Equal
 * rows make an equal document but for `modifiedAt`. @throws {Refused}
 */
export function tradeOf({ tid, rows }: TradeRows, kept: TradeDocument | undefined, at: Date): TradeDocument {
  const [first] = rows
  if (!first) throw new Error('A trade without rows.')
  const goods = rows.flatMap((row) => (row.goods ? [{ ...row, goods: row.goods }] : []))
  const receiver = receiverOf(rows) ?? kept?.receiver
  if (!receiver || (goods.length === 0 && !kept))
    throw new Refused(
      first.row,
      '',
      because(
        'unknown_trade',
        '这笔交易没有导入过，要有收货人和商品',
        'This trade is new, so it needs a receiver and goods',
      ),
    )
  const wide = wideOf(rows)
  const matched = goods.length > 0 ? matchedOf(tid, goods, kept) : []
  const money = goods.length > 0 ? moneyOf(matched, wide, kept?.postFeeFen ?? 0) : undefined
  const lines = money ? matched.map((one, at) => lineOf(one, money.lines[at] ?? 0)) : (kept?.lines ?? [])
  const status = statusOf(wide.status, kept)
  const createdAt =
    wide.createdAt?.toISOString() ?? earliest(kept?.createdAt, wide.paidAt) ?? at.toISOString()
  const paidAt =
    status === 'unpaid' || status === 'closed_unpaid'
      ? undefined
      : (wide.paidAt?.toISOString() ?? kept?.paidAt ?? createdAt)
  const trade: TradeDocument = {
    ...{ tid, status, createdAt, modifiedAt: at.toISOString() },
    ...given('paidAt', paidAt),
    ...given('shippedAt', kept?.shippedAt ?? (isOver(status) ? at.toISOString() : undefined)),
    ...given(
      'endedAt',
      kept?.endedAt ?? (status === 'finished' || isClosed(status) ? at.toISOString() : undefined),
    ),
    ...given('shipBy', wide.shipBy?.toISOString() ?? kept?.shipBy),
    paymentFen: money?.paymentFen ?? kept?.paymentFen ?? 0,
    postFeeFen: money?.postFeeFen ?? kept?.postFeeFen ?? 0,
    // A name of the receiver is no nick: nicks are shown, and names are sealed.
    buyer: { nick: wide.nick || kept?.buyer.nick || '' },
    receiver,
    ...given('buyerMessage', wide.message || kept?.buyerMessage),
    ...given('sellerMemo', wide.memo || kept?.sellerMemo),
    lines: lines.map((line) => ({ ...line, ...lineStatus(line, status, wide.status) })),
  }
  if (kept && hasLeft(kept) && !isDeepStrictEqual(shape(trade), shape(kept)))
    throw new Refused(
      first.row,
      '',
      because(
        'shipped_already',
        '已经发货，收货人、商品、数量和金额不能再改',
        'It left already: receiver, goods, quantities and amounts stay as they are',
      ),
    )
  return trade
}

const earliest = (kept: string | undefined, paid: Date | undefined): string | undefined =>
  [kept, paid?.toISOString()].flatMap((time) => time ?? []).toSorted()[0]

/** True if the documents differ in more than the time of their version. */
export function differs(one: object, other: object | undefined): boolean {
  return other === undefined || !isDeepStrictEqual({ ...one, modifiedAt: '' }, { ...other, modifiedAt: '' })
}

const shape = ({ receiver, paymentFen, postFeeFen, lines }: TradeDocument) => ({
  ...{ receiver, paymentFen, postFeeFen },
  lines: lines.map(({ status: _, sent: __, waybillNos: ___, ...line }) => line),
})

const given = <Key extends string>(key: Key, value: string | undefined) =>
  (value === undefined || value === '' ? {} : { [key]: value }) as Partial<Record<Key, string>>

type WideFacts = RowFacts['trade']

/** The facts of a trade are those of the first row that says them. Amounts that differ are refused. */
function wideOf(rows: readonly RowFacts[]): WideFacts {
  const wide = rows
    .map(({ trade }) => trade)
    .reduceRight((later, { nick, message, memo, ...one }) => ({
      ...one,
      status: one.status ?? later.status,
      createdAt: one.createdAt ?? later.createdAt,
      paidAt: one.paidAt ?? later.paidAt,
      shipBy: one.shipBy ?? later.shipBy,
      paymentFen: one.paymentFen ?? later.paymentFen,
      postFeeFen: one.postFeeFen ?? later.postFeeFen,
      nick: nick || later.nick,
      message: message || later.message,
      memo: memo || later.memo,
    }))
  for (const { row, trade } of rows)
    for (const key of ['paymentFen', 'postFeeFen'] as const)
      if (trade[key] !== undefined && trade[key] !== wide[key]) throw new Refused(row, '', unlike)
  return wide
}

function receiverOf(rows: readonly RowFacts[]): Partial<ReceiverFacts> | undefined {
  const named = rows.flatMap(({ row, receiver }) => (receiver ? [{ row, receiver }] : []))
  const [first] = named
  const other = named.find(({ receiver }) => !isDeepStrictEqual(receiver, first?.receiver))
  if (other) throw new Refused(other.row, '', unlike)
  return first && Object.fromEntries(Object.entries(first.receiver).filter(([, text]) => text !== ''))
}

const unlike = because(
  'differs',
  '和同一交易的别的行不一致（收货人、订单金额、运费要一样）',
  'It differs from another row of the trade: receiver, amount and freight must be equal',
)

/** A status that came from our own shipping stays until the sheet says more. */
function statusOf(said: WideFacts['status'], kept: TradeDocument | undefined): string {
  const before = kept?.status ?? ''
  if (said === 'closed')
    return isClosed(before)
      ? before
      : before === '' || before === 'unpaid'
        ? 'closed_unpaid'
        : 'closed_refunded'
  if (said === 'finished') return 'finished'
  if (isClosed(before) || before === 'finished') return before
  if (said === 'shipped') return 'shipped'
  if (before === 'shipped' || before === 'partly_shipped') return before
  return said === 'unpaid' && before !== 'paid' ? 'unpaid' : 'paid'
}

function lineStatus(line: LineDocument, status: string, said: WideFacts['status']): { status?: string } {
  if (isClosed(line.status)) return {}
  if (status === 'partly_shipped') return { status: line.status ?? 'paid' }
  // The statuses of lines follow the trade but where a part of it left.
  return said === 'finished' || said === 'closed' || said === 'shipped' || line.status !== undefined
    ? { status }
    : {}
}

type Goods = RowFacts & { goods: GoodsFacts }
/** A row with its line. `old`: the line as it is kept; undefined: the line is new. */
type Matched = Pick<Goods, 'row' | 'goods'> & { oid: string; old: LineDocument | undefined }

/**
 * Each row is a line. A row finds its line by the number of the line, else by its goods, else by its place, so that a corrected code or
 * rows in another order keep the numbers. Goods that disappear are refused.
 */
function matchedOf(tid: string, rows: readonly Goods[], kept: TradeDocument | undefined): Matched[] {
  const before = kept?.lines ?? []
  const free = new Set(before)
  const take = (isIt: (line: LineDocument) => boolean) => {
    const line = [...free].find(isIt)
    if (line) free.delete(line)
    return line
  }
  const found = rows.map(({ sub }) => (sub === '' ? undefined : take(isNumbered(tid, sub))))
  for (const isIt of [isExactly, isGoods, () => () => true])
    for (const [at, { goods }] of rows.entries()) found[at] ??= take(isIt(goods))
  if (free.size > 0)
    throw new Refused(
      rows[0]?.row ?? 0,
      '',
      because(
        'lines_missing',
        `上次有 ${before.length} 行商品，这次少了 ${free.size} 行。不要的行请留着，退款列写「已退款」`,
        `It had ${before.length} lines, and ${free.size} are missing. Keep a line that is not wanted, and mark it refunded`,
      ),
    )
  const taken = new Set(before.map(({ oid }) => oid))
  return rows.map(({ row, sub, goods }, at) => {
    const old = found[at]
    const oid = old?.oid ?? newNumber(tid, sub, taken)
    if (old === undefined && sub !== '' && oid !== lineNumber(tid, sub))
      throw new Refused(row, '', because('line_twice', '子订单编号重复', 'The line number is there twice'))
    taken.add(oid)
    return { row, goods, oid, old }
  })
}

function newNumber(tid: string, sub: string, taken: ReadonlySet<string>): string {
  const number = lineNumber(tid, sub)
  if (sub !== '' && !taken.has(number)) return number
  let nth = 1
  while (taken.has(`${tid}-${nth}`)) nth += 1
  return `${tid}-${nth}`
}

/** The goods have the numbers of their code and their variety, so that the same goods are one listing in every sheet. */
const goodsNumbers = ({ code, title, spec }: GoodsFacts) => ({
  itemId: /^[\w-]{1,64}$/.test(code) && code !== '0' ? code : `g${hashOf(code || title)}`,
  skuId: spec === '' ? '' : `v${hashOf(spec)}`,
})

/** True for a line of these goods, as far as both have a code and a variety. */
export const isGoods = (goods: GoodsFacts) => {
  const { itemId, skuId } = goodsNumbers(goods)
  return (line: LineDocument): boolean =>
    (line.itemId === itemId ||
      (line.title === goods.title && (goods.code === '' || line.outerSkuId === undefined))) &&
    (skuId === '' || line.skuId === undefined || line.skuId === skuId)
}

export const isExactly = (goods: GoodsFacts) => {
  const { itemId, skuId } = goodsNumbers(goods)
  return (line: LineDocument): boolean => line.itemId === itemId && (line.skuId ?? '') === skuId
}

/** What the row leaves out of the same goods stays. */
function lineOf({ goods, oid, old }: Matched, paymentFen: number): LineDocument {
  const same = old && isGoods(goods)(old) ? old : undefined
  const { itemId, skuId } = goodsNumbers(goods)
  const isNamed = goods.code !== '' || same === undefined
  const isVaried = goods.spec !== '' || same === undefined
  const outerSkuId = isNamed ? goods.code : (same.outerSkuId ?? '')
  const { quantity } = goods
  const priceFen = priceOf({ goods, old })
  const { status, sent, waybillNos } = old ?? {}
  return {
    oid,
    itemId: isNamed ? itemId : same.itemId,
    ...given('skuId', isVaried ? skuId : same.skuId),
    ...given('outerSkuId', outerSkuId),
    title: goods.title || same?.title || goods.code,
    ...given('spec', isVaried ? goods.spec : same.spec),
    ...{ quantity, priceFen, paymentFen },
    ...(priceFen * quantity > paymentFen ? { discountFen: priceFen * quantity - paymentFen } : {}),
    ...given('status', status),
    ...(sent === undefined ? {} : { sent }),
    ...(waybillNos === undefined ? {} : { waybillNos }),
  }
}

export const hashOf = (text: string): string =>
  createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 16)

type Priced = Pick<Matched, 'goods' | 'old'>

/** A price that the row leaves out stays, unless its amount says another one. */
function priceOf({ goods: { priceFen, amountFen, quantity }, old }: Priced): number {
  if (priceFen !== undefined) return priceFen
  const stays = amountFen === undefined || (old?.paymentFen === amountFen && old.quantity === quantity)
  return (stays && old?.priceFen) || Math.round((amountFen ?? 0) / quantity)
}

/** True if the row says no amount and no other price. */
const isPricedAsKept = ({ goods: { amountFen, priceFen }, old }: Priced): boolean =>
  old !== undefined && amountFen === undefined && (priceFen ?? old.priceFen) === old.priceFen

/** What the buyer paid for the line as it is kept, for as many pieces as the row has. */
const keptFen = ({ goods: { quantity }, old }: Priced): number | null =>
  old ? Math.round((old.paymentFen / old.quantity) * quantity) : null

/** What the row says of the money of its line; null: nothing. */
const saidFen = ({ goods: { amountFen, priceFen, quantity } }: Priced): number | null =>
  amountFen ?? (priceFen === undefined ? null : priceFen * quantity)

/**
 * Without an amount of the trade it is the sum of its lines and the freight; else what the buyer pays is spread over the lines. Amounts that
 * the sheet leaves out stay as they were.
 */
function moneyOf(
  matched: readonly Matched[],
  { paymentFen, postFeeFen: freight }: WideFacts,
  keptFreight: number,
) {
  const postFeeFen = freight ?? keptFreight
  if (paymentFen === undefined) {
    const lines = matched.map(alone)
    return { paymentFen: lines.reduce((sum, fen) => sum + fen, postFeeFen), postFeeFen, lines }
  }
  if (postFeeFen > paymentFen)
    throw new Refused(
      matched[0]?.row ?? 0,
      '',
      because('freight_too_large', '运费比订单金额还大', 'The freight is more than the amount'),
    )
  const said = matched.map((one) => saidFen(one) ?? keptFen(one))
  const claims = matched.every(isPricedAsKept) ? [said, matched.map(keptFen)] : [said]
  return { paymentFen, postFeeFen, lines: lineMoney(paymentFen - postFeeFen, matched.length, claims).fen }
}

/** The amount of a line without an amount of its trade. */
function alone(one: Matched): number {
  const { row, old, goods } = one
  if (old && isPricedAsKept(one) && old.quantity === goods.quantity) return old.paymentFen
  const fen = saidFen(one)
  if (fen === null && old && old.paymentFen > 0)
    throw new Refused(
      row,
      '',
      because(
        'amount_missing',
        '数量变了，要写金额或单价',
        'The quantity changed, so an amount or a price is needed',
      ),
    )
  return fen ?? 0
}
