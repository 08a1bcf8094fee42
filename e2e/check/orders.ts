import { connectors } from '../../server/connectors/index.ts'
import type { RefundBook, ShopBooks, TradeBook } from './books.ts'
import { doubled, type Notebook, sum } from './differences.ts'
import type { OurOrder, OurShop } from './ours.ts'
import {
  isCod,
  isFinalUnpaid,
  isHeld,
  isJdApplication,
  isOpen,
  lineMoney,
  lineNo,
  movesMoney,
  refundWord,
  tradeStatus,
} from './platform.ts'

/** Checks that each converted trade has exactly one sales order with the trade's money, and was allowed to be converted. */
export function checkOrders(note: Notebook, books: ShopBooks, ours: OurShop): void {
  note.same('a trade has one order', '', [], doubled(ours.orders.map((order) => order.tid)))
  note.same('an order number is given once', '', [], doubled(ours.orders.map((order) => order.no)))
  const orders = new Map(ours.orders.map((order) => [order.tid, order]))
  const trades = new Map(ours.trades.map((trade) => [trade.tid, trade]))
  for (const trade of ours.trades) {
    const order = orders.get(trade.tid)
    note.same('converted means an order', trade.tid, trade.state === 'converted', order !== undefined)
    if (trade.state === 'converted')
      note.same('its order', trade.tid, [trade.order_id, trade.order_no], [order?.id, order?.no])
  }
  for (const order of ours.orders) {
    note.holds('an order has its trade', order.tid, trades.has(order.tid), order.no)
    note.same('an order is born once', order.no, 1, order.births)
    checkMoney(note, order)
    checkHolds(note, books, ours, order)
    const book = books.trades.get(order.tid)
    if (book && !book.hostile) {
      checkBirth(note, ours, book, order)
      checkLines(note, books.platform, book, order)
      checkChanges(note, books.platform, book, order)
    }
  }
}

function checkMoney(note: Notebook, order: OurOrder): void {
  const lines = order.lines
  note.same(
    'order money',
    order.no,
    sum(lines.map((line) => line.payment)) + Number(order.post_fee),
    Number(order.payment),
  )
  note.same(
    'order goods',
    order.no,
    sum(lines.map((line) => line.price * line.quantity)),
    Number(order.goods),
  )
  note.same('order quantity', order.no, sum(lines.map((line) => line.quantity)), order.quantity)
  note.same(
    'order refunded quantity',
    order.no,
    sum(lines.map((line) => line.refunded_quantity)),
    order.refunded_quantity,
  )
  note.same(
    'order refunded',
    order.no,
    sum(order.refunds.map((refund) => refund.counted)),
    Number(order.refunded),
  )
  note.holds(
    'no line gives back more than was paid for it',
    order.no,
    lines.every((line) => line.refunded <= line.payment),
    lines,
  )
  const counted = order.refunds.filter((refund) => refund.fact !== null)
  const allMoney = Number(order.payment) > 0 && Number(order.refunded) >= Number(order.payment)
  const allGoods = order.refunded_quantity >= order.quantity
  const taken = counted.filter((refund) => refund.takes_goods)
  const takenFen = sum(taken.map((refund) => refund.counted))
  // Money that goes back after the shipping voids nothing.
  const hasLeft = ['shipped', 'completed'].includes(order.status)
  const isWhole = hasLeft ? allMoney && takenFen >= Number(order.payment) : allMoney || allGoods
  if (order.origin === 'trade' && taken.length > 0 && isWhole)
    note.same('what was refunded whole is voided', order.no, 'voided', order.status)
  if (order.void_reason === 'refunded_whole')
    note.holds('voided as refunded whole means it was', order.no, allMoney || allGoods, order)
}

/** Checks facts that must never have been converted. They never change back on the platform. */
function checkBirth(note: Notebook, ours: OurShop, book: TradeBook, order: OurOrder): void {
  if (order.origin === 'record') return
  note.holds('an order is paid or cash on delivery', order.no, book.paid > 0 || isCod(book), book)
  note.holds('no order before the final payment', order.no, !isFinalUnpaid(book), book)
  note.holds('no order while the platform holds it', order.no, !isHeld(book), book)
  const ended = book.ended > 0 && book.ended < ours.created
  note.holds('no order of what had ended before we came', order.no, !ended, book)
}

function checkLines(note: Notebook, platform: string, book: TradeBook, order: OurOrder): void {
  const byNo = new Map(book.lines.map((line) => [lineNo(platform, book, line), line]))
  for (const line of order.lines) {
    const wanted = byNo.get(line.oid)
    note.same(
      'order line',
      `${order.no} ${line.oid}`,
      wanted && [wanted.num, wanted.price, lineMoney(platform, book, wanted), wanted.numIid],
      [line.quantity, line.price, line.payment, line.item_id],
    )
  }
  for (const [oid, line] of byNo) {
    if (order.lines.some((one) => one.oid === oid)) continue
    const gone = line.refundStatus === 'SUCCESS' || line.waybill !== '' || /CLOSED/.test(line.status)
    note.holds('a line stays behind for a reason', `${order.no} ${oid}`, gone, line)
  }
  note.holds(
    'freight goes with the order, unless a part was shipped before',
    order.no,
    Number(order.post_fee) === book.postFee || (Number(order.post_fee) === 0 && book.consigned > 0),
    order.post_fee,
  )
}

/** The lists of these do not show that memo or flag changed, so that these come with the next change of the trade. */
const quietMemos = ['doudian', 'kuaishou', 'jd', 'xiaohongshu', 'woocommerce']

