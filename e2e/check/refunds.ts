import type { RefundBook, ShopBooks } from './books.ts'
import { doubled, type Notebook } from './differences.ts'
import type { OurRefund, OurShop } from './ours.ts'
import { isJdApplication, isOpen, refundKind, refundWord } from './platform.ts'

/** Checks that every refund of the platform is stored once, with the platform's present values and its trade. */
export function checkRefunds(note: Notebook, books: ShopBooks, ours: OurShop): void {
  const parked = new Set(ours.parked.filter((item) => item.kind === 'refund').map((item) => item.platform_id))
  const staged = new Map(ours.refunds.map((refund) => [refund.refund_no, refund]))
  note.same('a refund is staged once', '', [], doubled(ours.refunds.map((refund) => refund.refund_no)))
  for (const { refund_no } of ours.refunds)
    note.holds('a staged refund exists on the platform', refund_no, books.refunds.has(refund_no), refund_no)
  for (const [id, book] of books.refunds) {
    const refund = staged.get(id)
    note.holds('a sound refund is not parked', id, !parked.has(id), 'parked')
    if (refund) checkRefund(note, { books, ours }, book, refund)
    else note.holds('a refund is with us', id, false, null)
  }
}

function checkRefund(
  note: Notebook,
  { books, ours }: { books: ShopBooks; ours: OurShop },
  book: RefundBook,
  refund: OurRefund,
): void {
  const id = book.refundId
  const isApplication = isJdApplication(books.platform, book)
  const isOfOrder = books.platform === 'pinduoduo' || isApplication
  // On Shopify an amount without pieces is of no line.
  const isOfNoLine = books.platform === 'shopify' && book.num === 0
  // Only TOP has versions, phases and deadlines of its own: others say when a refund changed, and of what kind it is.
  const top = books.platform === 'taobao' || books.platform === 'tmall'
  // A return of Shopify has no time of its own.
  if (books.platform !== 'shopify') note.same('refund modified', id, book.modified, refund.modified)
  note.same('refund status', id, refundWord(books.platform, book), refund.status)
  note.same('refund kind', id, refundKind(books.platform, book), refund.kind)
  note.same('refund amount', id, book.fee, Number(refund.amount))
  // Kuaishou and JD name the pieces in the order only, and a hostile order cannot be read. The refund then has an unclear value.
  const namedInOrder = books.platform === 'kuaishou' || isApplication
  if (!namedInOrder || !books.trades.get(book.tid)?.hostile)
    note.same('refund quantity', id, book.num, refund.quantity)
  note.same('refund trade', id, book.tid, refund.tid)
  // Xiaohongshu names a SKU, and the order says whose line it is.
  if (books.platform !== 'xiaohongshu' || !books.trades.get(book.tid)?.hostile)
    note.same('refund line', id, isOfOrder || isOfNoLine ? '' : book.oid, refund.oid)
  note.same('refund detail is here', id, false, refund.detail_missing)
  if (top) {
    note.same('refund version', id, String(book.version), refund.version)
    note.same('refund phase', id, book.phase, refund.phase)
    // A decided refund needs no deadline.
    note.same(
      'refund deadline',
      id,
      isOpen(book) && book.deadline > 0 ? book.deadline : null,
      refund.deadline,
    )
  }
  const hostile = books.trades.get(book.tid)?.hostile
  if (refund.state === 'staged' && !hostile) note.same('refund reason', id, '', refund.reason)
  const trade = ours.trades.find((one) => one.tid === book.tid)
  if (refund.state === 'converted' && trade?.state === 'converted')
    note.same('a converted refund points to the order', id, trade.order_id, refund.order_id)
  if (refund.state === 'refusing')
    note.holds(
      'a refusal came to an end',
      id,
      ours.actions.some((action) => isUnclear(action, refund.id)),
      refund.state,
    )
}

/** True if an action's outcome is unclear, so that its refund stays where it is. */
const isUnclear = (action: OurShop['actions'][number], refundId: string) =>
  action.subject_id === refundId && action.state === 'unknown'
