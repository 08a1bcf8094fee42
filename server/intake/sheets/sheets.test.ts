import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkRefund, checkTrade } from '../../connectors/conformance/checks.ts'
import { parseRefund } from '../../connectors/posted/refunds.ts'
import { parseTrade } from '../../connectors/posted/trades.ts'
import type { SheetRow } from '../../core/sheets/sheet-pick.ts'
import { loadDivisions } from '../../lib/address/divisions.ts'
import { columnsOf, fieldRows, findHead, headKey } from './columns.ts'
import { differs, Refused, type TradeDocument, tradeOf } from './documents.ts'
import { bareTitle, sheetFields } from './heads-contract.ts'
import { onlyRefunds, type RefundDocument, refundKey, refundsOf } from './refunds.ts'
import { numberRows, tradeBatches, tradesOf } from './rows.ts'

const provinces = await loadDivisions()
const at = new Date('2026-11-24T04:00:00Z')
const later = new Date('2026-11-24T05:00:00Z')

const rowsOf = (...lines: string[]): SheetRow<string>[] =>
  lines.map((line, index) => ({
    row: index + 1,
    cells: Object.fromEntries([...line.split(',').entries()].filter(([, text]) => text !== '')),
  }))

/** Reads a sheet; a comma ends a cell. */
function read(...lines: string[]) {
  const rows = rowsOf(...lines)
  const head = findHead(rows, []) ?? assert.fail()
  const columns = columnsOf(head, undefined, undefined)
  const { numbered, refused } = numberRows(fieldRows(rows, head, columns), columns)
  const found = tradesOf(numbered, columns, provinces)
  return { trades: found.trades, refused: [...refused, ...found.refused] }
}

const head = '订单号,收货人,手机,收货地址,商品编码,商品名称,规格,数量,单价,实付金额,付款时间,退款状态'
const one =
  'A1,林小满,13800001234,浙江省杭州市西湖区文三路1号,BED-1,四件套,雾蓝,2,100,190,2026-11-24 10:00:00,'

/** The trade of the rows over the one that is kept. */
const trade = (
  lines: readonly string[],
  kept?: TradeDocument,
  when = at,
  refunds: readonly RefundDocument[] = [],
) => over(kept, [head, ...lines], when, refunds)

/** The trade of a sheet with its own head over the one that is kept. */
function over(
  kept: TradeDocument | undefined,
  lines: readonly string[],
  when = later,
  refunds: readonly RefundDocument[] = [],
) {
  const { trades, refused } = read(...lines)
  assert.deepEqual(refused, [])
  const [rows] = trades
  assert.ok(rows)
  const said = onlyRefunds(rows, kept)
  return refundsOf(
    said,
    tradeOf(said, kept, when),
    new Map(refunds.map((row) => [refundKey(row), row])),
    when,
  )
}
const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'taken'
  } catch (error) {
    assert.ok(error instanceof Refused)
    return `${error.refusal.row} ${error.refusal.code}`
  }
}

test('no title is two fields', () => {
  const all = sheetFields.flatMap(({ heads }) => [...new Set(heads.map(bareTitle))])
  assert.deepEqual(
    all.filter((title, index) => all.indexOf(title) !== index),
    [],
  )
})

test('rows of one number are one trade in one batch, however the number is written and however far apart they are', () => {
  const rows = rowsOf(
    '订单号,收货人',
    ...Array.from({ length: 60 }, (_, n) => `A${n},林`),
    "'A3,林",
    '="A3",林',
  )
  const columns = { tid: '订单号', name: '收货人' }
  const { numbered } = numberRows(fieldRows(rows, findHead(rows, []) ?? assert.fail(), columns), columns)
  const batches = tradeBatches(numbered, 50)
  assert.deepEqual(
    batches.map((some) => some.length),
    [52, 10],
  )
  assert.deepEqual(
    batches[0]?.filter(({ tid }) => tid === 'A3').map(({ row }) => row),
    [5, 62, 63],
  )
})