/** Checks that a change on the platform after conversion is shown as a difference, and not lost or applied silently. */
export function checkChanges(note: Notebook, platform: string, book: TradeBook, order: OurOrder): void {
  const isQuiet = quietMemos.includes(platform)
  const last = (kind: string) => order.differences_all.filter((one) => one.kind === kind).at(-1)
  if (order.seller_memo !== book.memo && !isQuiet)
    note.same('a changed memo is told', order.no, book.memo, last('memo')?.new_value)
  // A platform without flags shows none, and the flag of the order is kept here only.
  const hasFlags = !connectors.some(({ id, hasNoFlags }) => id === platform && hasNoFlags)
  if (order.flag !== book.flag && !isQuiet && hasFlags)
    note.same('a changed flag is told', order.no, String(book.flag), last('flag')?.new_value)
  const open = order.differences_all.filter((one) => one.settled === null).length
  note.same('open differences', order.no, open, order.differences)
  if (/CLOSED/.test(book.status) && order.origin === 'trade')
    note.holds(
      'a close is told, or answered',
      order.no,
      // After its goods have left, the refunds alone decide.
      last(closedAs(platform, book)) !== undefined ||
        ['voided', 'shipped', 'completed'].includes(order.status),
      order,
    )
}

/** Pinduoduo has no word for an order that was refunded after it was shipped: the order stays shipped, and the refund is all that it shows. */
const closedAs = (platform: string, book: TradeBook) =>
  tradeStatus(platform, book).startsWith('closed') ? 'closed' : 'shipped_elsewhere'

/**
 * Checks the holds of an order by the numbers of its refunds. Open refunds must hold it if they are from before shipping or were converted.
 * Only open refunds, and succeeded ones that are not converted, may hold it.
 */
function checkHolds(note: Notebook, books: ShopBooks, ours: OurShop, order: OurOrder): void {
  note.same('open holds', order.no, order.holds.length, order.open_holds)
  const held = order.holds.filter((hold) => hold.reason === 'refund_open').map((hold) => hold.source)
  if (!['unconfirmed', 'confirmed', 'released'].includes(order.status)) return
  const may = ours.refunds
    .filter((refund) => refund.tid === order.tid)
    .flatMap((refund) => {
      const book = books.refunds.get(refund.refund_no)
      return book && onOrder(books.platform, order, book) ? [{ refund, book }] : []
    })
  const must = may.filter(
    ({ refund, book }) => isOpen(book) && (refund.state === 'converted' || refund.phase === 'onsale'),
  )
  const numbers = (some: typeof may) => some.map(({ refund }) => refund.refund_no).toSorted()
  note.same(
    'refunds that hold',
    order.no,
    numbers(must),
    numbers(must.filter(({ refund }) => held.includes(refund.refund_no))),
  )
  const idle = held.filter((source) => {
    const one = may.find(({ refund }) => refund.refund_no === source)
    const pending =
      one && refundWord(books.platform, one.book) === 'succeeded' && one.refund.state !== 'converted'
    return !source.startsWith('line/') && !(one && (isOpen(one.book) || pending))
  })
  note.same('no other refund holds', order.no, [], idle)
}

const onOrder = (platform: string, order: OurOrder, refund: RefundBook) =>
  platform === 'pinduoduo' ||
  isJdApplication(platform, refund) ||
  order.lines.some((line) => line.oid === refund.oid)

/** Checks the effects of a succeeded refund of a converted trade. */
export function checkRefundMoney(note: Notebook, books: ShopBooks, ours: OurShop): void {
  const orders = new Map(ours.orders.map((order) => [order.id, order]))
  const facts = Map.groupBy(
    ours.facts.filter((fact) => fact.kind !== 'extra_refund'),
    (fact) => fact.source,
  )
  for (const refund of ours.refunds) {
    const book = books.refunds.get(refund.refund_no)
    const order = refund.order_id === null ? undefined : orders.get(refund.order_id)
    if (!book || !order || refund.state !== 'converted') continue
    if (!onOrder(books.platform, order, book)) continue
    const applied = order.refunds.find((one) => one.refund_no === refund.refund_no)
    const pays = refundWord(books.platform, book) === 'succeeded' && movesMoney(books.platform, book)
    if (refund.kind === 'other' || (refundWord(books.platform, book) === 'succeeded' && !pays)) continue
    note.same(
      'its latest version reached the order',
      refund.refund_no,
      refundWord(books.platform, book),
      applied?.status,
    )
    note.same('money that counts', refund.refund_no, pays ? book.fee : 0, applied?.counted)
    note.same(
      'settlement facts',
      refund.refund_no,
      pays ? [book.fee] : [],
      (facts.get(refund.refund_no) ?? []).map((fact) => Number(fact.amount)),
    )
  }
  for (const [source, rows] of facts) {
    const book = books.refunds.get(source)
    note.same(
      'a fact is of money that went back',
      source,
      ['SUCCESS', [book?.fee]],
      [book?.status, rows.map((row) => Number(row.amount))],
    )
  }
  checkExtras(note, ours)
}

function checkExtras(note: Notebook, ours: OurShop): void {
  const facts = ours.facts.filter((fact) => fact.kind === 'extra_refund')
  const approved = ours.extras.filter((extra) => extra.status === 'approved')
  note.same(
    'approved extra refunds are recorded once each',
    '',
    approved.map((extra) => `${extra.no} ${extra.amount}`).toSorted(),
    facts.map((fact) => `${fact.source} ${fact.amount}`).toSorted(),
  )
}
