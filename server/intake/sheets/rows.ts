import type { RowRefusal } from '../../core/sheets/sheet-contract.ts'
import { BadCell, readEach, refusal, textCell } from '../../core/sheets/sheet-rows.ts'
import type { Province } from '../../lib/address/divisions.ts'
import { parseAddress } from '../../lib/address/parse-address.ts'
import { chunksOf } from '../../lib/chunks.ts'
import {
  moneyCell,
  numberCell,
  phoneCell,
  quantityCell,
  refundCell,
  type SheetRefund,
  type SheetStatus,
  statusCell,
  timeCell,
  wordCell,
} from './cells.ts'
import type { Columns, FieldRow } from './columns.ts'
import type { SheetFieldKey } from './heads-contract.ts'
import { wordsOfField } from './heads-contract.ts'

export type ReceiverFacts = Record<
  'name' | 'mobile' | 'phone' | 'province' | 'city' | 'district' | 'town' | 'address' | 'zip',
  string
>
export type GoodsFacts = {
  code: string
  title: string
  spec: string
  quantity: number
  priceFen: number | undefined
  amountFen: number | undefined
}
type TradeWide = {
  status: SheetStatus | undefined
  createdAt: Date | undefined
  paidAt: Date | undefined
  shipBy: Date | undefined
  paymentFen: number | undefined
  postFeeFen: number | undefined
  nick: string
  message: string
  memo: string
}
export type RowFacts = {
  row: number
  /** The channel's number of the line; empty: none. */
  sub: string
  /** Undefined: the row only says something of a trade that an earlier sheet brought. */
  goods: GoodsFacts | undefined
  receiver: ReceiverFacts | undefined
  /** The line of the kept trade that a row of a refund sheet is about. */
  oid?: string
  refund: SheetRefund | undefined
  refundFen: number | undefined
  trade: TradeWide
}
/** The rows of one trade, in the order of the sheet. */
export type TradeRows = { tid: string; rows: readonly RowFacts[] }

type Cells = FieldRow['cells']
/** A row with the number of its trade. */
export type NumberedRow = FieldRow & { tid: string }

/** Divides rows into batches of at least `atOnce` trades, but for the last. All rows of a trade are in one. */
export const tradeBatches = (numbered: readonly NumberedRow[], atOnce: number): NumberedRow[][] =>
  chunksOf([...Map.groupBy(numbered, ({ tid }) => tid).values()], atOnce).map((some) => some.flat())

/**
 * Reads each row, and gathers those of one trade. `numbered` has all rows of these trades. A trade with a row that cannot be read is
 * refused as a whole, because goods must not be missing.
 */
export function tradesOf(
  numbered: readonly NumberedRow[],
  columns: Columns,
  provinces: readonly Province[],
): { trades: TradeRows[]; refused: RowRefusal[] } {
  const title = titlesOf(columns)
  const broken = new Map<string, number>()
  const { good, refused: unreadable } = readEach(
    numbered.map(({ row, cells }) => ({ row, cells })),
    (cells) => factsOf(cells, title, provinces),
  )
  const tidOf = new Map(numbered.map(({ row, tid }) => [row, tid]))
  for (const { row } of unreadable) broken.set(tidOf.get(row) ?? '', row)
  const trades: TradeRows[] = []
  const whole: RowRefusal[] = []
  for (const [tid, some] of Map.groupBy(good, ({ row }) => tidOf.get(row) ?? '')) {
    const at = broken.get(tid)
    if (at === undefined) trades.push({ tid, rows: some.map(({ row, value }) => ({ ...value, row })) })
    else whole.push(...some.map(({ row }) => refusal(row, '', partly(at))))
  }
  return { trades, refused: [...unreadable, ...whole] }
}

const partly = (row: number) => ({
  code: 'trade_refused',
  message: { zh: `同一交易的第 ${row} 行有误，整笔没有导入`, en: `Row ${row} of the same trade is wrong` },
})

type Title = (field: SheetFieldKey) => string
const titlesOf =
  (columns: Columns): Title =>
  (field) =>
    columns[field] ?? wordsOfField(field)[0]

/** Returns the number of each row's trade. A row without a number belongs to the trade above it if it names no receiver (merged cells). */
export function numberRows(
  rows: readonly FieldRow[],
  columns: Columns,
): { numbered: NumberedRow[]; refused: RowRefusal[] } {
  const title = titlesOf(columns)
  const numbered: NumberedRow[] = []
  const refused: RowRefusal[] = []
  let above = ''
  for (const { row, cells } of rows) {
    try {
      const own = numberCell(title('tid'), cells.tid)
      const isBelow = !cells.name && !cells.mobile && !cells.address && above !== ''
      if (own === undefined && !isBelow) throw new BadCell(title('tid'), '没有填', 'Empty')
      above = own ?? above
      numbered.push({ row, cells, tid: above })
    } catch (error) {
      if (!(error instanceof BadCell)) throw error
      above = ''
      refused.push({ row, column: error.column, code: 'bad_cell', message: error.words })
    }
  }
  return { numbered, refused }
}