test('the head is found below lines about the file, with stars, spaces and units in its titles', () => {
  const rows = rowsOf('快团团订单导出', '', '订单号 *,收货人,金额（元）', 'A1,林,1')
  const found = findHead(rows, []) ?? assert.fail()
  assert.equal(found.row, 3)
  assert.deepEqual(columnsOf(found, undefined, undefined), {
    tid: '订单号 *',
    name: '收货人',
    amount: '金额（元）',
  })
  const other = findHead(rowsOf('订单号,收货人*,金额'), []) ?? assert.fail()
  assert.equal(headKey(found), headKey(other))
  assert.equal(findHead(rowsOf('A1,林小满,13800001234'), []), undefined)
})

test('what was mapped for the same head counts alone; for another head it comes before the usual titles', () => {
  const found = findHead(rowsOf('订单号,客户,电话'), []) ?? assert.fail()
  assert.deepEqual(columnsOf(found, { tid: '电话' }, undefined), { tid: '电话' })
  assert.deepEqual(columnsOf(found, undefined, { name: '客户', title: '没有的列' }), {
    tid: '订单号',
    name: '客户',
    mobile: '电话',
  })
})

test('an address in one cell is parsed, and the money of the trade is spread over its lines to the 分', () => {
  const { trade: found } = trade([one, 'A1,,,,PIL-1,枕头,,1,100,190,,'])
  const { receiver, lines, paymentFen, paidAt, status } = found
  assert.deepEqual(receiver, {
    name: '林小满',
    mobile: '13800001234',
    province: '浙江省',
    city: '杭州市',
    district: '西湖区',
    address: '文三路1号',
  })
  assert.deepEqual([paymentFen, status, paidAt], [19_000, 'paid', '2026-11-24T02:00:00.000Z'])
  assert.deepEqual(
    lines.map(({ oid, itemId, outerSkuId, quantity, priceFen, paymentFen: fen, discountFen }) => [
      ...[oid, itemId, outerSkuId, quantity, priceFen, fen, discountFen],
    ]),
    [
      ['A1-1', 'BED-1', 'BED-1', 2, 10_000, 12_667, 7333],
      ['A1-2', 'PIL-1', 'PIL-1', 1, 10_000, 6333, 3667],
    ],
  )
  const parsed = parseTrade(JSON.stringify(found))
  checkTrade(parsed)
  assert.ok('trade' in parsed && parsed.trade.doubts === undefined)
})

test('a wrong cell refuses its whole trade with the row and the reason, and no other trade', () => {
  const { trades, refused } = read(
    head,
    one,
    '1.23457E+17,林,13800001234,浙江省杭州市西湖区一号,B,,,1,,,,',
    'A2,林,13800001234,浙江省杭州市西湖区一号,B,,,1,,,,',
    'A2,,,,C,,,两件,,,,',
    'A3,林,13800001234,不知道在哪的一条路,B,,,1,,,,',
    'A4,林,,浙江省杭州市西湖区一号,B,,,1,,,明天,',
    'A 5,林,13800001234,浙江省杭州市西湖区一号,B,,,1,,,,',
    'A6,林,13800001234,浙江省杭州市西湖区一号,,,,1,,,,',
    'A7,林,13800001234,浙江省杭州市西湖区一号,B,,,,,,,',
    'A8,林,13800001234,浙江省杭州市西湖区一号,B,,,1,,,,也许',
    ',林,13800001234,浙江省杭州市西湖区一号,B,,,1,,,,',
  )
  assert.deepEqual(
    trades.map(({ tid }) => tid),
    ['A1'],
  )
  assert.deepEqual(
    refused.toSorted((a, b) => a.row - b.row).map(({ row, column, code }) => [row, column, code]),
    [
      [3, '订单号', 'bad_cell'],
      [4, '', 'trade_refused'],
      [5, '数量', 'bad_cell'],
      [6, '收货地址', 'bad_cell'],
      [7, '手机', 'bad_cell'],
      [8, '订单号', 'bad_cell'],
      [9, '商品编码', 'bad_cell'],
      [10, '数量', 'bad_cell'],
      [11, '退款状态', 'bad_cell'],
      [12, '订单号', 'bad_cell'],
    ],
  )
  assert.match(refused.find(({ row }) => row === 3)?.message.zh ?? '', /后面几位已经丢了/)
})

