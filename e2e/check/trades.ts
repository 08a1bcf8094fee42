import type { ShopBooks, TradeBook } from './books.ts'
import { doubled, type Notebook, sum } from './differences.ts'
import type { OurLine, OurShop, OurTrade } from './ours.ts'
import {
  isCod,
  isFinalUnpaid,
  isHeld,
  isOver,
  lineMoney,
  lineNo,
  lineRefund,
  lineStatus,
  stopsGoods,
  tradeStatus,
  whyNot,
} from './platform.ts'

/** Checks that every trade of the platform is stored in exactly one place with the platform's present values. */
export function checkTrades(note: Notebook, books: ShopBooks, ours: OurShop): void {
  const parked = new Set(ours.parked.filter((item) => item.kind === 'trade').map((item) => item.platform_id))
  const staged = new Map(ours.trades.map((trade) => [trade.tid, trade]))
  note.same(
    'nothing waits in the queue',
    '',
    [],
    ours.queue.filter((tid) => !books.trades.get(tid)?.hostile),
  )
  note.same(
    'no detail is missing',
    '',
    [],
    ours.fetches.filter(({ tid }) => !books.trades.get(tid)?.hostile),
  )
  note.same(
    'every removed trade came back',
    '',
    [],
    ours.marks.filter((tid) => !books.trades.get(tid)?.hostile),
  )
  note.same('a trade is staged once', '', [], doubled(ours.trades.map(({ tid }) => tid)))
  for (const { tid } of ours.trades)
    note.holds('a staged trade exists on the platform', tid, books.trades.has(tid), tid)
  for (const [tid, book] of books.trades) {
    const trade = staged.get(tid)
    if (book.hostile) {
      note.holds('a hostile trade is staged or parked', tid, trade !== undefined || parked.has(tid), null)
      continue
    }
    note.holds('a sound trade is not parked', tid, !parked.has(tid), 'parked')
    if (!trade) note.holds('a trade is with us', tid, false, null)
    else if (isClosedByPerson(trade))
      note.holds('a processed trade has no order', tid, trade.order_id === null, trade)
    else checkTrade(note, books, book, trade)
  }
}

/** A trade that a user marked processed is not updated. */
const isClosedByPerson = (trade: OurTrade) => trade.state === 'processed' && trade.note === ''

function checkTrade(note: Notebook, books: ShopBooks, book: TradeBook, trade: OurTrade): void {
  const { platform } = books
  const { tid } = book
  note.same('modified', tid, book.modified, trade.detail)
  note.same('status', tid, tradeStatus(platform, book), trade.status)
  note.same('payment', tid, book.payment, Number(trade.payment))
  note.same('freight', tid, book.postFee, Number(trade.post_fee))
  // On Douyin, Kuaishou, JD, Xiaohongshu and WooCommerce a remark does not move the time of change, so it may come with a later one.
  if (!['doudian', 'kuaishou', 'jd', 'xiaohongshu', 'woocommerce'].includes(platform)) {
    note.same('memo', tid, book.memo, trade.seller_memo)
    note.same('flag', tid, book.flag, trade.flag)
  }
  note.same('message', tid, book.message, trade.buyer_message)
  note.same('cash on delivery', tid, isCod(book), trade.cod)
  note.same('final payment open', tid, isFinalUnpaid(book), trade.final_unpaid)
  // Douyin and Xiaohongshu show no hold of a trade that is closed.
  if (!isOver(platform, book)) note.same('held by the platform', tid, isHeld(book), trade.holds.length > 0)
  note.holds('region', tid, isRegion(platform, book, trade.region), trade.region)
  note.same(
    'lines',
    tid,
    book.lines.map((line) => lineOf(platform, book, line)),
    trade.lines.map(ourLine),
  )
  note.same(
    'payment is lines and freight',
    tid,
    Number(trade.payment),
    sum(trade.lines.map((line) => line.paymentFen)) + Number(trade.post_fee),
  )
  checkState(note, books, book, trade)
}

function checkState(note: Notebook, books: ShopBooks, book: TradeBook, trade: OurTrade): void {
  const { platform } = books
  const { tid } = book
  const refunds = book.refunds.flatMap((id) => books.refunds.get(id) ?? [])
  const stopping = refunds.filter((refund) => stopsGoods(platform, refund))
  note.same('open refunds', tid, stopping.length, trade.open_refunds)
  if (trade.state === 'converted') {
    note.holds(
      'a converted trade names its order',
      tid,
      trade.order_id !== null && trade.order_no !== '',
      trade,
    )
    return
  }
  note.same('an unconverted trade names no order', tid, null, trade.order_id)
  note.same('state', tid, isOver(platform, book) ? 'processed' : 'staged', trade.state)
  if (trade.state === 'staged') note.same('reason', tid, whyNot(platform, book, refunds), trade.reason)
}

function lineOf(platform: string, book: TradeBook, line: TradeBook['lines'][number]) {
  return {
    oid: lineNo(platform, book, line),
    status: lineStatus(platform, book, line),
    refund: lineRefund(platform, book, line),
    item: line.numIid,
    sku: line.skuId,
    outer: line.outerSkuId || line.outerIid,
    quantity: line.num,
    price: line.price,
    payment: lineMoney(platform, book, line),
  }
}

function ourLine(line: OurLine) {
  return {
    oid: line.oid,
    status: line.status,
    refund: line.refund,
    item: line.itemId,
    sku: line.skuId === '0' ? '' : line.skuId,
    outer: line.outerSkuId || line.outerItemId,
    quantity: line.quantity,
    price: line.priceFen,
    payment: line.paymentFen,
  }
}

/** Our region is shortened ("浙江 杭州 余杭"): each of its words begins a word of the platform's region. */
function isRegion(platform: string, book: TradeBook, region: string): boolean {
  const { state, city, ...more } = book.receiver
  // WooCommerce and Shopify have no field for the district.
  const district = ['woocommerce', 'shopify'].includes(platform) ? '' : more.district
  const words = region.split(' ').filter(Boolean)
  const wanted = [state, city || district, district].filter(Boolean)
  return words.length === wanted.length && words.every((word, at) => wanted[at]?.startsWith(word))
}