function factsOf(cells: Cells, title: Title, provinces: readonly Province[]): Omit<RowFacts, 'row'> {
  const money = (field: SheetFieldKey) => moneyCell(title(field), cells[field])
  const time = (field: SheetFieldKey) => timeCell(title(field), cells[field])
  const word = (field: SheetFieldKey, longest: number) => wordCell(title(field), cells[field], longest)
  return {
    sub: numberCell(title('sub'), cells.sub) ?? '',
    goods: goodsOf(cells, title),
    receiver: receiverOf(cells, title, provinces),
    refund: refundCell(title('refund'), cells.refund),
    refundFen: money('refundAmount'),
    trade: {
      status: statusCell(title('status'), cells.status),
      createdAt: time('createdAt'),
      paidAt: time('paidAt'),
      shipBy: time('shipBy'),
      paymentFen: money('payment'),
      postFeeFen: money('postFee'),
      nick: word('nick', 200),
      message: word('message', 2000),
      memo: word('memo', 2000),
    },
  }
}

function goodsOf(cells: Cells, title: Title): GoodsFacts | undefined {
  const { code, title: name, quantity } = cells
  if (code === undefined && name === undefined && quantity === undefined) return undefined
  if (code === undefined && name === undefined)
    throw new BadCell(
      title('code'),
      '商品编码和商品名称至少填一个',
      'Fill in the code or the name of the product',
    )
  const pieces = quantityCell(title('quantity'), quantity)
  if (pieces === undefined) throw new BadCell(title('quantity'), '没有填', 'Empty')
  return {
    code: codeCell(title('code'), code),
    title: wordCell(title('title'), name, 300),
    spec: wordCell(title('spec'), cells.spec, 300),
    quantity: pieces,
    priceFen: moneyCell(title('price'), cells.price),
    amountFen: moneyCell(title('amount'), cells.amount),
  }
}

function codeCell(column: string, text: string | undefined): string {
  if (text !== undefined && /^\d+(\.\d+)?e\+?\d+$/i.test(text)) numberCell(column, text)
  return wordCell(column, text, 64)
}

function receiverOf(cells: Cells, title: Title, provinces: readonly Province[]): ReceiverFacts | undefined {
  const word = (field: SheetFieldKey, longest: number) => wordCell(title(field), cells[field], longest).trim()
  const typed = {
    name: word('name', 60),
    mobile: phoneCell(title('mobile'), cells.mobile),
    phone: phoneCell(title('phone'), cells.phone),
    province: word('province', 30),
    city: word('city', 30),
    district: word('district', 30),
    town: word('town', 60),
    address: word('address', 500),
    zip: word('zip', 12),
  }
  if (typed.name === '' && typed.mobile === '' && typed.phone === '' && typed.address === '') return undefined
  const receiver = typed.province !== '' && typed.city !== '' ? typed : pasted(typed, provinces)
  const need = (field: 'name' | 'address', text: string) => {
    if (text === '') throw new BadCell(title(field), '没有填', 'Empty')
  }
  need('name', receiver.name)
  if (receiver.mobile === '' && receiver.phone === '') throw new BadCell(title('mobile'), '没有填', 'Empty')
  need('address', receiver.address)
  if (receiver.province === '' || receiver.city === '')
    throw new BadCell(
      title('address'),
      '认不出省和市：写全省、市、区，或者省、市各用一列',
      'No province and city in it: write them out, or in columns of their own',
    )
  textCell(title('address'), receiver.address, 200)
  return receiver
}

/** Reads province, city and district out of the address, and name and number too where the address has them. */
function pasted(typed: ReceiverFacts, provinces: readonly Province[]): ReceiverFacts {
  // The label keeps the last word of the address from being taken for the name.
  const name = typed.name === '' ? '' : `收货人:${typed.name}`
  const place = `${typed.province}${typed.city}${typed.district}`
  const whole = `${typed.address.startsWith(place) ? '' : place}${typed.address}`
  const read = parseAddress([name, typed.mobile, whole].filter(Boolean).join('\n'), provinces)
  return {
    name: typed.name || read.name,
    mobile: typed.mobile || read.mobile,
    phone: typed.phone || (typed.mobile === '' || read.mobile !== '' ? read.phone : ''),
    province: read.province || typed.province,
    city: read.city || typed.city,
    district: read.district || typed.district,
    town: typed.town || read.town,
    address: read.address,
    zip: typed.zip,
  }
}