test('merged cells: a row without a number belongs to the trade above; a sum is no row', () => {
  const { trades, refused } = read(head, one, ',,,,PIL-1,枕头,,1,,,,', '合计,,,,,,,3,,190,,')
  assert.deepEqual(refused, [])
  assert.deepEqual(
    trades.map(({ tid, rows }) => [tid, rows.length]),
    [['A1', 2]],
  )
})

test('the same sheet is the same; rows in another order, or a corrected code, keep the numbers of the lines', () => {
  const two = 'A1,,,,PIL-1,枕头,,1,100,,,'
  const { trade: first } = trade([one, two])
  assert.equal(differs(trade([one, two], first, later).trade, first), false)
  const { trade: swapped } = trade(
    [two.replace('A1,,,', one.split(',').slice(0, 4).join(',')), one],
    first,
    later,
  )
  assert.deepEqual(
    swapped.lines.map(({ oid, itemId }) => [oid, itemId]),
    [
      ['A1-2', 'PIL-1'],
      ['A1-1', 'BED-1'],
    ],
  )
  const { trade: corrected } = trade([one.replace('BED-1', 'BED-2'), two], first, later)
  assert.equal(differs(corrected, first), true)
  assert.deepEqual(
    corrected.lines.map(({ oid, itemId }) => [oid, itemId]),
    [
      ['A1-1', 'BED-2'],
      ['A1-2', 'PIL-1'],
    ],
  )
  assert.equal(
    codeOf(() => trade([one], first, later)),
    '2 lines_missing',
  )
})

test('what left stays: the address of a shipped trade is refused, and its status survives the sheet', () => {
  const { trade: first } = trade([one])
  const parcel = { sent: 2, waybillNos: ['SF0001'], status: 'shipped' }
  const sent: TradeDocument = {
    ...{ ...first, status: 'shipped', shippedAt: later.toISOString() },
    lines: first.lines.map((line) => ({ ...line, ...parcel })),
  }
  assert.equal(differs(trade([one], sent, later).trade, sent), false)
  assert.equal(
    codeOf(() => trade([one.replace('文三路', '文二路')], sent, later)),
    '2 shipped_already',
  )
})

test('a row that says 退款中 opens a refund, 已退款 closes its line, and nothing takes that back', () => {
  const two = 'A1,,,,PIL-1,枕头,,1,100,,,'
  const { trade: first } = trade([one, two])
  const open = trade([`${one}退款中`, two], first, later)
  assert.deepEqual(
    open.refunds.map(({ refundId, oid, status, kind, amountFen }) => [
      refundId,
      oid,
      status,
      kind,
      amountFen,
    ]),
    [['R-A1-c7d7ef745168', 'A1-1', 'applied', 'refund_only', 12_667]],
  )
  assert.equal(differs(open.trade, first), false)
  const parsed = parseRefund(JSON.stringify(open.refunds[0]))
  checkRefund(parsed)
  const done = trade([`${one}已退款`, two], first, later, open.refunds)
  assert.deepEqual(
    [done.trade.status, done.trade.lines.map(({ status }) => status)],
    ['paid', ['closed_refunded', 'paid']],
  )
  assert.equal(done.refunds[0]?.status, 'succeeded')
  assert.equal(
    codeOf(() => trade([`${one}退款中`, two], done.trade, later, done.refunds)),
    '2 refunded_already',
  )
  const gone = trade([`${one}无`, two], first, later, open.refunds)
  assert.equal(gone.refunds[0]?.status, 'closed')
})

