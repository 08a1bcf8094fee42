import { PlatformError } from '../../lib/platform-error.ts'
import { dayMs } from '../../lib/time.ts'
import type { BadItem, Call, ListedRefund, RefundItem } from '../connector.ts'
import { fieldsAt, isFields, longest, rawOf, textAt } from '../fields.ts'
import { type ChainAt, type ChainedPage, type Window, windowTooWide } from '../lists.ts'
import type { Params } from './client.ts'
import { instantOrMoment } from './fields.ts'
import { refundPages, spanOf } from './lists.ts'
import { applicationPage, parseRefund } from './refunds.ts'
import { changedServices, paidServices, type RowsOfPage, serviceItem } from './services.ts'
import { unanswered, withdrawn } from './statuses.ts'
import { paidAgainMs } from './unverified.ts'

/**
 * The list of applications filters by the time at which the buyer applied and by that of its answer, and by no time of change. An application that was
 * taken back, or changed before its answer, has neither in the window, so those of the last days are read with each window.
 */
const earlierMs = 10 * dayMs

type Span = { from: string; to: string }
type Spans = { span: Span; earlier: Span; tenDays: Span }
/** A list of one kind of refund. `ofWindow` undefined: it reaches further back than the window, which a shorter window does not shorten. */
type Source = {
  isDue: (window: Window) => boolean
  read: (call: Call, spans: Spans, page: { page: number; size: number }) => Promise<RowsOfPage>
  itemOf: (row: unknown) => RefundItem
  /** True for a row that another list has, or that nothing happened to within the window. */
  isElsewhere: (row: unknown, window: Window, span: Span) => boolean
  ofWindow?: true
}

const always = () => true

const applications = (
  filter: (spans: Spans) => Params,
  more: Pick<Source, 'isElsewhere' | 'ofWindow'>,
): Source => ({
  isDue: always,
  read: (call, spans, page) => applicationPage(call, filter(spans), page),
  itemOf: applicationItem,
  ...more,
})

const services = (filter: (span: Span) => Params, isElsewhere: Source['isElsewhere']): Source => ({
  isDue: always,
  read: (call, { span }, page) => changedServices(call, filter(span), page),
  itemOf: serviceItem,
  isElsewhere,
  ofWindow: true,
})

/** A chain reads all of them, page by page. A row that one of them has is left out of the others. */
const sources: readonly Source[] = [
  applications(({ span }) => ({ applyTimeStart: span.from, applyTimeEnd: span.to }), {
    isElsewhere: () => false,
    ofWindow: true,
  }),
  applications(({ span }) => ({ checkTimeStart: span.from, checkTimeEnd: span.to }), {
    isElsewhere: (row, _window, span) => isApplied(row, span),
    ofWindow: true,
  }),
  applications(
    ({ span, earlier }) => ({ status: withdrawn, applyTimeStart: earlier.from, applyTimeEnd: span.to }),
    { isElsewhere: (row, _window, span) => isApplied(row, span) },
  ),
  // A row whose change has no time would be asked for again with each window. Its next answer shows it.
  applications(
    ({ span, earlier }) => ({ status: unanswered, applyTimeStart: earlier.from, applyTimeEnd: span.to }),
    { isElsewhere: (row, window, span) => isApplied(row, span) || !isWithin(row, ['modified'], window) },
  ),
  services(
    ({ from, to }) => ({ updateTimeBegin: from, updateTimeEnd: to }),
    () => false,
  ),
  // A parcel that the buyer enters changes neither the version of a service order nor its time.
  services(
    ({ from, to }) => ({ freightUpdateDateBegin: from, freightUpdateDateEnd: to }),
    (row, window) => isWithin(row, ['updateDate', 'updateTime'], window),
  ),
  // Money that goes back after the end of a service order may change nothing of the order.
  {
    isDue: ({ from, to }) => hourOf(from) !== hourOf(to),
    read: (call, { tenDays }, page) =>
      paidServices(call, { approveTimeBegin: tenDays.from, approveTimeEnd: tenDays.to }, page),
    itemOf: (row) => serviceItem(isFields(row) ? fieldsAt(row, 'sameOrderServiceBill') : {}),
    isElsewhere: (row, { from, to }) =>
      !isWithin(row, ['completeTime'], { from: new Date(from.getTime() - paidAgainMs), to }),
  },
]

const hourOf = (at: Date): number => Math.floor(at.getTime() / paidAgainMs)

/** A page joins the pages with its number, of each list that has one. The next page is named by its number and the lists that have it. */
export async function listChanged(
  call: Call,
  window: Window,
  { after, size }: ChainAt,
): Promise<ChainedPage<RefundItem>> {
  const span = spanOf(call, window)
  const earlier = spanOf(call, { ...window, from: new Date(window.from.getTime() - earlierMs) })
  // The list of money takes ten days of answers at most.
  const tenDays = spanOf(call, { ...window, from: new Date(window.to.getTime() - earlierMs) })
  if (!span || !earlier || !tenDays) return { items: [], next: null }
  const [page = 1, ...asked] = after === null ? [1, ...dueIn(window)] : after.split(' ').map(Number)
  const items: RefundItem[] = []
  const longer: number[] = []
  for (const place of asked) {
    const source = sources[place]
    if (!source) continue
    const { rows, total } = await source.read(call, { span, earlier, tenDays }, { page, size })
    items.push(...rows.filter((row) => !source.isElsewhere(row, window, span)).map(source.itemOf))
    if (page * size < total) longer.push(place)
  }
  if (page < refundPages) return { items, next: longer.length > 0 ? [page + 1, ...longer].join(' ') : null }
  if (longer.some((place) => sources[place]?.ofWindow))
    throw new PlatformError('rejected', windowTooWide, 'The window has more rows than the pages reach.')
  return { items, next: null }
}

const dueIn = (window: Window): number[] =>
  sources.flatMap(({ isDue }, place) => (isDue(window) ? [place] : []))

/** Times of one form are compared as texts. */
function isApplied(row: unknown, { from, to }: Span): boolean {
  const at = isFields(row) ? textAt(row, 'applyTime', longest.word) : ''
  return at >= from && at <= to
}

function isWithin(row: unknown, keys: readonly string[], { from, to }: Window): boolean {
  if (!isFields(row)) return false
  const at = keys.map((key) => instantOrMoment(row, key)).find((time) => time !== null)
  return at !== undefined && at !== null && at >= from && at <= to
}

function applicationItem(value: unknown): ListedRefund | BadItem {
  const raw = rawOf(value)
  return { ...parseRefund(isFields(value) ? value : {}), raw }
}
