import { changeMemo } from '../world/change.ts'
import { disturb } from '../world/life.ts'
import type { Trade } from '../world/model.ts'
import { filteredBetween } from '../world/modified-log.ts'
import { hash32 } from '../world/random.ts'
import { recordActivity } from '../world/world.ts'
import {
  askedDeal,
  badParameter,
  type PaipaiCall,
  type PaipaiError,
  type PaipaiMethod,
  pageOf,
  refused,
  spanOf,
  textOf,
} from './call.ts'
import { dealDetail, dealRow, dealState, LABELS, STATES } from './deal-json.ts'

const DAY = 86_400
/** Deals that are older are asked for by historyDeal=1. */
const THREE_MONTHS = 92 * DAY
const MOST = 20

/**
 * deal/sellerSearchDealList: by the time of creation, payment or change, newest first unless orderDesc is 0; without timeType in no order.
 */
export const sellerSearchDealList: PaipaiMethod = (call) => {
  const page = pageOf(call, MOST)
  if ('errorCode' in page) return page
  const found = dealsOf(call)
  if (!Array.isArray(found)) return found
  const url = call.sandbox.world.url
  const withItems = !['', '0'].includes(textOf(call, 'listItem'))
  return {
    pageIndex: page.index,
    pageTotal: Math.ceil(found.length / page.size),
    countTotal: found.length,
    dealList: found.slice(page.skip, page.skip + page.size).map((trade) => dealRow(trade, url, withItems)),
  }
}

function dealsOf(call: PaipaiCall): Trade[] | PaipaiError {
  const { shop, now } = call
  const keep = filterOf(call)
  if (typeof keep !== 'function') return keep
  const timeType = textOf(call, 'timeType')
  if (timeType === '')
    return [...shop.trades.values()].filter(keep).sort((one, other) => hash32(one.tid) - hash32(other.tid))
  const time = TIMES[timeType]
  if (time === undefined) return badParameter('timeType')
  const span = spanOf(call)
  if ('errorCode' in span) return span
  const key = `pp|${textOf(call, 'dealState')}|${textOf(call, 'historyDeal')}|${textOf(call, 'dealCode')}|${textOf(call, 'dealType')}|${Math.floor(now / DAY)}`
  const found =
    timeType === 'UPDATE'
      ? filteredBetween(shop.tradeLog, span, key, keep)
      : shop.byCreated
          .filter((trade) => time(trade) >= span.from && time(trade) <= span.to && keep(trade))
          .sort((one, other) => time(other) - time(one))
  return textOf(call, 'orderDesc') === '0' ? found.toReversed() : found
}

const TIMES: Readonly<Record<string, (trade: Trade) => number>> = {
  CREATE: ({ created }) => created,
  PAY: ({ paid }) => paid,
  UPDATE: ({ modified }) => modified,
}

function filterOf(call: PaipaiCall): ((trade: Trade) => boolean) | PaipaiError {
  const [state, history, type, code] = ['dealState', 'historyDeal', 'dealType', 'dealCode'].map((name) =>
    textOf(call, name),
  )
  const wanted = Object.keys(STATES).find((name) => name === state || String(STATES[name]?.[0]) === state)
  if (state !== '' && wanted === undefined) return badParameter('dealState')
  if (!['', '0', '1'].includes(history ?? '')) return badParameter('historyDeal')
  if (!['', '0', '1', '4', '8'].includes(type ?? '')) return badParameter('dealType')
  const isOther = type === '4' || type === '8'
  const young = youngOf(call)
  return (trade) =>
    !isOther &&
    young(trade) === (history !== '1') &&
    (wanted === undefined || dealState(trade) === wanted) &&
    (code === '' || trade.tid === code)
}

const youngOf =
  ({ now }: PaipaiCall) =>
  ({ created }: Trade): boolean =>
    created >= Math.floor((now - THREE_MONTHS) / DAY) * DAY

export const getDealDetail: PaipaiMethod = (call) => {
  const trade = askedDeal(call)
  if ('errorCode' in trade) return trade
  if (!['', '0', '1'].includes(textOf(call, 'historyDeal'))) return badParameter('historyDeal')
  if (youngOf(call)(trade) !== (textOf(call, 'historyDeal') !== '1')) return refused('订单不存在')
  return dealDetail(trade, call.sandbox.world.url, !['', '0'].includes(textOf(call, 'listItem')))
}

/** deal/modifySellerNote: the note and its label. A note or label that is left out is removed. */
export const modifySellerNote: PaipaiMethod = (call) => {
  const trade = askedDeal(call)
  if ('errorCode' in trade) return trade
  const note = textOf(call, 'dealNote')
  if ([...note].length > 254) return badParameter('dealNote', '长度不能超过254')
  const label = textOf(call, 'dealNoteType') || 'UN_LABEL'
  const flag = LABELS.indexOf(label)
  if (flag < 0) return badParameter('dealNoteType')
  const { world } = call.sandbox
  changeMemo(world, trade, note, flag)
  const detail = { memo: note, flag: String(flag) }
  recordActivity(world, call.shop, { action: 'memo', key: trade.tid, accepted: true, detail })
  return { dealCode: trade.tid }
}

/** Deals of the list change while a client reads its pages. */
export function disturbDeals(call: PaipaiCall, count: number): void {
  disturb(call.sandbox.world, call.shop, call.shop.byCreated.slice(-100), count)
}