test('a sheet of refunds alone names trades, or their goods; all goods refunded close the trade', () => {
  const two = 'A1,,,,PIL-1,枕头,,1,100,,,'
  const { trade: first } = trade([one, two])
  const line = trade(['A1,,,,PIL-1,,,1,,,,已退款'], first, later)
  assert.deepEqual(
    line.refunds.map(({ oid, status }) => [oid, status]),
    [['A1-2', 'succeeded']],
  )
  const whole = trade(['A1,,,,,,,,,,,已退款'], first, later)
  assert.deepEqual([whole.trade.status, whole.refunds.length], ['closed_refunded', 2])
  assert.equal(
    codeOf(() => trade(['A9,,,,,,,,,,,已退款'])),
    '2 unknown_trade',
  )
  assert.equal(
    codeOf(() => trade(['A1,,,,OTHER,,,1,,,,已退款'], first, later)),
    '2 no_such_line',
  )
})

test('退款中 stops the goods whatever its amount; 已退款 with less than the amount of the line is money alone', () => {
  const withAmount = (refund: string, yuan: string) => {
    const { trades } = read(`${head},退款金额`, `${one}${refund},${yuan}`)
    return trades[0] ?? assert.fail()
  }
  const { trade: first } = trade([one])
  const open = refundsOf(withAmount('退款中', '50'), first, new Map(), at)
  assert.deepEqual(
    open.refunds.map(({ kind, status, amountFen }) => [kind, status, amountFen]),
    [['refund_only', 'applied', 5000]],
  )
  const kept = new Map(open.refunds.map((row) => [refundKey(row), row]))
  const done = refundsOf(withAmount('已退款', '50'), first, kept, later)
  assert.deepEqual(
    done.refunds.map(({ refundId, kind, status, amountFen }) => [refundId, kind, status, amountFen]),
    [[open.refunds[0]?.refundId, 'money_only', 'succeeded', 5000]],
  )
  assert.equal(differs(done.trade, first), false)
})

test('lines numbered 1 of two trades have refunds of two numbers; one that was numbered before keeps its number', () => {
  const numbered = head.replace('商品编码', '明细编号,商品编码')
  const row = (tid: string, refund: string) =>
    one.replace('A1', tid).replace('BED-1', '1,BED-1').concat(refund)
  const { trades } = read(numbered, row('A1', '退款中'), row('A2', '退款中'))
  const made = trades.map((rows) => refundsOf(rows, tradeOf(rows, undefined, at), new Map(), at))
  const [first, second] = made.flatMap(({ refunds }) => refunds)
  assert.ok(first && second)
  assert.deepEqual([first.tid, first.oid, second.tid, second.oid], ['A1', 'A1__1', 'A2', 'A2__1'])
  assert.notEqual(first.refundId, second.refundId)
  const kept = new Map([[refundKey(first), { ...first, refundId: 'R-1' }]])
  const again = trades.map((rows) => refundsOf(rows, tradeOf(rows, undefined, at), kept, later))
  assert.deepEqual(
    again.flatMap(({ refunds }) => refunds.map(({ refundId }) => refundId)),
    ['R-1', second.refundId],
  )
  const old = tradeOf(trades[0] ?? assert.fail(), undefined, at)
  const before = { ...old, lines: old.lines.map((line) => ({ ...line, oid: '1' })) }
  assert.equal(differs(tradeOf(trades[0] ?? assert.fail(), before, later), before), false)
  const long = trades.map((rows) => ({ ...rows, tid: 'T'.repeat(48) }))[0] ?? assert.fail()
  const [longest] = refundsOf(long, tradeOf(long, undefined, at), new Map(), at).refunds
  checkRefund(parseRefund(JSON.stringify(longest)))
})

const facts = ({ refunds }: ReturnType<typeof over>) =>
  refunds.map(({ oid, kind, status, amountFen }) => [oid, kind, status, amountFen])

test('a sheet of refunds without receivers changes no goods, though it has all lines of the trade', () => {
  const { trade: first } = trade([one])
  const heads = '订单号,商品编码,数量,退款状态'
  const open = over(first, [heads, 'A1,BED-1,1,退款中'])
  assert.deepEqual(facts(open), [['A1-1', 'refund_only', 'applied', 19_000]])
  assert.equal(open.refunds[0]?.title, '四件套')
  assert.equal(differs(open.trade, first), false)
  const part = over(first, [`${heads},退款金额`, 'A1,BED-1,1,退款中,50'])
  assert.deepEqual(facts(part), [['A1-1', 'refund_only', 'applied', 5000]])
  assert.equal(differs(part.trade, first), false)
  const named = over(first, ['订单号,商品名称,数量,退款状态', 'A1,四件套,1,退款中'])
  assert.deepEqual(facts(named), [['A1-1', 'refund_only', 'applied', 19_000]])
  assert.equal(differs(named.trade, first), false)
  const sent: TradeDocument = {
    ...{ ...first, status: 'shipped', shippedAt: at.toISOString() },
    lines: first.lines.map((line) => ({ ...line, sent: 2, status: 'shipped' })),
  }
  const back = over(sent, [heads, 'A1,BED-1,1,退款中'])
  assert.deepEqual(facts(back), [['A1-1', 'refund_only', 'applied', 19_000]])
  assert.equal(differs(back.trade, sent), false)
  const { trade: two } = trade([one, 'A1,,,,PIL-1,枕头,,1,100,,,'])
  const both = over(two, [heads, 'A1,PIL-1,1,退款中', 'A1,BED-1,1,已退款'])
  assert.deepEqual(facts(both), [
    ['A1-1', 'refund_only', 'succeeded', 12_667],
    ['A1-2', 'refund_only', 'applied', 6333],
  ])
  assert.deepEqual(
    both.trade.lines.map(({ oid, quantity, paymentFen, status }) => [oid, quantity, paymentFen, status]),
    [
      ['A1-1', 2, 12_667, 'closed_refunded'],
      ['A1-2', 1, 6333, 'paid'],
    ],
  )
})

test('a row with a receiver corrects the goods, though it says 退款中', () => {
  const { trade: first } = trade([one])
  const { trade: corrected } = trade([`${one.replace('BED-1', 'BED-2').replace(',2,', ',1,')}退款中`], first)
  assert.deepEqual(
    corrected.lines.map(({ oid, itemId, quantity }) => [oid, itemId, quantity]),
    [['A1-1', 'BED-2', 1]],
  )
})

test('a sheet of refunds that may be about several lines, or about one line twice, is refused', () => {
  const { trade: first } = trade([one, `A1,,,,BED-1,四件套,米白,2,100,,,`])
  const heads = '订单号,商品编码,规格,数量,退款状态'
  const codes = (...rows: string[]) => codeOf(() => over(first, [heads, ...rows]))
  assert.equal(codes('A1,BED-1,,1,退款中'), '2 goods_unclear')
  assert.equal(codes('A1,BED-1,,1,退款中', 'A1,BED-1,米白,1,退款中'), '2 goods_unclear')
  assert.equal(codes('A1,BED-1,米白,1,退款中', 'A1,BED-1,米白,1,已退款'), '3 goods_unclear')
  assert.deepEqual(facts(over(first, [heads, 'A1,BED-1,米白,1,退款中'])), [
    ['A1-2', 'refund_only', 'applied', 9500],
  ])
})

test('a row without goods is about the line of its number, and never about the whole trade', () => {
  const heads = '订单号,明细编号,退款状态'
  const numbered = head.replace('商品编码', '明细编号,商品编码')
  const { trade: first } = over(undefined, [
    ...[numbered, one.replace('BED-1', '1,BED-1'), 'A1,,,,2,PIL-1,枕头,,1,100,,,'],
  ])
  const done = over(first, [heads, 'A1,2,已退款'])
  assert.deepEqual(facts(done), [['A1__2', 'refund_only', 'succeeded', 6333]])
  assert.deepEqual(
    [done.trade.status, done.trade.lines.map(({ status }) => status)],
    ['paid', ['paid', 'closed_refunded']],
  )
  assert.equal(
    codeOf(() => over(first, [heads, 'A1,3,已退款'])),
    '2 no_such_line',
  )
})

test('the 退款金额 of a whole trade is spread over its lines: less than all is money alone, and the freight may be in it', () => {
  const paid = `${head},运费`
  const { trade: first } = over(undefined, [
    paid,
    `${one.replace('190', '200')},10`,
    'A1,,,,PIL-1,枕头,,1,100,,,,',
  ])
  const whole = (yuan: string, refunds: readonly RefundDocument[] = [], kept = first) =>
    over(kept, ['订单号,退款状态,退款金额', `A1,已退款,${yuan}`], later, refunds)
  const part = whole('30')
  assert.deepEqual(facts(part), [
    ['A1-1', 'money_only', 'succeeded', 2000],
    ['A1-2', 'money_only', 'succeeded', 1000],
  ])
  assert.equal(differs(part.trade, first), false)
  const all = whole('200', part.refunds)
  assert.deepEqual(facts(all), [
    ['A1-1', 'refund_only', 'succeeded', 13_667],
    ['A1-2', 'refund_only', 'succeeded', 6333],
  ])
  assert.equal(all.trade.status, 'closed_refunded')
  assert.deepEqual(facts(whole('200', all.refunds, all.trade)), [])
  assert.equal(
    codeOf(() => whole('200.01')),
    '2 refund_too_large',
  )
})

test('the freight goes back once, with the last goods, whichever rows and sheets the goods went back by', () => {
  const { trade: first } = over(undefined, [
    `${head},运费`,
    `${one.replace('190', '200')},10`,
    'A1,,,,PIL-1,枕头,,1,100,,,,',
  ])
  const heads = '订单号,商品编码,数量,退款状态,退款金额'
  const both = over(first, [heads, 'A1,BED-1,2,已退款,126.67', 'A1,PIL-1,1,已退款,73.33'])
  assert.deepEqual(facts(both), [
    ['A1-1', 'refund_only', 'succeeded', 12_667],
    ['A1-2', 'refund_only', 'succeeded', 7333],
  ])
  assert.equal(
    codeOf(() => over(first, [heads, 'A1,BED-1,2,已退款,136.67', 'A1,PIL-1,1,已退款,73.33'])),
    '3 refund_too_large',
  )
  const pillow = over(first, [heads, 'A1,PIL-1,1,已退款,63.33'])
  const rest = (yuan: string) =>
    facts(over(pillow.trade, ['订单号,退款状态,退款金额', `A1,已退款,${yuan}`], later, pillow.refunds))
  // The amount of the whole trade with the pillow and the freight, with the pillow alone, and without it but with the freight.
  assert.deepEqual(
    ['200', '190', '136.67'].map((yuan) => rest(yuan)),
    [13_667, 12_667, 13_667].map((fen) => [['A1-1', 'refund_only', 'succeeded', fen]]),
  )
})

test('a row of a whole trade of which a line went back is about the other lines', () => {
  const { trade: first } = trade([one, 'A1,,,,PIL-1,枕头,,1,100,,,'])
  const pillow = trade(['A1,,,,PIL-1,,,1,,,,已退款'], first)
  const open = trade(['A1,,,,,,,,,,,退款中'], pillow.trade, later, pillow.refunds)
  assert.deepEqual(
    facts(open).map((fact) => fact.slice(0, 3)),
    [['A1-1', 'refund_only', 'applied']],
  )
  const kept = [...pillow.refunds, ...open.refunds]
  const none = trade(['A1,,,,,,,,,,,无'], open.trade, later, kept)
  assert.deepEqual(
    facts(none).map((fact) => fact.slice(0, 3)),
    [['A1-1', 'refund_only', 'closed']],
  )
  const whole = trade(['A1,,,,,,,,,,,已退款'], open.trade, later, kept)
  assert.equal(
    codeOf(() => trade(['A1,,,,,,,,,,,无'], whole.trade, later, [...pillow.refunds, ...whole.refunds])),
    '2 refunded_already',
  )
})

test('money alone that went back stays so in a sheet without a 退款金额', () => {
  const { trade: first } = trade([one])
  const part = over(first, ['订单号,退款状态,退款金额', 'A1,已退款,50'])
  const daily = trade([`${one}已退款`], first, later, part.refunds)
  assert.deepEqual(facts(daily), [['A1-1', 'money_only', 'succeeded', 5000]])
  assert.equal(differs(daily.trade, first), false)
})

test('a trade whose last waiting goods are refunded has left', () => {
  const { trade: first } = trade([one, 'A1,,,,PIL-1,枕头,,1,100,,,'])
  const partly: TradeDocument = {
    ...{ ...first, status: 'partly_shipped', shippedAt: at.toISOString() },
    lines: first.lines.map((line, index) =>
      index === 0 ? { ...line, sent: 2, status: 'shipped' } : { ...line, status: 'paid' },
    ),
  }
  const { trade: rest } = over(partly, ['订单号,商品编码,数量,退款状态', 'A1,PIL-1,1,已退款'])
  assert.deepEqual(
    [rest.status, rest.lines.map(({ status }) => status)],
    ['shipped', ['shipped', 'closed_refunded']],
  )
})

test('what a later sheet has no columns for stays: amounts, freight, names and varieties', () => {
  const paid = `${head},运费,下单时间`
  const { trade: first } = over(undefined, [
    ...[paid, `${one},10,2026-11-24 09:00:00`, 'A1,,,,PIL-1,枕头,,1,100,,,,,'],
  ])
  assert.deepEqual(
    [first.paymentFen, first.postFeeFen, first.createdAt],
    [19_000, 1000, '2026-11-24T01:00:00.000Z'],
  )
  const short = '订单号,收货人,手机,收货地址,商品编码,数量,付款时间'
  const row = 'A1,林小满,13800001234,浙江省杭州市西湖区文三路1号'
  const rows = [`${row},BED-1,2,2026-11-24 10:00:00`, 'A1,,,,PIL-1,1,']
  assert.equal(differs(over(first, [short, ...rows]).trade, first), false)
  const sent: TradeDocument = {
    ...{ ...first, status: 'shipped', shippedAt: at.toISOString() },
    lines: first.lines.map((line) => ({ ...line, sent: line.quantity, status: 'shipped' })),
  }
  assert.equal(differs(over(sent, [short, ...rows]).trade, sent), false)
  const named = short.replace('商品编码', '商品名称')
  assert.equal(
    differs(over(first, [named, rows[0]?.replace('BED-1', '四件套') ?? '', 'A1,,,,枕头,1,']).trade, first),
    false,
  )
  const priced = `${short},单价`
  assert.equal(differs(over(first, [priced, `${rows[0]},100`, `${rows[1]},100`]).trade, first), false)
  const whole = over(first, [`${short},订单金额`, `${rows[0]},100`, `${rows[1]},`]).trade
  assert.deepEqual(
    [
      whole.paymentFen,
      whole.postFeeFen,
      whole.lines.map(({ priceFen, paymentFen }) => [priceFen, paymentFen]),
    ],
    [
      ...[10_000, 1000],
      [
        [10_000, 6000],
        [10_000, 3000],
      ],
    ],
  )
  const corrected = over(first, [short, rows[0]?.replace('BED-1', 'BED-2') ?? '', rows[1] ?? '']).trade
  assert.deepEqual(
    corrected.lines.map(({ itemId, title, spec, paymentFen }) => [itemId, title, spec, paymentFen]),
    [
      ['BED-2', 'BED-2', undefined, 12_000],
      ['PIL-1', '枕头', undefined, 6000],
    ],
  )
})

test('another quantity needs an amount where the line had one', () => {
  const { trade: first } = trade([one])
  const short = '订单号,收货人,手机,收货地址,商品编码,数量'
  const row = 'A1,林小满,13800001234,浙江省杭州市西湖区文三路1号,BED-1,3'
  assert.equal(
    codeOf(() => over(first, [short, row])),
    '2 amount_missing',
  )
  const { trade: priced } = over(first, [`${short},单价`, `${row},100`])
  assert.deepEqual([priced.paymentFen, priced.lines[0]?.quantity], [30_000, 3])
  const { trade: free } = over(undefined, [short, row])
  assert.deepEqual([free.paymentFen, over(free, [short, row.replace(/3$/, '4')]).trade.paymentFen], [0, 0])
})
